using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Settings;

/// <summary>Dictionaries, organization, and who may hand out what.</summary>
public class BaseData
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "SEC-8")]
    public async Task Whoever_may_choose_some_entries_only_cannot_choose_others(string engine)
    {
        var crm = await Crm.Shared(engine);
        var role = await crm.Role(Employee.Sales, ScopeKind.Own, entries: new Dictionary<string, string[]> { ["customer.level"] = ["A"] });
        var li = await crm.Hire(await crm.Department("部"), role);
        await li.Customer(Crm.Name("级别"), new { level = "A" });
        (await li.Post(Customers, new { name = Crm.Name("级别"), level = "B" })).Refused(400);
        await li.Customer(Crm.Name("级别"), new { level = (string?)null });
    }

    [Theory, OnEveryEngine, Trait("req", "SET-4")]
    public async Task A_disabled_entry_cannot_be_chosen_any_more_but_old_records_keep_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var label = Crm.Name("来源");
        var code = (await crm.Admin.Post("/api/settings/dictionaries/customer.source/entries", new { label, disabled = false })).Ok().Text.Trim('"');
        var id = await crm.Admin.Customer(Crm.Name("旧来源"), new { source = code });
        (await crm.Admin.Post("/api/settings/dictionaries/customer.source/entries", new { code, label, disabled = true })).Ok();
        Assert.Contains("停用", (await crm.Admin.Post(Customers, new { name = Crm.Name("新来源"), source = code })).Refused(400).Detail);
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "改了别的", version = 1 })).Ok();
        Assert.Equal(code, (await crm.Admin.View("customers", id)).GetProperty("source").GetString());
        Assert.Contains(id, await crm.Admin.List($"{Customers}?source={code}"));
    }

    [Theory, OnEveryEngine, Trait("req", "SET-2")]
    public async Task Nobody_hands_out_rights_that_are_not_their_own(string engine)
    {
        var crm = await Crm.Shared(engine);
        var clerk = await crm.Hire(["settings.roles.read", "settings.roles.update", "settings.users.read", "settings.users.roles", "settings.users.accounts"], ScopeKind.All);
        var (weak, strong) = (await crm.Role([]), await crm.Role(["customers.customers.purge"]));
        var grants = Array.Empty<object>();
        (await clerk.Post($"/api/settings/roles/{weak}/rights", new { permissions = new[] { "*" }, grants })).Refused(422);
        (await clerk.Post($"/api/settings/roles/{weak}/rights", new { permissions = new[] { "customers.customers.purge" }, grants })).Refused(422);
        (await clerk.Post($"/api/settings/users/{clerk.Id}/roles", new { roleIds = new[] { strong } })).Refused(422);
        (await clerk.Post($"/api/settings/users/{crm.Admin.Id}/password", new { password = "Uebernahme-1" })).Refused(422);
        (await clerk.Post($"/api/settings/roles/{weak}/rights", new { permissions = new[] { "settings.roles.read" }, grants })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task Nobody_widens_the_own_data_scope(string engine)
    {
        var crm = await Crm.Shared(engine);
        var role = await crm.Role([.. Employee.Sales, "settings.roles.read", "settings.roles.update", "settings.users.read", "settings.users.roles"]);
        var clerk = await crm.Hire(await crm.Department("部"), role);
        var grants = new[] { new { type = "*", kind = (int)ScopeKind.All, departments = Array.Empty<long>() } };
        var hidden = await crm.Admin.Customer(Crm.Name("看不见"));
        await clerk.Post($"/api/settings/users/{clerk.Id}/roles", new { roleIds = new[] { role }, grants });
        await clerk.Post($"/api/settings/roles/{role}/rights", new { permissions = Employee.Sales.Append("settings.roles.update"), grants });
        (await (await crm.As(clerk.Id, clerk.Login, clerk.Name)).Get($"{Customers}/{hidden}")).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-1")]
    public async Task The_tree_of_departments_stays_a_tree_and_departments_in_use_stay(string engine)
    {
        var crm = await Crm.Shared(engine);
        var top = await crm.Department("上");
        var below = await crm.Department("下", top);
        await crm.Hire(below, null);
        (await crm.Admin.Patch($"/api/settings/departments/{top}", new { parentId = below, version = 1 })).Refused(400);
        (await crm.Admin.Patch($"/api/settings/departments/{top}", new { parentId = top, version = 1 })).Refused(400);
        (await crm.Admin.Delete($"/api/settings/departments/{top}")).Refused(422);
        (await crm.Admin.Delete($"/api/settings/departments/{below}")).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-1")]
    public async Task Of_twenty_who_create_the_same_login_at_once_one_gets_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var login = Crm.Name("dup");
        var tries = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => crm.Admin.Post("/api/settings/users", new { name = $"张{i}", login, homeId = crm.HeadDepartment })));
        Assert.Single(tries, t => (int)t.Status == 201);
        Assert.All(tries.Where(t => (int)t.Status != 201), t => t.Refused((int)t.Status == 409 ? 409 : 400));
    }

    [Theory, OnEveryEngine, Trait("req", "SET-1")]
    public async Task The_last_administrator_cannot_lock_everyone_out(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var me = (await crm.Admin.Get($"/api/settings/users/{crm.Admin.Id}")).Ok().Json;
        (await crm.Admin.Patch($"/api/settings/users/{crm.Admin.Id}", new { status = "disabled", version = me.GetProperty("version").GetInt64() })).Refused(400);
        (await crm.Admin.Delete($"/api/settings/users/{crm.Admin.Id}")).Refused(422);
        (await crm.Admin.Post($"/api/settings/users/{crm.Admin.Id}/roles", new { roleIds = Array.Empty<long>() })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-5")]
    public async Task Customers_are_numbered_by_the_rule_the_administrator_sets(string engine)
    {
        await using var crm = await Crm.Start(engine, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 12, 31, 16, 30, 0, TimeSpan.Zero)));
        (await crm.Admin.Post("/api/settings/numbering/customer", new { prefix = "C-", datePart = "year", digits = 4, reset = "year" })).Ok();
        // Half past midnight of New Year in Shanghai.
        Assert.Equal("C-20270001", (await crm.Admin.Post(Customers, new { name = "新年一号" })).Is(201).Json.GetProperty("number").GetString());
        Assert.Equal("C-20270002", (await crm.Admin.Post(Customers, new { name = "新年二号" })).Is(201).Json.GetProperty("number").GetString());
        (await crm.Admin.Post("/api/settings/numbering/customer", new { prefix = "C';drop", datePart = "year", digits = 4, reset = "year" })).Refused(400);
    }
}
