using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Nothing is lost and nothing is made twice, however many save at once.</summary>
public class Saving
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "DOC-1")]
    public async Task Fifty_people_creating_at_once_get_fifty_different_numbers(string engine)
    {
        var crm = await Crm.Shared(engine);
        var made = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => crm.Admin.Post(Customers, new { name = Crm.Name($"并发编号{i}"), confirmed = new[] { "duplicate" } })));
        Assert.Equal(50, made.Select(m => m.Is(201).Json.GetProperty("number").GetString()).Distinct().Count());
        Assert.Equal(50, made.Select(m => m.Json.GetProperty("id").GetInt64()).Distinct().Count());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-1")]
    public async Task A_number_once_given_is_not_given_again_after_the_row_is_purged(string engine)
    {
        var crm = await Crm.Shared(engine);
        var first = (await crm.Admin.Post(Customers, new { name = Crm.Name("编号") })).Is(201).Json;
        var ids = new { ids = new[] { first.GetProperty("id").GetInt64() } };
        (await crm.Admin.Post(Customers + "/delete", ids)).Ok();
        (await crm.Admin.Post(Customers + "/purge", ids)).Ok();
        var second = (await crm.Admin.Post(Customers, new { name = Crm.Name("编号") })).Is(201).Json;
        Assert.NotEqual(first.GetProperty("number").GetString(), second.GetProperty("number").GetString());
        Assert.NotEqual(first.GetProperty("id").GetInt64(), second.GetProperty("id").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-2"), Trait("req", "UI-13")]
    public async Task A_stale_save_is_refused_and_shows_what_stands_now_and_who_changed_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales, ScopeKind.All);
        var id = await crm.Admin.Customer(Crm.Name("版本"));
        (await li.Patch($"{Customers}/{id}", new { address = "李的地址" }, ("If-Match", "\"1\""))).Ok();
        var late = (await crm.Admin.Patch($"{Customers}/{id}", new { address = "管理员的地址" }, ("If-Match", "\"1\""))).Refused(412);
        Assert.Equal(2, late.Json.GetProperty("currentVersion").GetInt64());
        Assert.Equal(li.Name, late.Json.GetProperty("changedBy").GetString());
        Assert.Equal("李的地址", late.Json.GetProperty("current").GetProperty("address").GetString());
        Assert.Equal("李的地址", (await crm.Admin.View("customers", id)).GetProperty("address").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-2")]
    public async Task Of_twenty_who_save_the_same_version_at_once_one_wins_and_the_others_are_told(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("同时保存"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => crm.Admin.Patch($"{Customers}/{id}", new { address = $"地址{i}", version = 1 })));
        Assert.Single(answers, a => (int)a.Status == 200);
        Assert.All(answers.Where(a => (int)a.Status != 200), a => a.Refused(409));
        Assert.Equal(2, (await crm.Admin.View("customers", id)).GetProperty("version").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-2")]
    public async Task A_change_without_a_version_is_refused(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("无版本"));
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "x" })).Refused(400);
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "x", version = 0 })).Refused(400);
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "x" }, ("If-Match", "\"0\""))).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task A_double_click_makes_one_customer(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("双击");
        var key = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => crm.Admin.Post(Customers, new { name, confirmed = new[] { "duplicate" } }, ("Idempotency-Key", key))));
        Assert.Single(answers.Select(a => a.Is(201).Json.GetProperty("id").GetInt64()).Distinct());
        Assert.Single(await crm.Admin.List($"{Customers}?name={Uri.EscapeDataString(name)}"));
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task The_same_key_of_another_user_is_another_creation(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var key = Guid.NewGuid().ToString();
        var mine = (await crm.Admin.Post(Customers, new { name = Crm.Name("键") }, ("Idempotency-Key", key))).Is(201).Json.GetProperty("id").GetInt64();
        var his = (await li.Post(Customers, new { name = Crm.Name("键") }, ("Idempotency-Key", key))).Is(201).Json.GetProperty("id").GetInt64();
        Assert.NotEqual(mine, his);
    }

    [Theory, OnEveryEngine, Trait("req", "UI-13")]
    public async Task Wrong_input_is_told_at_its_field_in_the_users_words(string engine)
    {
        var crm = await Crm.Shared(engine);
        var answer = (await crm.Admin.Post(Customers, new { name = new string('长', 400), email = "不是邮箱", level = "没有", phone = "abc", parentId = 999_999_999_999L, website = "http://" })).Refused(400);
        var fields = answer.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { "name", "email", "level", "phone", "parentId", "website" }, fields);
        (await crm.Admin.Post(Customers, new { name = "" })).Refused(400);
        (await crm.Admin.Post(Customers, new { name = "甲", nichtDa = "x" })).Refused(400);
        (await crm.Admin.Post(Customers, "{\"name\": {\"a\": 1}}")).Refused(400);
        (await crm.Admin.Post(Customers, "[1,2]")).Refused(400);
        (await crm.Admin.Post(Customers, "{kaputt")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-2")]
    public async Task System_fields_cannot_be_written_by_a_user(string engine)
    {
        var crm = await Crm.Shared(engine);
        foreach (var (field, value) in new (string, object)[] { ("number", "KH1"), ("createdAt", "2020-01-01"), ("createdBy", 1), ("departmentId", 1), ("updatedAt", "2020-01-01"), ("initials", "x"), ("nameKey", "x") })
            (await crm.Admin.Post(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("系统字段"), [field] = value })).Refused(400);
    }
}
