using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Contacts;

/// <summary>A person customer is its own first contact (CUS-3): an existing one that was chosen, or one made with it; and a contact of the company that employs it.</summary>
internal sealed class PersonContacts(IDb db, IScope scope, IDocuments<Contact> contacts, ContactTies ties)
{
    public const string SamePerson = "same-person";
    private const string Why = "persons and their own contacts are kept together, whoever may see them";

    /// <summary>A contact is one customer's own person; where one of that name is there already, it is offered instead of doubling it.</summary>
    public async Task Check(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Now.Nature != Customer.Person && c.Now.PersonContactId is not null)) c.Refuse("personContactId", "只有个人客户才有本人联系人。");
        var persons = changes.Where(c => c.Now.Nature == Customer.Person && c.Errors.Count == 0).ToList();
        if (persons.Count == 0) return;
        var own = persons.Select(c => c.Now.PersonContactId).OfType<long>().Distinct().ToList();
        var taken = (await db.Query<Taken>($"""
            select c.id, c.name, c.person_contact_id from customers.customer c
            where {db.Dialect.In(Sql.Trusted("c.person_contact_id"), own)} and c.deleted_at is null and {scope.All("customer", Why)}
            """, ct)).ToLookup(t => t.PersonContactId);
        foreach (var c in persons.Where(c => c.Now.PersonContactId is { } contact && taken[contact].Any(t => t.Id != c.Now.Id)))
            c.Refuse("personContactId", $"这位联系人已是个人客户“{taken[c.Now.PersonContactId!.Value].First().Name}”本人。");
        await MayBe([.. persons.Where(c => c.Kind == ChangeKind.Create && !c.Undone && c.Now.PersonContactId is not null)], ct);
        var open = persons.Where(c => c.Kind == ChangeKind.Create && c.Now.PersonContactId is null).ToList();
        if (open.Count == 0) return;
        var namesakes = (await db.Query<Namesake>($"""
            select k.id, k.name, k.mobile, k.phone, k.mark, k.post, e.name as employer from customers.contact k left join customers.customer e on e.id = k.employer_id
            where {db.Dialect.In(Sql.Trusted("k.name"), [.. open.Select(c => c.Now.Name).Distinct()])} and k.deleted_at is null and {scope.Of("contact", "k")} and {scope.All("customer", Why)}
                and not exists (select 1 from customers.customer p where p.person_contact_id = k.id and p.deleted_at is null)
            """, ct)).ToLookup(n => n.Name);
        foreach (var c in open)
        {
            var same = namesakes[c.Now.Name].ToList();
            // Nobody is asked in an import: only the number tells that it is the same person.
            if (c.Imported) c.Now.PersonContactId = same.FirstOrDefault(n => c.Now.Phone is { } phone && (n.Mobile == Sdk.Text.Phone.Normalize(phone) || n.Phone == phone))?.Id;
            else if (same.Count > 0)
                c.Warn(SamePerson, "personContactId", $"联系人库中已有 {same.Count} 位“{c.Now.Name}”。如是同一人，请在“本人联系人”中选择；确认不是同一人，则另建一位联系人。",
                    [.. same.Take(10).Select(n => string.Join("，", new[] { n.Mark is null ? n.Name : $"{n.Name}（{n.Mark}）", n.Employer, n.Post }.Where(t => !string.IsNullOrEmpty(t))))]);
        }
    }

    /// <summary>Whoever owns the customer owns the person: a contact that is only for reading is not one's to make a customer of.</summary>
    private async Task MayBe(IReadOnlyList<Change<Customer>> chosen, CancellationToken ct)
    {
        if (chosen.Count == 0) return;
        var mine = (await db.Query<long>($"select k.id from customers.contact k where {db.Dialect.In(Sql.Trusted("k.id"), [.. chosen.Select(c => c.Now.PersonContactId!.Value).Distinct()])} and {scope.ToChange("contact", "k")}", ct)).ToHashSet();
        foreach (var c in chosen.Where(c => !mine.Contains(c.Now.PersonContactId!.Value))) c.Refuse("personContactId", "这位联系人只与您共享阅读，不能作为您的个人客户本人。");
    }

    /// <summary>After person customers were made: each has its own contact, tied to it.</summary>
    public async Task Keep(IReadOnlyList<Customer> created, CancellationToken ct)
    {
        if (created.Count == 0) return;
        var made = new List<(Customer Customer, Contact Contact)>();
        foreach (var customer in created.Where(c => c.PersonContactId is null)) made.Add((customer, await Person(customer, ct)));
        // Not as someone's own entry: whose the customer is, by rule or by choice, the person is, too.
        if (made.Count > 0) await contacts.Keep([.. made.Select(m => m.Contact)], Why, ct);
        foreach (var (customer, contact) in made)
        {
            customer.PersonContactId = contact.Id;
            await db.Execute($"update customers.customer set person_contact_id = {contact.Id} where id = {customer.Id} and {scope.All("customer", "just created here")}", ct);
        }
        await ties.Tie([.. created.Select(c => (c.Id, c.PersonContactId!.Value))], ct);
        await Employ(created, ct);
    }

    /// <summary>A person customer whose employer is a company customer is one of that company's contacts.</summary>
    public async Task Employ(IReadOnlyList<Customer> persons, CancellationToken ct)
    {
        var employed = persons.Where(p => p is { ParentId: not null, PersonContactId: not null }).ToList();
        if (employed.Count == 0) return;
        var companies = (await db.Query<long>($"""
            select c.id from customers.customer c where {db.Dialect.In(Sql.Trusted("c.id"), [.. employed.Select(p => p.ParentId!.Value).Distinct()])} and c.nature = {Customer.Company} and {scope.All("customer", Why)}
            """, ct)).ToHashSet();
        employed.RemoveAll(p => !companies.Contains(p.ParentId!.Value));
        if (employed.Count == 0) return;
        await ties.Tie([.. employed.Select(p => (p.ParentId!.Value, p.PersonContactId!.Value))], ct);
        var unemployed = await db.Query<long>($"select k.id from customers.contact k where {db.Dialect.In(Sql.Trusted("k.id"), [.. employed.Select(p => p.PersonContactId!.Value)])} and k.employer_id is null and k.deleted_at is null and {scope.All("contact", Why)}", ct);
        foreach (var group in employed.Where(p => unemployed.Contains(p.PersonContactId!.Value)).DistinctBy(p => p.PersonContactId).GroupBy(p => p.ParentId!.Value))
        {
            var people = new List<Contact>();
            foreach (var person in group)
                if (await contacts.FindAny(person.PersonContactId!.Value, Why, ct) is { } contact) people.Add(contact);
            await WorkAt(group.Key, people, ct);
        }
    }

    /// <summary>Gives people their employer as the consequence of an act that was allowed: nobody is asked, so those of one name get a mark that tells them apart.</summary>
    public async Task WorkAt(long employer, IReadOnlyList<Contact> people, CancellationToken ct)
    {
        if (people.Count == 0) return;
        var there = (await db.Query<Named>($"""
            select k.name, k.mark from customers.contact k
            where k.employer_id = {employer} and {db.Dialect.In(Sql.Trusted("k.name"), [.. people.Select(p => p.Name).Distinct()])} and k.deleted_at is null and {scope.All("contact", Why)}
            """, ct)).ToHashSet();
        foreach (var person in people)
        {
            person.EmployerId = employer;
            if (!there.Add(new(person.Name, person.Mark))) person.Mark = person.Number.Length > 20 ? person.Number[^20..] : person.Number;
        }
        await contacts.Keep(people, Why, ct);
    }

    private async Task<Contact> Person(Customer customer, CancellationToken ct) => new()
    {
        Name = customer.Name.Length > 40 ? customer.Name[..40] : customer.Name,
        Mobile = Sdk.Text.Phone.IsMobile(customer.Phone ?? "") ? Sdk.Text.Phone.Normalize(customer.Phone!) : null,
        Phone = Sdk.Text.Phone.IsMobile(customer.Phone ?? "") ? null : customer.Phone,
        Email = customer.Email,
        OwnerId = customer.OwnerId,
        DepartmentId = customer.DepartmentId,
        Mark = await db.First<long>($"select count(*) from customers.contact k where k.name = {customer.Name} and k.deleted_at is null and {scope.All("contact", "a mark tells people of one name apart")}", ct) > 0 ? customer.Number : null,
    };

    private sealed record Named(string Name, string? Mark);

    private sealed record Taken(long Id, string Name, long PersonContactId);

    private sealed record Namesake(long Id, string Name, string? Mobile, string? Phone, string? Mark, string? Post, string? Employer);
}
