using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>The lists a sales person works from (CUS-14), right in scope for whoever opens them.</summary>
public class WorkLists
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "CUS-14")]
    public async Task Key_customers_are_marked_by_their_owner_and_by_nobody_else(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("销售");
        var role = await crm.Role([.. Employee.Sales, "customers.customers.assign"], ScopeKind.OwnAndSubordinates);
        var boss = await crm.Hire(department, role);
        var li = await crm.Hire(department, role, boss.Id);
        var (one, two) = (await li.Customer(Crm.Name("重点")), await li.Customer(Crm.Name("平常")));
        var marked = (await li.Post($"{Customers}/key", new { ids = new[] { one } })).Ok().Json;
        Assert.Equal(1, marked.GetProperty("done").GetInt32());
        Assert.Equal([one], await li.List($"{Customers}?view=key"));
        Assert.Equal([one, two], (await li.List($"{Customers}?view=mine")).Order());
        Assert.Equal(1, (await li.Get($"{Customers}/count?view=key")).Ok().Json.GetProperty("count").GetInt64());
        // The superior sees it and doesn't decide it.
        Assert.Contains("只能把自己的客户", (await boss.Post($"{Customers}/key", new { ids = new[] { two } })).Ok().Text);
        Assert.Empty(await boss.List($"{Customers}?view=key"));
        Assert.Equal([one, two], (await boss.List($"{Customers}?view=subordinates")).Order());
        Assert.Empty(await li.List($"{Customers}?view=subordinates"));
        // Another owner decides anew.
        (await li.Patch($"{Customers}/{one}", new { ownerId = boss.Id, version = 2 })).Ok();
        Assert.Empty(await boss.List($"{Customers}?view=key"));
        (await li.Post($"{Customers}/unkey", new { ids = new[] { two } })).Ok();
        (await li.Post($"{Customers}/key", new { ids = Array.Empty<long>() })).Refused(400);
        (await li.Get($"{Customers}?view=none")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-14")]
    public async Task Watched_are_open_customers_and_those_of_subordinates_by_as_many_as_like(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("关注");
        var all = await crm.Role(Employee.Sales, ScopeKind.All);
        var (boss, head) = (await crm.Hire(department, all), await crm.Hire(department, all));
        var li = await crm.Hire(department, await crm.Role(Employee.Sales), boss.Id);
        var (own, open, foreign) = (await li.Customer(Crm.Name("下属的")), await crm.Admin.Customer(Crm.Name("开放的"), new { ownerId = (long?)null }), await crm.Admin.Customer(Crm.Name("别人的")));
        // However many clicks arrive at once, it is watched once.
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => boss.Post($"{Customers}/watch", new { ids = new[] { own, open, foreign } })))) answer.Ok();
        Assert.Equal([own, open], (await boss.List($"{Customers}?view=watched")).Order());
        Assert.Contains("只能关注开放的客户和下属的客户", (await boss.Post($"{Customers}/watch", new { ids = new[] { foreign } })).Ok().Text);
        Assert.Contains("不需要关注", (await li.Post($"{Customers}/watch", new { ids = new[] { own } })).Ok().Text);
        (await head.Post($"{Customers}/watch", new { ids = new[] { open } })).Ok();
        Assert.Equal([open], await head.List($"{Customers}?view=watched"));
        // What a subordinate watches is seen by who sees it at all.
        var top = await crm.Hire(department, all);
        var now = (await crm.Admin.Get($"/api/settings/users/{boss.Id}")).Ok().Json;
        (await crm.Admin.Patch($"/api/settings/users/{boss.Id}", new { superiorId = top.Id, version = now.GetProperty("version").GetInt64() })).Ok();
        Assert.Equal([own, open], (await top.List($"{Customers}?view=subwatched")).Order());
        (await boss.Post($"{Customers}/unwatch", new { ids = new[] { own, foreign } })).Ok();
        Assert.Equal([open], await boss.List($"{Customers}?view=watched"));
        Assert.Equal(2, (await boss.Get($"{Customers}/export?format=csv&view=watched")).Ok().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        (await li.Post($"{Customers}/watch", new { ids = new[] { foreign } })).Ok();
        Assert.Empty(await li.List($"{Customers}?view=watched"));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-14"), Trait("req", "CUS-9")]
    public async Task A_sales_person_watches_what_is_open_and_what_falls_free_stays_watched(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("关注公海");
        string[] rights = [.. Owners.Seller, "customers.customers.unmask"];
        var boss = await crm.Hire(department, await crm.Role(rights, ScopeKind.OwnAndSubordinates));
        var li = await crm.Hire(department, await crm.Role(rights), boss.Id);
        var pool = await crm.Pool([boss, li]);
        var (open, hidden, own) = (await crm.Open(pool), await crm.Open(await crm.Pool([])), await li.Customer(Crm.Name("下属的"), new { phone = "0755-26888888", email = "info@own.cn" }));
        Assert.Contains("不存在", (await li.Post($"{Customers}/watch", new { ids = new[] { open, hidden } })).Ok().Text);
        Assert.Equal([open], await li.List($"{Customers}?view=watched"));
        Assert.Equal([open], await boss.List($"{Customers}?view=subwatched"));
        Assert.Equal(1, (await li.Get($"{Customers}/count?view=watched")).Ok().Json.GetProperty("count").GetInt64());
        (await boss.Post($"{Customers}/watch", new { ids = new[] { own } })).Ok();
        (await li.Post($"{Customers}/release", new { ids = new[] { own }, reason = "暂无需求", poolId = pool })).Ok();
        Assert.Equal([own], await boss.List($"{Customers}?view=watched"));
        // Seen masked, and carried off by nobody.
        var seen = (await boss.Get($"{Customers}?view=watched&columns=name,phone,email")).Ok().Text;
        Assert.DoesNotContain("26888888", seen);
        Assert.DoesNotContain("info@own.cn", seen);
        Assert.DoesNotContain("info@own.cn", (await boss.Get($"{Customers}/{own}")).Ok().Text);
        Assert.Single((await boss.Get($"{Customers}/export?format=csv&view=watched&unmask=true")).Ok().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-14"), Trait("req", "DOC-14")]
    public async Task A_mark_leaves_an_approved_customer_approved_and_is_taken_back(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Employee.Sales, "customers.customers.assign"]);
        var (plain, approved) = (await li.Customer(Crm.Name("平常")), await li.Customer(Crm.Name("已审核")));
        var db = crm.Db;
        await db.Unit(() => db.Execute($"update customers.customer set approval = {ApprovalState.Approved} where id = {approved} and {Owners.Guard}"));
        var marked = (await li.Post($"{Customers}/key", new { ids = new[] { plain, approved } })).Ok().Json;
        Assert.Equal((2, 0), (marked.GetProperty("done").GetInt32(), marked.GetProperty("problems").GetArrayLength()));
        Assert.Equal("approved", (await li.View("customers", approved)).GetProperty("approval").GetString());
        Assert.Equal(2, (await li.List($"{Customers}?view=key")).Count);
        Assert.Equal(2, (await li.Post($"/api/platform/operations/{marked.GetProperty("operationId").GetInt64()}/undo", new { })).Ok().Json.GetProperty("done").GetInt32());
        Assert.Empty(await li.List($"{Customers}?view=key"));
        Assert.Equal("approved", (await li.View("customers", approved)).GetProperty("approval").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-14")]
    public async Task Competitors_have_a_list_of_their_own(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var rival = await li.Customer(Crm.Name("对手"), new { customerType = "competitor" });
        await li.Customer(Crm.Name("客户"));
        Assert.Equal([rival], await li.List($"{Customers}?view=competitors"));
    }
}
