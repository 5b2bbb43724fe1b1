using System.Diagnostics;
using Autofac;
using Dapper;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Events;
using KuaipuCrm.Sdk;
using Npgsql;

namespace KuaipuCrm.Benchmarks;

/// <summary>Commands with one event each, and how soon an event is handled. The floor: one row and one outbox row in a transaction by hand, as durable, with as many callers.</summary>
internal static class Events
{
    private const int Clients = 16;
    private static long next = DateTime.UtcNow.Ticks;

    public static async Task Measure(BenchCrm crm, Report report)
    {
        var admin = crm.Root.Resolve<IOrganization>().People.First(p => p.Login == "admin").Id;
        var dispatcher = crm.Root.Resolve<Dispatcher>();
        await dispatcher.StartAsync(default);
        await Idle(crm);
        await Latency(crm, admin, report);

        // In turns, so that both meet the same machine and the same file.
        var (ours, floor) = (new List<double>(), new List<double>());
        var byHand = Floor(crm);
        await Rate(() => Command(crm, admin), TimeSpan.FromSeconds(3));
        for (var turn = 0; turn < 6; turn++)
        {
            floor.Add(await Rate(byHand, TimeSpan.FromSeconds(4)));
            ours.Add(await Rate(() => Command(crm, admin), TimeSpan.FromSeconds(4)));
            await Idle(crm);
        }
        ours.Sort();
        floor.Sort();
        report.Add($"commands with one event, {Clients} clients, dispatcher at work", $"{ours[3]:N0}/s", $"{floor[3]:N0}/s", $"{ours[3] / floor[3]:P0}", "≥ 60 %", ours[3] / floor[3] >= 0.6);
        await dispatcher.StopAsync(default);
    }

    private static async Task Latency(BenchCrm crm, long admin, Report report)
    {
        var took = new List<double>();
        for (var i = 0; i < 500; i++)
        {
            await Command(crm, admin);
            var began = Stopwatch.GetTimestamp();
            await Idle(crm);
            if (i >= 50) took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(5);
        }
        took.Sort();
        report.Add("commit → handled, idle (p50 / p99)", $"{took[took.Count / 2]:0.0} / {took[took.Count * 99 / 100]:0.0} ms", "", "", "p99 ≤ 50 ms", took[took.Count * 99 / 100] <= 50);
    }

    private static Task Command(BenchCrm crm, long admin) => crm.Ask(admin, new Note(Interlocked.Increment(ref next), "一笔"));

    private static async Task Idle(BenchCrm crm)
    {
        var db = new Db(crm.Engine);
        while (await db.First<long>($"select count(*) from platform.delivery") > 0) await Task.Yield();
    }

    private static Func<Task> Floor(BenchCrm crm)
    {
        var (note, fact) = (crm.Engine.Table("bench.note"), crm.Engine.Table("platform.event"));
        var sqlite = crm.Engine.Name == "sqlite";
        // One writer at a time on SQLite, whoever writes the code; and who does it well waits in a queue.
        var gate = new SemaphoreSlim(sqlite ? 1 : Clients);
        // As whoever writes by hand would open it, without what ours have been taught.
        var plain = crm.Engine is PostgresEngine ? NpgsqlDataSource.Create(crm.Engine.ConnectionString!) : null;
        return async () =>
        {
            var n = Interlocked.Increment(ref next);
            await gate.WaitAsync();
            try
            {
                await using var c = plain?.CreateConnection() ?? crm.Engine.Create(write: true);
                await c.OpenAsync();
                await using var t = await crm.Engine.Begin(c, default);
                await c.ExecuteAsync($"insert into {note} (n, text) values (@n, @text)", new { n, text = "一笔" }, t);
                await c.ExecuteAsync($"insert into {fact} (type, document_id, payload, at) values (@type, @n, @payload, @at)",
                    new { type = "floor", n, payload = "{}", at = crm.Engine.ToDb(DateTime.UtcNow) }, t);
                await t.CommitAsync();
            }
            finally
            {
                gate.Release();
            }
        };
    }

    private static async Task<double> Rate(Func<Task> act, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        var done = (await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            var n = 0;
            for (; Stopwatch.GetElapsedTime(began) < time; n++) await act();
            return n;
        })))).Sum();
        return done / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
