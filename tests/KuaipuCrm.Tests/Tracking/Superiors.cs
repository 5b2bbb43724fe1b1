using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Tracking.Seller;

namespace KuaipuCrm.Tests.Tracking;

/// <summary>Superiors read what their people did, and say something to it.</summary>
public class Superiors
{
    [Theory, OnEveryEngine, Trait("req", "TRK-6")]
    public async Task A_comment_on_a_record_reaches_the_writer_and_both_find_it_again(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (department, role) = (await crm.Department(Crm.Name("点评部")), await crm.Role(Rights, ScopeKind.OwnAndSubordinates));
        var boss = await crm.Hire(department, role);
        var manager = await crm.Hire(department, role, boss.Id);
        var li = await crm.Hire(department, role, manager.Id);
        var colleague = await crm.Hire(department, role, manager.Id);
        var customer = await li.Customer(Crm.Name("点评客户"));
        var record = await li.Contacted(customer);
        await li.Contacted(customer, at: DateTime.UtcNow.AddDays(-40));
        (await manager.Post($"{Records}/{record}/comments", new { text = "价格再谈谈" })).Ok();
        (await boss.Post($"{Records}/{record}/comments", new { text = "我来约他们老总" })).Ok();
        (await manager.Post($"/api/customers/customers/{customer}/comments", new { text = "客户资料补全" })).Ok();
        var taken = (await boss.Post($"{Records}/{record}/comments", new { text = "写错了" })).Ok().Json.GetProperty("id").GetInt64();
        (await boss.Delete($"{Records}/{record}/comments/{taken}")).Ok();
        // What the writer says is no comment of a superior.
        (await li.Post($"{Records}/{record}/comments", new { text = "好的" })).Ok();
        Assert.Contains("价格再谈谈", (await li.Get("/api/platform/messages")).Ok().Text);
        async Task<string[]> Box(Employee who, string query) => [.. (await who.Get($"/api/platform/comments?{query}")).Ok().Json.EnumerateArray().Select(c => c.GetProperty("text").GetString()!)];
        Assert.Equal(["客户资料补全", "我来约他们老总", "价格再谈谈"], await Box(li, ""));
        Assert.Equal(["我来约他们老总", "价格再谈谈"], await Box(li, "type=contactrecord"));
        Assert.Equal(["客户资料补全", "价格再谈谈"], await Box(manager, "given=true"));
        Assert.Equal(["我来约他们老总"], await Box(boss, "given=true&take=1"));
        Assert.Empty(await Box(colleague, ""));
        Assert.Empty(await Box(li, "given=true"));
        // By person and period, down the line.
        var team = (await boss.Get("/api/tracking/team")).Ok().Json.EnumerateArray().ToList();
        var mine = team.Single(m => m.GetProperty("userId").GetInt64() == li.Id);
        Assert.Equal((1, 1), (mine.GetProperty("records").GetInt32(), mine.GetProperty("customers").GetInt32()));
        var day = DateTime.UtcNow.AddHours(8).AddDays(-60).ToString("yyyy-MM-dd");
        Assert.Equal(2, (await boss.Get($"/api/tracking/team?from={day}&to={DateTime.UtcNow.AddHours(8):yyyy-MM-dd}")).Ok().Json.EnumerateArray().Single(m => m.GetProperty("userId").GetInt64() == li.Id).GetProperty("records").GetInt32());
        // Handed over, the records are the heir's; who made the contacts stays.
        var heir = await crm.Hire(department, role, manager.Id);
        (await crm.Admin.Post($"/api/settings/users/{li.Id}/hand-over", new { heirs = new Dictionary<string, long[]> { ["contactrecord"] = [heir.Id] }, reason = "离职", disable = false })).Ok();
        var then = (await boss.Get($"/api/tracking/team?from={day}&to={DateTime.UtcNow.AddHours(8):yyyy-MM-dd}")).Ok().Json.EnumerateArray().ToDictionary(m => m.GetProperty("userId").GetInt64(), m => m.GetProperty("records").GetInt32());
        Assert.Equal((2, 0), (then[li.Id], then[heir.Id]));
        Assert.Equal(2, (await boss.List($"{Records}?byId={li.Id}")).Count);
        (await crm.Admin.Post($"/api/settings/users/{heir.Id}/hand-over", new { heirs = new Dictionary<string, long[]> { ["contactrecord"] = [li.Id] }, reason = "回来", disable = false })).Ok();
        Assert.DoesNotContain((await colleague.Get("/api/tracking/team")).Ok().Json.EnumerateArray(), m => m.GetProperty("userId").GetInt64() == li.Id);
        // A record that is gone takes its comments out of the boxes.
        (await li.Delete($"{Records}/{record}")).Ok();
        Assert.Equal(["客户资料补全"], await Box(li, ""));
    }
}
