using Autofac;
using KuaipuCrm.Platform.Collaboration;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>A document page over 1,000,000 comments and 5,000,000 rows of history: one like all others, and one that has 10,000 and 50,000 of them itself.</summary>
internal static class Volume
{
    private const int Comments = 1_000_000, History = 5_000_000, Aim = 100;

    public static async Task Measure(BenchCrm crm, Report report)
    {
        var rows = (await crm.Ask(crm.Boss, new ListDocuments("customer", new ListRequest { Take = 2, Sort = "createdAt" }))).Rows;
        var (busy, usual) = (rows[0].Id, rows[1].Id);
        await Fill(crm, busy);
        var cookie = $"{SessionAuthentication.Cookie}={await crm.Root.Resolve<Sessions>().Start(crm.Boss, "127.0.0.1", "bench", default)}";
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri("http://127.0.0.1:5190") };
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        foreach (var (what, id) in new[] { ("a customer", usual), ("the one with 10,000 comments and 50,000 changes", busy) })
        {
            await Timed($"page of {what}", async () => (await http.GetAsync($"/customers/customers/{id}")).EnsureSuccessStatusCode());
            await Timed($"comments of {what}", () => crm.Ask(crm.Boss, new ListComments("customer", id)));
            await Timed($"history of {what}", () => crm.Ask(crm.Boss, new GetHistory("customer", id)));
            await Timed($"counts on the tabs of {what}", () => crm.Ask(crm.Boss, new CountBeside("customer", id)));
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
        await Write("platform.comment", ["id", "document_id", "user_id", "at", "text"], Comments, 100, i => [i, crm.Manager, now, "这家客户要尽快约见决策人，报价先不要给。"]);
        await Write("platform.history", ["id", "document_id", "version", "at", "user_id", "kind", "source", "changes"], History, 100, i => [i, 1L, now, crm.Seller, "change", "ui", """[{"F":"phone","O":"0755-26001234","N":"0755-26005678"}]"""]);
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
