using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>What each person expects to sign, month by month (职员商机预测, OPP-10).</summary>
public class Forecasting
{
    [Theory, OnEveryEngine, Trait("req", "OPP-10"), Trait("req", "SEC-2")]
    public async Task Each_number_of_the_forecast_is_the_sum_of_its_rows_under_every_scope(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("销售部");
        var below = await crm.Department("一组", below: department);
        var (own, team, all) = (await crm.Role(Rights), await crm.Role(Rights, ScopeKind.DepartmentAndBelow), await crm.Role(Rights, ScopeKind.All));
        var (li, wu, boss, chief) = (await crm.Hire(below, own), await crm.Hire(below, own), await crm.Hire(department, team), await crm.Hire(crm.HeadDepartment, all));
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        var month = new DateOnly(today.Year, today.Month, 1);
        var random = new Random(11);
        foreach (var who in new[] { li, wu, boss })
        {
            foreach (var sign in new DateOnly?[] { today, today.AddDays(-40), today.AddDays(-1), month.AddMonths(1), month.AddMonths(2).AddDays(-1), month.AddMonths(2).AddDays(9), month.AddMonths(5), null })
                await who.Deal(random.Next(1, 500) * 1.25m, sign is { } d ? Iso(d) : null, kind: random.Next(3) == 0 ? "bid" : "ordinary");
            var (won, lost, rests) = (await who.Deal(77m, Iso(month.AddMonths(1))), await who.Deal(88m, Iso(month.AddMonths(1))), await who.Deal(99m, Iso(month.AddMonths(1))));
            (await who.Post($"{All}/{won}/win", new { amount = 70.5m })).Ok();
            (await who.Post($"{All}/{lost}/lose", new { reason = "price" })).Ok();
            (await who.Post($"{All}/{rests}/pause", new { reason = "budget", wakeOn = "2099-01-01" })).Ok();
            await who.Deal(55m, Iso(month.AddMonths(1)), running: false);
        }
        foreach (var who in new[] { li, wu, boss, chief })
            foreach (var (query, filter) in new[] { ("", ""), ("&kind=bid", "&kind=bid"), ($"&departmentId={department}", $"&departmentId.in={department},{below}"), ($"&ownerId={li.Id}", $"&ownerId={li.Id}") })
            {
                // Who sees all sees other tests at work, too.
                if (who == chief && !query.Contains("Id=")) continue;
                var view = (await who.Get($"/api/opportunities/forecast?from={Iso(month)}&months=3{query}")).Ok().Json;
                Assert.Equal([Iso(month), Iso(month.AddMonths(1)), Iso(month.AddMonths(2))], view.GetProperty("months").EnumerateArray().Select(m => m.GetString()));
                foreach (var row in view.GetProperty("people").EnumerateArray().Append(view.GetProperty("total")))
                {
                    var of = row.GetProperty("ownerId").ValueKind == JsonValueKind.Number ? $"&ownerId={row.Text("ownerId")}" : "";
                    if (of.Length > 0 && filter.Contains("ownerId")) of = "";
                    async Task Same(JsonElement said, string rows) => Assert.Equal(await Sum(who, $"{rows}{filter}{of}"), (said.GetProperty("count").GetInt32(), said.GetProperty("amount").GetDecimal(), said.GetProperty("weighted").GetDecimal()));
                    await Same(row.GetProperty("overdue"), $"status=running&signDate.to={Iso(today.AddDays(-1))}");
                    await Same(row.GetProperty("undated"), "status=running&signDate.empty=true");
                    foreach (var (m, i) in row.GetProperty("months").EnumerateArray().Select((m, i) => (m, i)))
                    {
                        var (begin, end) = (month.AddMonths(i), month.AddMonths(i + 1).AddDays(-1));
                        await Same(m.GetProperty("expected"), $"status=running&signDate.from={Iso(begin > today ? begin : today)}&signDate.to={Iso(end)}");
                        await Same(m.GetProperty("won"), $"status=won&closedAt.from={Iso(begin)}&closedAt.to={Iso(end)}");
                    }
                }
            }
        var mine = (await li.Get("/api/opportunities/forecast")).Ok().Json;
        Assert.Equal([li.Id], mine.GetProperty("people").EnumerateArray().Select(p => p.GetProperty("ownerId").GetInt64()));
        Assert.Equal((2, 1, 1), (Count(mine.GetProperty("total").GetProperty("overdue")), Count(mine.GetProperty("total").GetProperty("undated")), Count(mine.GetProperty("total").GetProperty("months")[0].GetProperty("won"))));
        // A month that is gone expects nothing any more; what was won in it stands there.
        var past = (await li.Get($"/api/opportunities/forecast?from={Iso(month.AddMonths(-2))}&months=1")).Ok().Json.GetProperty("total").GetProperty("months")[0];
        Assert.Equal((0, 0), (Count(past.GetProperty("expected")), Count(past.GetProperty("won"))));
        foreach (var bad in new[] { "kind=nichts", "from=9999-12-01" }) (await li.Get($"/api/opportunities/forecast?{bad}")).Refused(400);
        (await (await crm.Hire(Employee.Sales)).Get("/api/opportunities/forecast")).Refused(403);
    }

    private static int Count(JsonElement sum) => sum.GetProperty("count").GetInt32();

    private static async Task<(int, decimal, decimal)> Sum(Employee who, string query)
    {
        var rows = (await who.Get($"{All}?{query}&columns=amount,weighted&take=500")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        decimal Of(string field) => rows.Sum(r => r.GetProperty(field) is { ValueKind: JsonValueKind.Number } n ? n.GetDecimal() : 0);
        return (rows.Count, Of("amount"), Of("weighted"));
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
