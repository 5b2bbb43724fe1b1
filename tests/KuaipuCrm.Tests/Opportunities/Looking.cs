using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>The board and the funnel show what the lists show, to everyone what is theirs.</summary>
public class Looking
{
    [Theory, OnEveryEngine, Trait("req", "OPP-9"), Trait("req", "OPP-10"), Trait("req", "SEC-2")]
    public async Task Board_and_funnel_count_and_sum_the_rows_behind_them_under_every_scope(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("销售部");
        var (own, team, all) = (await crm.Role(Rights, ScopeKind.Own), await crm.Role(Rights, ScopeKind.DepartmentAndBelow), await crm.Role(Rights, ScopeKind.All));
        var below = await crm.Department("销售一组", below: department);
        var (li, wu, boss, chief) = (await crm.Hire(below, own), await crm.Hire(below, own), await crm.Hire(department, team), await crm.Hire(crm.HeadDepartment, all));
        var stages = await li.StagesOf();
        foreach (var (who, steps) in new[] { (li, 0), (li, 1), (li, 2), (wu, 2), (wu, 3), (chief, 1) })
        {
            var id = await who.Deal(1000.05m * (steps + 1), "2099-01-15");
            for (var i = 1; i <= steps; i++) (await who.Advance(id, stages[i].Id)).Ok();
        }
        var (won, back, resting) = (await li.Deal(500m), await li.Deal(70m), await wu.Deal(9m));
        (await li.Post($"{All}/{won}/win", new { })).Ok();
        (await li.Advance(back, stages[2].Id)).Ok();
        (await li.Advance(back, stages[0].Id)).Ok();
        (await wu.Post($"{All}/{resting}/pause", new { reason = "budget", wakeOn = "2030-01-01" })).Ok();
        await li.Deal(123m, running: false);
        foreach (var who in new[] { li, wu, boss, chief })
            foreach (var (query, filter) in new[] { ("", ""), ($"&departmentId={department}", $"&departmentId.in={department},{below}"), ($"&ownerId={li.Id}", $"&ownerId={li.Id}"), ("&from=2099-01-01&to=2099-01-31&by=sign", "&signDate.from=2099-01-01&signDate.to=2099-01-31") })
            {
                // Who sees all sees other tests at work, too.
                if (who == chief && !query.Contains("Id=")) continue;
                var funnel = (await who.Get($"/api/opportunities/funnel?kind=ordinary{query}")).Ok().Json;
                var rows = await Rows(who, $"{All}?kind=ordinary&status=running{filter}&columns=stageId,amount,weighted&take=500");
                foreach (var s in funnel.GetProperty("stages").EnumerateArray())
                {
                    var behind = rows.Where(r => r.Text("stageId") == s.Text("stageId")).ToList();
                    Assert.Equal((behind.Count, behind.Sum(r => Money(r, "amount")), behind.Sum(r => Money(r, "weighted"))), (s.GetProperty("count").GetInt32(), Money(s, "amount"), Money(s, "weighted")));
                }
                Assert.Equal(rows.Count, funnel.GetProperty("count").GetInt32());
                var counted = await Rows(who, $"{All}?kind=ordinary{filter}&columns=status&take=500");
                Assert.Equal((counted.Count(r => r.Text("status") == "won"), counted.Count(r => r.Text("status") == "paused"), counted.Count(r => r.Text("status") != "draft")), (funnel.GetProperty("won").GetInt32(), funnel.GetProperty("paused").GetInt32(), funnel.GetProperty("reached").GetInt32()));
                if (query.Contains("from")) continue;
                foreach (var c in (await who.Get($"/api/opportunities/board?kind=ordinary&take=100{query}")).Ok().Json.EnumerateArray())
                {
                    var behind = rows.Where(r => r.Text("stageId") == c.Text("stageId")).ToList();
                    Assert.Equal((behind.Count, behind.Sum(r => Money(r, "amount"))), (c.GetProperty("count").GetInt32(), Money(c, "amount")));
                    if (behind.Count <= 100) Assert.Equal(behind.Select(r => r.GetProperty("id").GetInt64()).Order(), c.GetProperty("cards").EnumerateArray().Select(x => x.GetProperty("id").GetInt64()).Order());
                }
            }
        // What came so far: li's own — three, one of which reached the third stage and was won past all, one went back.
        var mine = (await li.Get($"/api/opportunities/funnel?ownerId={li.Id}")).Ok().Json.GetProperty("stages").EnumerateArray().ToList();
        Assert.Equal(["5", "4", "3", "1"], mine.Take(4).Select(s => s.Text("reached")));
        Assert.Equal("0.8", mine[0].Text("conversion"));
        Assert.NotEqual(JsonValueKind.Null, mine[0].GetProperty("stayDays").ValueKind);
        // As if the days expected of the stage were over: what is under way and should have moved on before today, for whom it is theirs.
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        var db = crm.Db;
        var (late, later, still) = (await li.Deal(), await li.Deal(), await li.Deal());
        Assert.Empty(await li.List($"{All}?view=overdue"));
        foreach (var (id, due) in new[] { (late, today.AddDays(-2)), (later, today.AddDays(-1)), (still, today.AddDays(1)), (won, today.AddDays(-2)), (resting, today.AddDays(-2)) })
            await db.Unit(() => db.Execute($"update opportunities.opportunity set stage_due = {due} where id = {id} and {Guard}"));
        Assert.Equal([late, later], await li.List($"{All}?view=overdue"));
        Assert.Equal([late, later], await boss.List($"{All}?view=overdue"));
        Assert.Empty(await wu.List($"{All}?view=overdue"));
        var first = (await li.Get("/api/opportunities/board?kind=ordinary&take=100")).Ok().Json.EnumerateArray().First(c => c.Text("stageId") == stages[0].Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("2", first.Text("overdue"));
        Assert.Equal([late, later], first.GetProperty("cards").EnumerateArray().Where(c => c.GetProperty("overdue").GetBoolean()).Select(c => c.GetProperty("id").GetInt64()).Order());
        // The next stage begins anew.
        (await li.Advance(late, stages[1].Id)).Ok();
        Assert.Equal([later], await li.List($"{All}?view=overdue"));
        foreach (var bad in new[] { "kind=nichts", "by=nichts", "from=2026-02-01&to=2026-01-01" }) (await li.Get($"/api/opportunities/funnel?{bad}")).Refused(400);
        (await (await crm.Hire(Employee.Sales)).Get("/api/opportunities/board")).Refused(403);
    }

    private static Sql Guard { get; } = Sql.Trusted($"{Sql.Guard}opportunity{Sql.Guard}1 = 1");

    private static decimal Money(JsonElement row, string field) => row.GetProperty(field) is { ValueKind: JsonValueKind.Number } n ? n.GetDecimal() : 0;

    private static async Task<List<JsonElement>> Rows(Employee who, string url) => [.. (await who.Get(url)).Ok().Json.GetProperty("items").EnumerateArray()];
}
