using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>The page that says who sees a record works it out in memory; the lists ask the database. Both must say the same of every user and every record (SEC-7).</summary>
public class WhoSeesARecord
{
    private static readonly string[] Types = ["customer", "contact"];

    [Theory, OnEveryEngine, Trait("req", "SEC-7"), Trait("req", "SEC-2")]
    public async Task What_is_said_of_a_record_is_what_each_users_lists_show(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var random = new Random(20261125);
        var departments = new List<long> { crm.HeadDepartment };
        for (var i = 0; i < 6; i++) departments.Add(await crm.Department("部门", departments[random.Next(departments.Count)]));
        var people = new List<Employee> { crm.Admin };
        foreach (var kind in Enum.GetValues<ScopeKind>())
        {
            string[] rights = kind == ScopeKind.Own ? [.. Employee.Sales.Where(p => !p.StartsWith("customers.contacts", StringComparison.Ordinal))] : Employee.Sales;
            var role = await crm.Role(rights, kind, kind == ScopeKind.ChosenDepartments ? [departments[2], departments[4]] : null);
            for (var i = 0; i < 3; i++) people.Add(await crm.Hire(departments[random.Next(departments.Count)], role, i == 0 ? null : people[random.Next(people.Count)].Id));
        }
        // Two roles add up; a grant of one's own counts, too; no role at all; a manager of a department.
        (await crm.Admin.Post($"/api/settings/users/{people[3].Id}/roles", new { roleIds = (await Roles(crm, people[3])).Concat(await Roles(crm, people[9])), grants = new[] { new { type = "contact", kind = "All", departments = Array.Empty<long>() } } })).Ok();
        people.Add(await crm.Hire(departments[1], null));
        (await crm.Admin.Patch($"/api/settings/departments/{departments[3]}", new { managerId = people[5].Id, version = 1 })).Ok();

        var records = new List<(string Type, long Id)>();
        foreach (var owner in people)
        {
            var customer = await crm.Admin.Customer(Crm.Name("可见"), new { ownerId = owner.Id });
            records.Add(("customer", customer));
            // Owned by someone else, opened to who owns the customer.
            records.Add(("contact", await crm.Admin.Contact(Crm.Name("联系人"), new { employerId = customer, ownerId = people[random.Next(people.Count)].Id })));
        }
        records.Add(("contact", await crm.Admin.Contact(Crm.Name("无主"), new { ownerId = people[2].Id })));
        await Share(crm, records[4].Id, new AccessGrant(records[4].Id, records[0].Id, people[^1].Id, null), new AccessGrant(records[4].Id, records[0].Id, null, departments[1]),
            new AccessGrant(records[4].Id, records[0].Id, people[1].Id, null, DateTime.UtcNow.AddDays(-1)));

        var wrong = new List<string>();
        var seen = new Dictionary<(string, long), HashSet<long>>();
        foreach (var person in people)
            foreach (var type in Types)
                foreach (var id in await Shown(crm, person, type))
                    (seen.TryGetValue((type, id), out var who) ? who : seen[(type, id)] = []).Add(person.Id);
        foreach (var (type, id) in records)
        {
            var said = (await crm.Send(crm.Admin, new WhoSees(type, id))).Viewers;
            var really = seen.GetValueOrDefault((type, id)) ?? [];
            foreach (var person in people)
            {
                var viewer = said.FirstOrDefault(v => v.UserId == person.Id);
                if (viewer is not null != really.Contains(person.Id)) wrong.Add($"{type} {id}, {person.Name}: said {viewer?.Grants[0] ?? "no"}, shown {really.Contains(person.Id)}");
                if ((await crm.Send(crm.Admin, new WhyOfRecord(type, id, person.Id))).Sees != really.Contains(person.Id)) wrong.Add($"{type} {id}, {person.Name}: the answer to one is another");
            }
        }
        Assert.Empty(wrong);
        // It is worth something only where some see and some don't.
        Assert.Contains(seen.Values, s => s.Count < people.Count / 2);
        Assert.Contains(seen.Values, s => s.Count > people.Count / 2);
    }

    private static async Task<IEnumerable<long>> Roles(Crm crm, Employee person) =>
        (await crm.Admin.Get($"/api/settings/users/{person.Id}/roles")).Ok().Json.GetProperty("roleIds").EnumerateArray().Select(r => r.GetInt64()).ToList();

    private static async Task<IEnumerable<long>> Shown(Crm crm, Employee person, string type)
    {
        try
        {
            return (await crm.Send(person, new ListDocuments(type, new ListRequest { Take = 500 }))).Rows.Select(r => r.Id);
        }
        catch (NotAllowed)
        {
            return [];
        }
    }

    /// <summary>Opens a customer, as a share of it does.</summary>
    private static async Task Share(Crm crm, long customer, params AccessGrant[] grants)
    {
        await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope();
        scope.Resolve<Caller>().ActAsSystem("test");
        await scope.Resolve<Db>().Unit(async () =>
        {
            await scope.Resolve<IAccess>().Replace("customer", "share", [customer], grants);
            return 0;
        });
    }
}
