using CsCheck;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>Customer, contact and employer hang together by themselves, whichever came first (CUS-3).</summary>
public class Network
{
    private const string Customers = "/api/customers/customers", Contacts = "/api/customers/contacts";

    [Theory, OnEveryEngine, Trait("req", "CUS-3")]
    public async Task An_existing_contact_of_that_name_is_offered_when_a_person_customer_is_made(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var name = Crm.Name("孙七");
        var company = await li.Customer(Crm.Name("公司"));
        var contact = await li.Contact(name, new { employerId = company, mark = "采购部" });
        var offered = (await li.Post(Customers, new { name, nature = "person", confirmed = new[] { "duplicate" } })).Refused(409);
        Assert.Contains("same-person", offered.Text);
        Assert.Contains("采购部", offered.Text);
        var person = await li.Customer(name, new { nature = "person", personContactId = contact });
        Assert.Equal([contact], await li.List($"{Contacts}?tiedTo={person}&tiedBy=contacts"));
        Assert.Equal(1, (await li.Get($"{Contacts}/count?name={Uri.EscapeDataString(name)}")).Ok().Json.GetProperty("count").GetInt64());
        // One person is one customer.
        (await li.Post(Customers, new { name = Crm.Name("另一位"), nature = "person", personContactId = contact, confirmed = new[] { "duplicate", "same-person" } })).Refused(400);
        (await li.Post($"{Contacts}/{contact}/make-person", new { })).Refused(422);
        (await li.Post(Customers, new { name = Crm.Name("单位"), personContactId = contact, confirmed = new[] { "duplicate" } })).Refused(400);
        // Someone else's contact of that name is none of one's business.
        var wang = await crm.Hire(Employee.Sales);
        (await wang.Post(Customers, new { name, nature = "person", confirmed = new[] { "duplicate" } })).Is(201);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-3"), Trait("req", "CUS-2")]
    public async Task A_person_of_a_common_name_gets_an_employer_and_is_told_apart_there(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var (name, company) = (Crm.Name("张伟"), await li.Customer(Crm.Name("公司")));
        var person = await li.Customer(name, new { nature = "person" });
        var own = (await li.List($"{Contacts}?tiedTo={person}&tiedBy=contacts")).Single();
        var namesake = await li.Contact(name, new { employerId = company });
        (await li.Patch($"{Customers}/{person}", new { parentId = company, version = 1 })).Ok();
        Assert.Equal(company, (await li.View("contacts", own)).GetProperty("employerId").GetInt64());
        Assert.NotEqual((await li.View("contacts", namesake)).GetProperty("mark").GetString(), (await li.View("contacts", own)).GetProperty("mark").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-3")]
    public async Task From_a_contact_come_the_person_and_the_employer_as_customers_and_nothing_twice(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var firm = Crm.Name("未入库单位") + "有限公司";
        var contact = await li.Contact(Crm.Name("周八"), new { employerName = firm, mobile = "13700137000" });
        var colleague = await li.Contact(Crm.Name("吴九"), new { employerName = firm });
        var employer = (await li.Post($"{Contacts}/{contact}/make-employer", new { })).Ok().Json.GetInt64();
        var made = await li.View("customers", employer);
        Assert.Equal((firm, "potential", "company"), (made.GetProperty("name").GetString(), made.GetProperty("status").GetString(), made.GetProperty("nature").GetString()));
        Assert.Equal(new[] { contact, colleague }.Order(), (await li.List($"{Contacts}?tiedTo={employer}&tiedBy=contacts")).Order());
        Assert.Null((await li.View("contacts", contact)).GetProperty("employerName").GetString());
        (await li.Post($"{Contacts}/{contact}/make-employer", new { })).Refused(422);
        // The same employer again is the same customer.
        var third = await li.Contact(Crm.Name("郑十"), new { employerName = firm });
        Assert.Equal(employer, (await li.Post($"{Contacts}/{third}/make-employer", new { })).Ok().Json.GetInt64());
        // A colleague's customer of that name is told of, not doubled.
        var wang = await crm.Hire(Employee.Sales);
        var theirs = await wang.Contact(Crm.Name("冯一"), new { employerName = firm });
        Assert.Contains(li.Name, (await wang.Post($"{Contacts}/{theirs}/make-employer", new { })).Refused(422).Detail);
        (await wang.Post($"{Contacts}/{theirs}/make-employer", new { anyway = true })).Ok();

        var person = (await li.Post($"{Contacts}/{contact}/make-person", new { })).Ok().Json.GetInt64();
        var view = await li.View("customers", person);
        Assert.Equal(("person", "13700137000", employer, contact), (view.GetProperty("nature").GetString(), view.GetProperty("phone").GetString(), view.GetProperty("parentId").GetInt64(), view.GetProperty("personContactId").GetInt64()));
        Assert.Equal(contact, (await li.Post($"{Customers}/{person}/make-contact", new { })).Ok().Json.GetInt64());
        (await li.Post($"{Customers}/{employer}/make-contact", new { })).Refused(422);
        (await wang.Post($"{Contacts}/{contact}/make-person", new { })).Refused(404);
        // A person belongs to the company they are a customer of, whoever employs the contact since.
        var elsewhere = await li.Customer(Crm.Name("新东家"));
        (await li.Patch($"{Contacts}/{contact}", new { employerId = elsewhere, version = (await li.View("contacts", contact)).GetProperty("version").GetInt64() })).Ok();
        (await li.Post($"{Customers}/{employer}/contacts/{contact}/untie", new { })).Refused(422);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => li.Post($"{Contacts}/{colleague}/make-person", new { })));
        Assert.Single(answers, a => (int)a.Status == 200);
    }

    /// <summary>Whatever is made, tied and changed in whichever order: the rules hold.</summary>
    [Theory, OnEveryEngine, Trait("req", "CUS-3")]
    public async Task The_network_holds_in_every_order_of_creation(string engine)
    {
        var crm = await Crm.Shared(engine);
        await Gen.Select(Gen.Int[0, 9], Gen.Int[0, 7], Gen.Int[0, 7]).Array[6, 18].SampleAsync(async steps =>
        {
            var li = await crm.Hire(Employee.Sales);
            List<long> companies = [], persons = [], contacts = [];
            long? Pick(List<long> from, int i) => from.Count == 0 ? null : from[i % from.Count];
            async Task<long> VersionOf(string type, long id) => (await li.View(type, id)).GetProperty("version").GetInt64();
            foreach (var (what, i, j) in steps)
                switch (what)
                {
                    case 0: companies.Add(await li.Customer(Crm.Name("单位"))); break;
                    case 1: contacts.Add(await li.Contact(Crm.Name("人"), new { employerId = i % 2 == 0 ? Pick(companies, j) : null, employerName = Crm.Name("外部单位") })); break;
                    case 2:
                        var made = await li.Post(Customers, new { name = Crm.Name("个人"), nature = "person", parentId = i % 2 == 0 ? Pick(companies, j) : null, personContactId = i % 3 == 0 ? Pick(contacts, j) : null, confirmed = new[] { "duplicate", "same-person" } });
                        if ((int)made.Status == 201) persons.Add(made.Json.GetProperty("id").GetInt64());
                        else made.Refused(400);
                        break;
                    case 3 when Pick(contacts, i) is { } k: (await li.Patch($"{Contacts}/{k}", new { employerId = Pick(companies, j), version = await VersionOf("contacts", k) })).Ok(); break;
                    case 4 when Pick(persons, i) is { } p: (await li.Patch($"{Customers}/{p}", new { parentId = Pick(companies, j), version = await VersionOf("customers", p) })).Ok(); break;
                    case 5 when Pick(contacts, i) is { } k:
                        var person = await li.Post($"{Contacts}/{k}/make-person", new { anyway = true });
                        if ((int)person.Status == 200) persons.Add(person.Json.GetInt64());
                        else person.Refused(422);
                        break;
                    case 6 when Pick(contacts, i) is { } k:
                        var employer = await li.Post($"{Contacts}/{k}/make-employer", new { });
                        if ((int)employer.Status == 200 && !companies.Contains(employer.Json.GetInt64())) companies.Add(employer.Json.GetInt64());
                        break;
                    case 7 when Pick(persons, i) is { } p: (await li.Post($"{Customers}/{p}/make-contact", new { })).Ok(); break;
                    case 8 when Pick(contacts, i) is { } k && Pick(companies, j) is { } c: (await li.Post($"{Customers}/{c}/contacts/{k}/tie", new { })).Ok(); break;
                    case 9 when Pick(contacts, i) is { } k && Pick(companies, j) is { } c: await li.Post($"{Customers}/{c}/contacts/{k}/untie", new { }); break;
                }
            await Holds(crm, li);
        }, iter: 12, threads: 1);
    }

    private static async Task Holds(Crm crm, Employee owner)
    {
        var (customer, contact) = (Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}1 = 1"), Sql.Trusted($"{Sql.Guard}contact{Sql.Guard}1 = 1"));
        async Task None(string what, Sql sql) => Assert.True(await crm.Db.First<long>(sql) == 0, what);
        await None("a person without its own contact", $"select count(*) from customers.customer p where p.owner_id = {owner.Id} and p.nature = 'person' and p.person_contact_id is null and {customer}");
        await None("a person not tied to its own contact", $"select count(*) from customers.customer p where p.owner_id = {owner.Id} and p.nature = 'person' and not exists (select 1 from customers.contact_tie t where t.customer_id = p.id and t.contact_id = p.person_contact_id) and {customer}");
        await None("a contact that is none of its employer's", $"select count(*) from customers.contact k where k.owner_id = {owner.Id} and k.employer_id is not null and not exists (select 1 from customers.contact_tie t where t.customer_id = k.employer_id and t.contact_id = k.id) and {contact}");
        await None("a person that is none of its employer's contacts", $"select count(*) from customers.customer p where p.owner_id = {owner.Id} and p.nature = 'person' and p.parent_id is not null and not exists (select 1 from customers.contact_tie t where t.customer_id = p.parent_id and t.contact_id = p.person_contact_id) and {customer}");
        await None("two persons of one contact", $"select count(*) from (select p.person_contact_id from customers.customer p where p.owner_id = {owner.Id} and p.person_contact_id is not null and {customer} group by p.person_contact_id having count(*) > 1) x");
        await None("an employer by name beside one by record", $"select count(*) from customers.contact k where k.owner_id = {owner.Id} and k.employer_id is not null and k.employer_name is not null and {contact}");
        await None("two contacts of one name", $"select count(*) from (select k.name from customers.contact k where k.owner_id = {owner.Id} and {contact} group by k.name having count(*) > 1) x");
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-5"), Trait("req", "CUS-18")]
    public async Task Relations_are_told_and_changed_from_both_sides_and_competitors_know_what_they_contest(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var (a, b, rival) = (await li.Customer(Crm.Name("甲方")), await li.Customer(Crm.Name("乙方")), await li.Customer(Crm.Name("对手"), new { customerType = "competitor" }));
        (await li.Post($"{Customers}/{a}/relations/{b}", new { relation = "general-contractor" })).Ok();
        var there = (await li.Get($"{Customers}/{b}/relations")).Ok().Json[0];
        Assert.Equal((a, "subcontractor", "general-contractor"), (there.GetProperty("id").GetInt64(), there.GetProperty("relation").GetString(), there.GetProperty("opposite").GetString()));
        (await li.Post($"{Customers}/{b}/relations/{a}", new { relation = "partner", opposite = "supplier", remarks = "改了" })).Ok();
        Assert.Equal("supplier", (await li.Get($"{Customers}/{a}/relations")).Ok().Json[0].GetProperty("relation").GetString());
        Assert.Contains("关联客户", (await li.Get($"{Customers}/{a}/history")).Ok().Text);
        (await li.Post($"{Customers}/{a}/relations/{rival}", new { relation = "competitor" })).Ok();
        Assert.Equal([rival], await li.List($"{Customers}?tiedTo={a}&tiedBy=competitors"));
        Assert.Equal([a], await li.List($"{Customers}?tiedTo={rival}&tiedBy=contested"));
        (await li.Post($"{Customers}/{a}/relations/{b}/remove", new { })).Ok();
        Assert.Equal(0, (await li.Get($"{Customers}/{b}/relations")).Ok().Json.GetArrayLength());
        (await li.Post($"{Customers}/{a}/relations/{a}", new { relation = "partner" })).Refused(400);
        (await li.Post($"{Customers}/{a}/relations/{b}", new { relation = "x' --" })).Refused(400);
        (await wang.Post($"{Customers}/{a}/relations/{b}", new { relation = "partner" })).Refused(404);
        (await wang.Get($"{Customers}/{a}/relations")).Refused(404);
        var foreign = await wang.Customer(Crm.Name("别人的"));
        (await li.Post($"{Customers}/{a}/relations/{foreign}", new { relation = "partner" })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-5"), Trait("req", "SEC-2")]
    public async Task The_tree_shows_what_may_be_seen_from_the_top_and_no_names_beyond(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var hidden = Crm.Name("看不到的总部");
        var top = await crm.Admin.Customer(hidden);
        var middle = await crm.Admin.Customer(Crm.Name("大区"), new { ownerId = li.Id, parentId = top });
        var low = await crm.Admin.Customer(Crm.Name("门店"), new { ownerId = li.Id, parentId = middle });
        await crm.Admin.Customer(Crm.Name("看不到的门店"), new { parentId = middle });
        var tree = (await li.Get($"{Customers}/{low}/tree")).Ok();
        Assert.DoesNotContain("看不到", tree.Text);
        Assert.Equal([(0, 0), (middle, 1), (low, 2)], tree.Json.GetProperty("lines").EnumerateArray().Select(l => (l.GetProperty("id").GetInt64(), l.GetProperty("depth").GetInt32())));
        Assert.Equal(4, (await crm.Admin.Get($"{Customers}/{low}/tree")).Ok().Json.GetProperty("lines").GetArrayLength());
        (await (await crm.Hire(Employee.Sales)).Get($"{Customers}/{low}/tree")).Refused(404);
    }
}
