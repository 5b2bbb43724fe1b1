using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Events;

/// <summary>Events reach their handlers once, in order, and wait where they fail (EVT-2, EVT-3).</summary>
public class Delivering
{
    [Theory, OnEveryEngine, Trait("req", "EVT-3")]
    public async Task A_failing_handler_holds_back_its_own_document_only_is_seen_with_its_reason_and_goes_on_when_sent_again(string engine)
    {
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), plugins: Counting.Folder());
        (await crm.Admin.Post(Counting.Path, new { n = -1, document = 7 })).Ok();
        (await crm.Admin.Post(Counting.Path, new { n = 2, document = 7 })).Ok();
        (await crm.Admin.Post(Counting.Path, new { n = 3, document = 8 })).Ok();
        await Until(async () => await Sum(crm, "first") == 3 && await Sum(crm, "second") == 1 && (await Deliveries(crm)).Exists(d => d.Attempts > 0));
        // The other handler has heard all; this one stands still for document 7 and for nothing else.
        Assert.Equal([("blocked", 7L), ("waiting", 7L)], (await Deliveries(crm)).Select(d => (d.State, d.DocumentId)).Order());
        Assert.Contains("还不行", (await Deliveries(crm)).Single(d => d.Attempts > 0).Error);
        // As after eight failures: it rests until someone sends it again.
        var parked = KuaipuCrm.Platform.Events.Dispatcher.Parked;
        var db = crm.Db;
        await db.Unit(() => db.Execute($"update platform.delivery set attempts = 8, next_at = {parked} where attempts > 0"));
        Assert.Equal("parked", (await Deliveries(crm, "parked")).Single().State);
        var sales = await crm.Hire(Employee.Sales);
        (await sales.Get("/api/platform/events")).Refused(403);
        (await sales.Post("/api/platform/events/replay", new { })).Refused(403);
        (await crm.Admin.Post("/api/counting/allow", new { n = -1 })).Ok();
        Assert.Equal(1, (await crm.Admin.Post("/api/platform/events/replay", new { })).Ok().Json.GetInt32());
        await Until(async () => (await Deliveries(crm)).Count == 0);
        Assert.Equal(3, await Sum(crm, "second"));
        // Given up: the later one goes on.
        (await crm.Admin.Post(Counting.Path, new { n = -9, document = 9 })).Ok();
        (await crm.Admin.Post(Counting.Path, new { n = 10, document = 9 })).Ok();
        await Until(async () => (await Deliveries(crm)).Exists(d => d.Attempts > 0));
        var first = (await Deliveries(crm)).First(d => d.Attempts > 0);
        Assert.Equal(1, (await crm.Admin.Post("/api/platform/events/drop", new { deliveries = new[] { new { eventId = first.EventId, handler = first.Handler } } })).Ok().Json.GetInt32());
        await Until(async () => (await Deliveries(crm)).Count == 0);
        Assert.Equal(4, await Sum(crm, "second"));
    }

    [Theory, OnEveryEngine, Trait("req", "EVT-2")]
    public async Task What_is_rolled_back_is_never_heard_of_and_imports_are_heard_of_too(string engine)
    {
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), plugins: Counting.Folder());
        (await crm.Admin.Post(Counting.Path, new { n = 1, document = 1 })).Ok();
        // The same key again: refused after the event was published.
        (await crm.Admin.Post(Counting.Path, new { n = 1, document = 1 })).Is(409);
        await Until(async () => await crm.Db.First<long>($"select count(*) from platform.delivery") == 0);
        Assert.Equal((1L, 1L), (await Sum(crm, "first"), await crm.Db.First<long>($"select count(*) from platform.event")));
    }

    [Fact, Trait("req", "OPS-3"), Trait("req", "EVT-2")]
    public async Task Two_hosts_on_one_server_handle_each_event_once_in_order_and_feel_each_others_rights_within_five_seconds()
    {
        Assert.SkipWhen(!Engines.IsThere(Engines.Postgres), "no PostgreSQL given");
        var (database, plugins) = (await Databases.Fresh(Engines.Postgres), Counting.Folder());
        await using var one = await Crm.StartOn(Engines.Postgres, database, plugins: plugins);
        await using var two = await Crm.StartOn(Engines.Postgres, database, plugins: plugins);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            for (var i = 0; i < 50; i++) (await (client % 2 == 0 ? one : two).Admin.Post(Counting.Path, new { n = client * 1000 + i + 1, document = client % 5 })).Ok();
        }));
        await Until(async () => await one.Db.First<long>($"select count(*) from platform.delivery") == 0, 60);
        Assert.Equal(800, await one.Db.First<long>($"select count(*) from counting.counted where first = 1 and second = 1"));
        Assert.Empty(await OutOfOrder(one));

        var role = await one.Role(Employee.Sales);
        var li = await one.Hire(await one.Department(Crm.Name("双机")), role);
        var there = await two.As(li.Id, li.Login, li.Name);
        await Until(async () => (int)(await there.Get("/api/customers/customers")).Status == 200, 5);
        await one.SetRole(role, [], ScopeKind.Own);
        await Until(async () => (int)(await there.Get("/api/customers/customers")).Status == 403, 5);
    }

    [Theory, OnEveryEngine, Trait("req", "EVT-2")]
    public async Task A_committed_event_is_handled_at_once_not_at_the_next_look(string engine)
    {
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), plugins: Counting.Folder());
        var took = new List<double>();
        for (var n = 1; n <= 60; n++)
        {
            (await crm.Admin.Post(Counting.Path, new { n, document = n })).Ok();
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            while (await crm.Db.First<long>($"select count(*) from platform.delivery") > 0) await Task.Delay(1);
            took.Add(System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        took.Sort();
        // The figure itself (p99 ≤ 50 ms, idle) is measured by the benchmark; beside other tests this much tells waking from looking every two seconds.
        Assert.True(took[took.Count / 2] <= 500, $"median {took[took.Count / 2]:0} ms");
    }

    internal static Task<long> Sum(Crm crm, string column) => crm.Db.First<long>($"select cast(coalesce(sum({Sql.Trusted(column)}), 0) as bigint) from counting.counted");

    /// <summary>Pairs of one document heard in another order than they happened in.</summary>
    internal static async Task<IReadOnlyList<long>> OutOfOrder(Crm crm)
    {
        var place = (await crm.Db.Query<Event>($"select id, payload from platform.event")).ToDictionary(e => System.Text.Json.JsonDocument.Parse(e.Payload).RootElement.GetProperty("N").GetInt64(), e => e.Id);
        var heard = await crm.Db.Query<Heard>($"select document_id, n from counting.heard order by id");
        return [.. heard.GroupBy(h => h.DocumentId).SelectMany(g => g.Zip(g.Skip(1)).Where(p => place[p.First.N] > place[p.Second.N]).Select(p => p.Second.N))];
    }

    private sealed record Event(long Id, string Payload);

    private sealed record Heard(long DocumentId, long N);

    internal static async Task Until(Func<Task<bool>> holds, int seconds = 20)
    {
        for (var i = 0; i < seconds * 10; i++)
        {
            if (await holds()) return;
            await Task.Delay(100);
        }
        Assert.Fail($"It did not come about within {seconds} s.");
    }

    private static async Task<List<Delivery>> Deliveries(Crm crm, string? state = null) =>
        [.. (await crm.Admin.Get($"/api/platform/events?state={state}")).Ok().Json.EnumerateArray().Select(e => System.Text.Json.JsonSerializer.Deserialize<Delivery>(e, System.Text.Json.JsonSerializerOptions.Web)!)];
}
