using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers.Duplicates;

/// <summary>Whom other modules have met before: customers by name and number, contacts by number and mail; a look for all probes together.</summary>
internal sealed class FindKnownHandler(IDb db, IScope scope, DuplicateFinder finder) : IQueryHandler<FindKnown, IReadOnlyList<Known>>
{
    private const string Why = "a duplicate is found whoever owns it; only name and owner are told";
    private const int Most = 5;

    public async Task<IReadOnlyList<Known>> Handle(FindKnown query, CancellationToken ct)
    {
        var probes = query.Probes.Take(1000).Select(p => (Probe: p, Customer: new Customer { Name = p.Company ?? "", NameKey = CompanyName.Normalize(p.Company ?? ""), Phone = p.Numbers.FirstOrDefault(n => !Phone.IsMobile(n)) })).ToList();
        var customers = await finder.Find([.. probes.Select(p => p.Customer)], withContactData: true, ct);
        var numbers = probes.SelectMany(p => p.Probe.Numbers).Where(n => n.Length > 0).Distinct().ToList();
        var mails = probes.Select(p => p.Probe.Email).OfType<string>().Distinct().ToList();
        var contacts = new List<Row>();
        foreach (var (column, values) in new (string, IReadOnlyCollection<string>)[] { ("k.mobile", numbers), ("k.phone", numbers), ("k.email", mails) })
            if (values.Count > 0)
                contacts.AddRange(await db.Query<Row>($"""
                    select k.id, k.name, k.mobile, k.phone, k.email, k.owner_id, k.employer_id, c.name as employer, c.owner_id as employer_owner from customers.contact k left join customers.customer c on c.id = k.employer_id and c.deleted_at is null
                    where {db.Dialect.In(Sql.Trusted(column), values)} and k.deleted_at is null and {scope.All("contact", Why)} and {scope.All("customer", Why)} order by k.id {db.Dialect.Page(5_000)}
                    """, ct));
        var (mobile, phone, mail) = (contacts.ToLookup(k => k.Mobile), contacts.ToLookup(k => k.Phone), contacts.ToLookup(k => k.Email));
        var found = new List<Known>();
        for (var i = 0; i < probes.Count; i++)
        {
            var mine = customers[probes[i].Customer].Select(d => new Known(i, d.Id, d.Name, null, null, d.Reason)).ToList();
            var seen = new HashSet<long>();
            foreach (var (rows, reason) in probes[i].Probe.Numbers.SelectMany(n => new[] { (mobile[n], "联系人手机相同"), (phone[n], "联系人电话相同") }).Append((mail[probes[i].Probe.Email ?? "\0"], "联系人邮箱相同")))
                foreach (var k in rows.Where(k => seen.Add(k.Id))) mine.Add(new(i, k.Employer is null ? null : k.EmployerId, k.Employer ?? k.Name, k.Id, k.Employer is null ? k.OwnerId : k.EmployerOwner, reason));
            found.AddRange(mine.Take(Most));
        }
        var unowned = found.Where(f => f is { ContactId: null, CustomerId: not null }).Select(f => f.CustomerId!.Value).Distinct().ToList();
        var owners = unowned.Count == 0 ? [] : (await db.Query<Owned>($"select c.id, c.owner_id from customers.customer c where {db.Dialect.In(Sql.Trusted("c.id"), unowned)} and {scope.All("customer", Why)}", ct)).ToDictionary(o => o.Id, o => o.OwnerId);
        return [.. found.Select(f => f is { ContactId: null, CustomerId: { } id } ? f with { OwnerId = owners.GetValueOrDefault(id) } : f)];
    }

    private sealed record Row(long Id, string Name, string? Mobile, string? Phone, string? Email, long? OwnerId, long? EmployerId, string? Employer, long? EmployerOwner);
    private sealed record Owned(long Id, long? OwnerId);
}
