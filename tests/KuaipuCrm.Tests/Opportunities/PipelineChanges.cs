using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>What changed in the pipeline between two days (OPP-12): it adds up for everyone, whatever happened in between, and past days stay what they were.</summary>
public class PipelineChanges
{
    private static readonly string[] Sales = [.. Rights, .. from right in new[] { "assign", "restore", "batch", "import" } select $"opportunities.opportunities.{right}"];

    [Theory, OnEveryEngine, Trait("req", "OPP-12"), Trait("req", "SEC-2")]
    public async Task Whatever_happens_opening_and_changes_make_the_closing_for_everyone_and_each_day_stays_what_it_was(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var department = await crm.Department("销售部");
        var (first, second) = (await crm.Department("一组", below: department), await crm.Department("二组", below: department));
        var (own, all) = (await crm.Role(Sales), await crm.Role(Sales, ScopeKind.All));
        var team = await crm.Role(Sales, ScopeKind.DepartmentAndBelow);
        var people = new[] { await crm.Hire(first, own), await crm.Hire(second, own), await crm.Hire(department, team), await crm.Hire(crm.HeadDepartment, all) };
        var chief = people[3];
        var customers = new[] { await people[0].Customer(Crm.Name("甲")), await people[1].Customer(Crm.Name("乙")) };
        var stages = await people[0].StagesOf();
        string[] cuts = ["", $"&ownerId={people[0].Id}", $"&ownerId={people[1].Id}", $"&departmentId={first}", $"&departmentId={department}", "&kind=bid"];
        var (random, deals, days) = (new Random(7), new List<long>(), new List<(DateOnly Day, Dictionary<string, (int, decimal, decimal)> Stood)>());
        for (var day = 0; day < 14; day++)
        {
            for (var i = 0; i < people.Length; i++) people[i] = await crm.As(people[i].Id, people[i].Login, people[i].Name);
            chief = people[3];
            for (var i = 0; i < 9; i++) await Act(random, people, customers, stages, deals, chief);
            var stood = new Dictionary<string, (int, decimal, decimal)>();
            foreach (var cut in cuts) stood[cut] = await Now(chief, cut.Replace($"&departmentId={department}", $"&departmentId.in={department},{first},{second}"));
            days.Add((DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), stood));
            clock.Advance(TimeSpan.FromDays(1));
        }
        for (var i = 0; i < people.Length; i++) people[i] = await crm.As(people[i].Id, people[i].Login, people[i].Name);
        chief = people[3];
        await Ledger.IsTrue(crm, deals);
        for (var i = 0; i < 8; i++)
        {
            int[] picked = [.. Enumerable.Range(0, days.Count).OrderBy(_ => random.Next()).Take(3).Order()];
            var (a, b, c) = (days[picked[0]], days[picked[1]], days[picked[2]]);
            foreach (var who in people)
                foreach (var cut in cuts)
                {
                    var (early, late) = (await Changes(who, a.Day, b.Day, cut), await Changes(who, b.Day, c.Day, cut));
                    Assert.Equal(Sum(early.GetProperty("closing")), Sum(late.GetProperty("opening")));
                    if (who.Id != chief.Id) continue;
                    // Who sees all sees the day as it was, whoever owns what by now.
                    Assert.Equal((a.Stood[cut], b.Stood[cut], c.Stood[cut]), (Sum(early.GetProperty("opening")), Sum(late.GetProperty("opening")), Sum(late.GetProperty("closing"))));
                }
        }
        // What stands today is what the list says, for everyone; the rows behind every number are as many as it says.
        foreach (var who in people)
            foreach (var cut in cuts)
            {
                var report = await Changes(who, days[4].Day, days[^1].Day.AddDays(1), cut);
                Assert.Equal(await Now(who, cut.Replace($"&departmentId={department}", $"&departmentId.in={department},{first},{second}")), Sum(report.GetProperty("closing")));
                if (who == chief || who == people[0]) await Rows(who, report, $"from={Iso(days[4].Day)}&to={Iso(days[^1].Day.AddDays(1))}{cut}");
            }
        // All parts came up on the way.
        var seen = new HashSet<string>();
        foreach (var cut in cuts)
            for (var i = 0; i + 1 < days.Count; i++)
                seen.UnionWith((await Changes(chief, days[i].Day, days[i + 1].Day, cut)).GetProperty("parts").EnumerateArray().Where(p => p.GetProperty("count").GetInt32() > 0).Select(p => p.Text("part")));
        Assert.Equal(new[] { "grew", "handed", "lost", "new", "odds", "paused", "removed", "shrank", "taken", "woken", "won" }, seen.Order());
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-12")]
    public async Task Each_change_stands_in_its_part_with_its_row_and_a_click_on_nothing_is_refused(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var (li, wu, stranger) = (await crm.Hire(Sales), await crm.Hire(Sales), await crm.Hire(Employee.Sales));
        var stages = await li.StagesOf();
        var (moved, back, grew, won, rests) = (await li.Deal(100m), await li.Deal(200m), await li.Deal(300m), await li.Deal(400m), await li.Deal(500m));
        (await li.Advance(back, stages[2].Id)).Ok();
        clock.Advance(TimeSpan.FromDays(2));
        li = await crm.As(li.Id, li.Login, li.Name);
        (await li.Advance(moved, stages[3].Id)).Ok();
        (await li.Advance(back, stages[0].Id)).Ok();
        (await li.Patch($"{All}/{grew}", new { amount = 350.5m, version = (await li.Deal(grew)).GetProperty("version").GetInt64() })).Ok();
        (await li.Post($"{All}/{won}/win", new { amount = 380m })).Ok();
        (await li.Post($"{All}/{rests}/pause", new { reason = "budget", wakeOn = "2026-06-01" })).Ok();
        // Came and was won in between: it stands in both parts, and in neither end.
        var through = await li.Deal(70m);
        (await li.Post($"{All}/{through}/win", new { })).Ok();
        var report = await Changes(li, new(2026, 5, 4), new(2026, 5, 6), "");
        var parts = report.GetProperty("parts").EnumerateArray().ToDictionary(p => p.Text("part"), p => (p.GetProperty("count").GetInt32(), p.GetProperty("amount").GetDecimal()));
        Assert.Equal(((1, 70m), (1, 50.5m), (1, -20m), (2, -450m), (1, -500m)), (parts["new"], parts["grew"], parts["shrank"], parts["won"], parts["paused"]));
        Assert.Equal(((5, 1500m), (3, 650.5m)), (Two(report.GetProperty("opening")), Two(report.GetProperty("closing"))));
        async Task<List<long>> Behind(string part) => [.. (await li.Get($"/api/opportunities/changes/rows?from=2026-05-04&to=2026-05-06&part={part}")).Ok().Json.EnumerateArray().Select(r => r.GetProperty("id").GetInt64())];
        foreach (var (part, ids) in new[] { ("forward", new[] { moved }), ("back", [back]), ("grew", [grew]), ("won", [won, through]), ("new", [through]), ("paused", [rests]), ("odds", [moved, back, rests]) })
            Assert.Equal(ids.Except(part == "odds" ? [rests] : []).Order(), (await Behind(part)).Order());
        var row = (await li.Get("/api/opportunities/changes/rows?from=2026-05-04&to=2026-05-06&part=grew")).Ok().Json[0];
        Assert.Equal((300m, 350.5m), (row.GetProperty("before").GetProperty("amount").GetDecimal(), row.GetProperty("after").GetProperty("amount").GetDecimal()));
        // Handed over and won by another: handed over by the one, taken and won by the other.
        clock.Advance(TimeSpan.FromDays(2));
        (var chief, wu) = (await crm.As(crm.Admin.Id, crm.Admin.Login, crm.Admin.Name), await crm.As(wu.Id, wu.Login, wu.Name));
        (await chief.Patch($"{All}/{moved}", new { ownerId = wu.Id, version = (await chief.Deal(moved)).GetProperty("version").GetInt64() })).Ok();
        (await wu.Post($"{All}/{moved}/win", new { })).Ok();
        async Task<string[]> Parts(Employee owner) => [.. (await Changes(chief, new(2026, 5, 6), new(2026, 5, 8), $"&ownerId={owner.Id}")).GetProperty("parts").EnumerateArray().Where(p => p.GetProperty("count").GetInt32() > 0 && p.GetProperty("sign").GetInt32() != 0).Select(p => p.Text("part"))];
        Assert.Equal(["handed"], await Parts(li));
        Assert.Equal(["taken", "won"], await Parts(wu));
        li = await crm.As(li.Id, li.Login, li.Name);
        foreach (var bad in new[] { "changes?kind=nichts", "changes?from=2026-02-02&to=2026-02-01", "changes?from=0001-01-01", "changes?to=9999-12-31", "changes/rows?part=nichts" }) (await li.Get($"/api/opportunities/{bad}")).Refused(400);
        (await (await crm.As(stranger.Id, stranger.Login, stranger.Name)).Get("/api/opportunities/changes")).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-12"), Trait("req", "DOC-14"), Trait("req", "CUS-13")]
    public async Task What_moves_deals_from_elsewhere_keeps_the_ledger_true(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire([.. Sales, "customers.customers.merge"]), await crm.Hire(Sales));
        var (stays, lost) = (await li.Customer(Crm.Name("留下")), await li.Customer(Crm.Name("并入")));
        long[] deals = [await li.Deal(10m, customer: stays), await li.Deal(20m, customer: lost), await li.Deal(30m, customer: lost, running: false)];
        // Two customers become one, and two again.
        var merged = (await li.Post($"/api/customers/customers/{stays}/merge/{lost}", new { staysVersion = 1, lostVersion = 1, fromLost = Array.Empty<string>() })).Ok().Json;
        await Ledger.IsTrue(crm, deals);
        (await li.Post($"/api/platform/operations/{merged.GetProperty("operationId").GetInt64()}/undo", new { })).Ok();
        await Ledger.IsTrue(crm, deals);
        // A customer goes with its deals; whoever leaves hands over, and that is taken back.
        (await crm.Admin.Post("/api/customers/customers/transfer", new { ids = new[] { lost }, toId = wu.Id, along = true })).Ok();
        await Events.Delivering.Until(async () => (await crm.Admin.Deal(deals[1])).Text("ownerId") == wu.Id.ToString(CultureInfo.InvariantCulture));
        await Ledger.IsTrue(crm, deals);
        var over = (await crm.Admin.Post($"/api/settings/users/{wu.Id}/hand-over", new { heirs = new Dictionary<string, long[]> { ["opportunity"] = [li.Id] }, reason = "离职", disable = false })).Ok().Json;
        Assert.Equal(li.Id.ToString(CultureInfo.InvariantCulture), (await crm.Admin.Deal(deals[1])).Text("ownerId"));
        await Ledger.IsTrue(crm, deals);
        (await crm.Admin.Post($"/api/platform/operations/{over.GetProperty("operationId").GetInt64()}/undo", new { })).Ok();
        Assert.Equal(wu.Id.ToString(CultureInfo.InvariantCulture), (await crm.Admin.Deal(deals[1])).Text("ownerId"));
        await Ledger.IsTrue(crm, deals);
    }

    private static async Task Act(Random random, Employee[] people, long[] customers, List<(long Id, string Name)> stages, List<long> deals, Employee chief)
    {
        var mine = random.Next(2);
        async Task<long> Version(long id) => (await chief.Get($"{All}/{id}")) is { } a && (int)a.Status == 200 ? a.Json.GetProperty("version").GetInt64() : 0;
        if (deals.Count < 4 || random.Next(5) == 0)
        {
            deals.Add(await people[mine].Deal(random.Next(1, 100) * 10.5m, kind: "ordinary", customer: customers[mine]));
            return;
        }
        var id = deals[random.Next(deals.Count)];
        // What can't be done in the state it is in is refused and changes nothing: that, too, must leave the ledger true.
        switch (random.Next(13))
        {
            case 0 or 1: await chief.Advance(id, stages[random.Next(stages.Count)].Id, "推进"); break;
            case 2 or 3: await chief.Patch($"{All}/{id}", new { amount = random.Next(1, 100) * 7.25m, version = await Version(id) }); break;
            case 4: await chief.Post($"{All}/{id}/win", new { }); break;
            case 5: await chief.Post($"{All}/{id}/lose", new { reason = "price" }); break;
            case 6: await chief.Post($"{All}/{id}/pause", new { reason = "budget", wakeOn = "2099-01-01" }); break;
            case 7: foreach (var rests in (await chief.List($"{All}?view=paused")).Take(1)) (await chief.Post($"{All}/{rests}/resume", new { })).Ok(); break;
            case 8: await chief.Delete($"{All}/{id}"); break;
            case 9: await chief.Post($"{All}/restore", new { ids = new[] { id } }); break;
            case 10: await chief.Patch($"{All}/{id}", new { ownerId = people[random.Next(2)].Id, version = await Version(id) }); break;
            case 11:
                // Many at once, and taken back.
                var bulk = await chief.Post($"{All}/bulk", new { mode = "good", rows = new[] { new { id, version = await Version(id), amount = 9999.99m } } });
                if ((int)bulk.Status == 200 && random.Next(2) == 0 && bulk.Json.GetProperty("operationId").ValueKind == JsonValueKind.Number) await chief.Post($"/api/platform/operations/{bulk.Json.GetProperty("operationId").GetInt64()}/undo", new { });
                break;
            default:
                deals.Add(await people[mine].Deal(random.Next(1, 100), kind: "bid", customer: customers[mine], running: random.Next(2) == 0));
                break;
        }
    }

    private static async Task<JsonElement> Changes(Employee who, DateOnly from, DateOnly to, string cut)
    {
        var report = (await who.Get($"/api/opportunities/changes?from={Iso(from)}&to={Iso(to)}{cut}")).Ok().Json;
        var (count, amount, weighted) = Sum(report.GetProperty("opening"));
        foreach (var p in report.GetProperty("parts").EnumerateArray())
            (count, amount, weighted) = (count + p.GetProperty("sign").GetInt32() * p.GetProperty("count").GetInt32(), amount + p.GetProperty("amount").GetDecimal(), weighted + p.GetProperty("weighted").GetDecimal());
        Assert.Equal(Sum(report.GetProperty("closing")), (count, amount, weighted));
        return report;
    }

    private static async Task Rows(Employee who, JsonElement report, string query)
    {
        var named = report.GetProperty("parts").EnumerateArray().Select(p => (p.Text("part"), p)).Concat(new[] { "opening", "closing", "forward", "back" }.Select(n => (n, report.GetProperty(n))));
        foreach (var (part, said) in named)
        {
            var rows = (await who.Get($"/api/opportunities/changes/rows?{query}&part={part}&take=200")).Ok().Json.EnumerateArray().ToList();
            Assert.Equal(said.GetProperty("count").GetInt32(), rows.Count);
            if (part is "opening" or "closing") Assert.Equal(said.GetProperty("amount").GetDecimal(), rows.Sum(r => r.GetProperty(part == "opening" ? "before" : "after").GetProperty("amount").GetDecimal()));
        }
    }

    /// <summary>What runs now, by the list.</summary>
    private static async Task<(int, decimal, decimal)> Now(Employee who, string filter)
    {
        var rows = (await who.Get($"{All}?status=running&columns=amount,weighted&take=500{filter}")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        decimal Of(string field) => rows.Sum(r => r.GetProperty(field) is { ValueKind: JsonValueKind.Number } n ? n.GetDecimal() : 0);
        return (rows.Count, Of("amount"), Of("weighted"));
    }

    private static (int, decimal, decimal) Sum(JsonElement sum) => (sum.GetProperty("count").GetInt32(), sum.GetProperty("amount").GetDecimal(), sum.GetProperty("weighted").GetDecimal());

    private static (int, decimal) Two(JsonElement sum) => (sum.GetProperty("count").GetInt32(), sum.GetProperty("amount").GetDecimal());

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
