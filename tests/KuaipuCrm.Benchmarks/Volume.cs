using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>A document page over 1,000,000 comments and 5,000,000 rows of history: one like all others, and one that has 10,000 and 50,000 of them itself.</summary>
internal static class Volume
{
    private const int ManyComments = 1_000_000, ManyChanges = 5_000_000, Aim = 100;

    public static async Task Measure(BenchCrm crm, Report report)
    {
        var rows = (await crm.Ask(crm.Boss, new ListDocuments("customer", new ListRequest { Take = 2, Sort = "createdAt" }))).Rows;
        var (busy, usual) = (rows[0].Id, rows[1].Id);
        await Fill(crm, busy);
        foreach (var (what, id) in new[] { ("a customer", usual), ("the one with 10,000 comments and 50,000 changes", busy) })
        {
            await Timed($"comments of {what}", Comments);
            await Timed($"history of {what}", History);
            await Timed($"timeline of {what}", Timeline);
            // What the page asks before it is drawn, one after another, and the tab that is open.
            await Timed($"page of {what}, with its comments", async () => { await Document(); await Beside(); await Comments(); });
            await Timed($"page of {what}, with its history", async () => { await Document(); await Beside(); await History(); });

            Task Document() => crm.Ask(crm.Boss, new GetDocument("customer", id));
            Task Beside() => crm.Ask(crm.Boss, new CountBeside("customer", id));
            Task Comments() => crm.Ask(crm.Boss, new ListComments("customer", id));
            Task History() => crm.Ask(crm.Boss, new GetHistory("customer", id));
            Task Timeline() => crm.Ask(crm.Boss, new GetTimeline("customer", id));
        }

        async Task Timed(string measure, Func<Task> act)
        {
            var time = await Report.Time(act, 60, 5);
            report.Add(measure, Report.Ms(time), "", "", $"p95 ≤ {Aim} ms", time.P95 <= Aim);
        }
    }

    private static async Task Fill(BenchCrm crm, long busy)
    {
        if (await new Db(crm.Engine).First<long>($"select count(*) from platform.comment where document_id = {busy}") > 0) return;
        var customers = await new Db(crm.Engine).Query<long>($"select c.id from customers.customer c where {Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}1 = 1")} order by c.id");
        var (now, id) = (DateTime.UtcNow, 6_000_000_000_000L);
        await Write("platform.comment", ["id", "document_id", "user_id", "at", "text"], ManyComments, 100, i => [i, crm.Manager, now, "这家客户要尽快约见决策人，报价先不要给。"]);
        await Write("platform.history", ["id", "document_id", "version", "at", "user_id", "kind", "source", "changes"], ManyChanges, 100, i => [i, 1L, now, crm.Seller, "change", "ui", """[{"F":"phone","O":"0755-26001234","N":"0755-26005678"}]"""]);
        if (crm.Engine.Name == "postgres") await Unit(db => db.Execute($"analyze;"));

        // Each hundredth row belongs to the busy one.
        async Task Write(string table, string[] columns, int many, int each, Func<long, object?[]> rest)
        {
            var began = DateTime.UtcNow;
            foreach (var some in Enumerable.Range(0, many).Chunk(100_000))
                await Unit(db => db.Insert(table, columns, some.Select(n =>
                {
                    var values = rest(++id);
                    return (object?[])[values[0], n % each == 0 ? busy : customers[n % customers.Count], .. values[1..]];
                })));
            Console.WriteLine($"{table}: {many:N0} rows, {(DateTime.UtcNow - began).TotalSeconds:N0} s");
        }

        async Task Unit(Func<Db, Task> work)
        {
            await using var scope = crm.Root.BeginLifetimeScope();
            var db = scope.Resolve<Db>();
            await db.Unit(async () => { await work(db); return 0; });
        }
    }
}
