using System.Collections.Concurrent;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Who sees which customers (SEC-2), held on every way to a row.</summary>
public class Scopes
{
    private const string Customers = "/api/customers/customers";
    private static readonly string[] Rights = [.. Employee.Sales, "customers.customers.batch", "customers.customers.restore"];
    private static readonly ConcurrentDictionary<string, Lazy<Task<Firm>>> Firms = new();

    /// <summary>The viewer's scope, and whose customers it opens.</summary>
    public static readonly (ScopeKind Kind, string Sees)[] Kinds =
    [
        (ScopeKind.None, ""),
        (ScopeKind.Own, "viewer"),
        (ScopeKind.OwnAndSubordinates, "viewer subordinate belowSubordinate"),
        (ScopeKind.Department, "viewer colleague"),
        (ScopeKind.DepartmentAndBelow, "viewer colleague below"),
        (ScopeKind.ChosenDepartments, "viewer chosen"),
        (ScopeKind.All, "viewer subordinate belowSubordinate colleague below chosen stranger"),
    ];

    public static TheoryData<string, ScopeKind> Cases
    {
        get
        {
            var cases = new TheoryData<string, ScopeKind>();
            foreach (var engine in Engines.All.Where(Engines.IsThere))
                foreach (var (kind, _) in Kinds) cases.Add(engine, kind);
            return cases;
        }
    }

    /// <summary>People around a viewer, each with a customer and a name that finds all of these and no others.</summary>
    private sealed record Firm(Crm Crm, string Token, long Department, long Chosen, Dictionary<string, Employee> People, Dictionary<string, long> Owned)
    {
        public static async Task<Firm> Found(string engine)
        {
            var crm = await Crm.Shared(engine);
            var (department, elsewhere, chosen) = (await crm.Department("本部"), await crm.Department("别处"), await crm.Department("指定"));
            var below = await crm.Department("下级", department);
            var role = await crm.Role(Rights);
            var people = new Dictionary<string, Employee> { ["viewer"] = await crm.Hire(department, null) };
            people["subordinate"] = await crm.Hire(elsewhere, role, people["viewer"].Id);
            people["belowSubordinate"] = await crm.Hire(elsewhere, role, people["subordinate"].Id);
            people["colleague"] = await crm.Hire(department, role);
            people["below"] = await crm.Hire(below, role);
            people["chosen"] = await crm.Hire(chosen, role);
            people["stranger"] = await crm.Hire(elsewhere, role);
            var token = Crm.Name("范围");
            var owned = new Dictionary<string, long>();
            foreach (var (who, person) in people) owned[who] = await crm.Admin.Customer($"{who} {token}", new { ownerId = person.Id, phone = "0755-8888000" + owned.Count });
            return new(crm, token, department, chosen, people, owned);
        }

        /// <summary>A viewer of that scope, in the same place.</summary>
        public async Task<(Employee Viewer, HashSet<long> Seen)> View(ScopeKind kind)
        {
            var viewer = await Crm.Hire(Department, await Crm.Role(Rights, kind, kind == ScopeKind.ChosenDepartments ? [Chosen] : null));
            var own = await Crm.Admin.Customer($"viewer {Token}", new { ownerId = viewer.Id });
            foreach (var who in new[] { "subordinate" })
            {
                var now = (await Crm.Admin.Get($"/api/settings/users/{People[who].Id}")).Ok().Json;
                (await Crm.Admin.Patch($"/api/settings/users/{People[who].Id}", new { superiorId = viewer.Id, version = now.GetProperty("version").GetInt64() })).Ok();
            }
            var sees = Kinds.Single(k => k.Kind == kind).Sees.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var seen = sees.Where(s => s != "viewer").Select(s => Owned[s]).ToHashSet();
            if (sees.Contains("viewer")) seen.Add(own);
            // The former viewers are colleagues of this one; their rows are seen by department and by all.
            if (kind is ScopeKind.Department or ScopeKind.DepartmentAndBelow or ScopeKind.All)
                seen.UnionWith(await Crm.Admin.List($"{Customers}?name.startsWith=viewer&name.contains={Uri.EscapeDataString(Token)}"));
            return (viewer, seen);
        }
    }

    // One firm an engine; the cases run one after the other within this class, so that superiors don't change under them.
    private static Task<Firm> FirmOn(string engine) => Firms.GetOrAdd(engine, e => new(() => Firm.Found(e))).Value;

    [Theory, MemberData(nameof(Cases)), Trait("req", "SEC-2"), Trait("req", "SEC-3"), Trait("req", "SET-3")]
    public async Task The_scope_holds_on_every_way_to_a_row(string engine, ScopeKind kind)
    {
        var firm = await FirmOn(engine);
        var (viewer, seen) = await firm.View(kind);
        var token = Uri.EscapeDataString(firm.Token);
        var everything = (await firm.Crm.Admin.List($"{Customers}?name.contains={token}")).ToHashSet();
        var hidden = everything.Except(seen).ToList();

        Assert.Equal(seen, (await viewer.List($"{Customers}?name.contains={token}&take=2")).ToHashSet());
        Assert.Equal(seen, (await viewer.List($"{Customers}?text={token}")).ToHashSet());
        Assert.Equal(seen, (await viewer.List($"{Customers}?name.contains={token}&sort=name&take=3")).ToHashSet());
        Assert.Equal(seen.Count, (await viewer.Get($"{Customers}/count?name.contains={token}")).Ok().Json.GetProperty("count").GetInt64());
        Assert.Equal(seen.Count, (await viewer.Get($"{Customers}/count?text={token}")).Ok().Json.GetProperty("count").GetInt64());
        Assert.Equal(seen, Ids((await viewer.Get($"{Customers}/choices?text={token}")).Ok().Json));
        Assert.Equal(seen, Ids((await viewer.Get($"/api/platform/search?text={token}&take=50")).Ok().Json));
        foreach (var id in seen)
        {
            (await viewer.Get($"{Customers}/{id}")).Ok();
            (await viewer.Get($"{Customers}/{id}/history")).Ok();
        }
        foreach (var id in hidden)
        {
            (await viewer.Get($"{Customers}/{id}")).Refused(404);
            (await viewer.Get($"{Customers}/{id}/history")).Refused(404);
            (await viewer.Patch($"{Customers}/{id}", new { address = "别人的", version = 1 })).Refused(404);
            (await viewer.Delete($"{Customers}/{id}")).Refused(404);
        }
        var batch = (await viewer.Post(Customers + "/change", new { ids = everything, values = new { level = "C" } })).Ok().Json;
        Assert.Equal(seen.Count, batch.GetProperty("done").GetInt32());
        Assert.Equal(hidden.ToHashSet(), Ids(batch.GetProperty("problems")));
        Assert.All(batch.GetProperty("problems").EnumerateArray(), p => Assert.DoesNotContain(firm.Token, p.GetRawText()));
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task A_hidden_customer_cannot_be_chosen_as_parent_or_employer(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var hidden = await crm.Admin.Customer(Crm.Name("看不见"));
        (await li.Post(Customers, new { name = Crm.Name("下级"), parentId = hidden })).Refused(400);
        (await li.Post("/api/customers/contacts", new { name = Crm.Name("张三"), employerId = hidden })).Refused(400);
        var own = await li.Contact(Crm.Name("李四"));
        (await li.Post($"/api/customers/customers/{hidden}/contacts/{own}/tie", new { })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task The_recycle_bin_shows_only_the_users_own_rows(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (mine, other) = (await li.Customer(Crm.Name("回收")), await crm.Admin.Customer(Crm.Name("回收")));
        (await crm.Admin.Post(Customers + "/delete", new { ids = new[] { mine, other } })).Ok();
        Assert.Equal([mine], await li.List(Customers + "?bin=true"));
        (await li.Get($"{Customers}/{other}")).Refused(404);
        var restored = (await li.Post(Customers + "/restore", new { ids = new[] { mine, other } })).Ok().Json;
        Assert.Equal(1, restored.GetProperty("done").GetInt32());
        (await crm.Admin.Post(Customers + "/restore", new { ids = new[] { other } })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task Who_owns_a_customer_sees_its_contacts_and_who_sees_only_own_rows_does_not(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("同部门");
        var role = await crm.Role(Employee.Sales);
        var (owner, colleague) = (await crm.Hire(department, role), await crm.Hire(department, role));
        var customer = await owner.Customer(Crm.Name("有联系人"));
        var contact = await crm.Admin.Contact(Crm.Name("联系"), new { employerId = customer });
        Assert.Equal([contact], await owner.List($"/api/customers/contacts?tiedTo={customer}&tiedBy=contacts"));
        (await owner.Get($"/api/customers/contacts/{contact}")).Ok();
        (await colleague.Get($"/api/customers/contacts/{contact}")).Refused(404);
        Assert.Empty(await colleague.List("/api/customers/contacts"));
    }

    private static HashSet<long> Ids(JsonElement rows) => [.. rows.EnumerateArray().Select(r => r.GetProperty("id").GetInt64())];
}
