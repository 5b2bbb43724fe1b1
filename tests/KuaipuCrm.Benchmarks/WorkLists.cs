using System.Text.RegularExpressions;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>Every list of contact records, appointments and the figures beside customers and contacts, with the index of its plan: three records a customer.</summary>
internal static class WorkLists
{
    private const int RecordsEach = 3, Aim = 50;
    private static readonly string[] Types = ["customertrack", "contacttrack", "contactrecord", "appointment"];

    public static async Task Measure(BenchCrm crm, Report report)
    {
        await Fill(crm);
        await Lists(crm, report, Types, Aim);
    }

    /// <summary>Every view of the types, its first page and its count, for sales person, manager and boss.</summary>
    public static async Task Lists(BenchCrm crm, Report report, string[] types, int aim)
    {
        foreach (var d in types.Select(crm.Root.Resolve<ModuleCatalog>().Document))
            foreach (var view in d.Views.Prepend(new ListView("all", $"全部{d.Label}", [])))
                foreach (var (who, user) in new[] { ("sales person", crm.Seller), ("manager", crm.Manager), ("boss", crm.Boss) })
                {
                    var request = new ListRequest { Take = 50, View = view.Name == "all" ? null : view.Name, Sort = view.Sort, Descending = view.Sort is null || view.Descending };
                    var list = await Report.Time(() => crm.Ask(user, new ListDocuments(d.Type, request)), 60, 5);
                    report.Add($"{d.Type}/{view.Name}, {who}", Report.Ms(list), "", await Index(crm, d, request, user), $"p95 ≤ {aim} ms", list.P95 <= aim);
                    var count = await Report.Time(() => crm.Ask(user, new CountDocuments(d.Type, request)), 30, 3);
                    report.Add("… its count", Report.Ms(count), "", "", $"p95 ≤ {aim} ms", count.P95 <= aim);
                }
    }

    /// <summary>The indexes the engine's own plan of the statement names.</summary>
    private static async Task<string> Index(BenchCrm crm, DocumentDefinition d, ListRequest request, long user)
    {
        await using var scope = crm.Root.BeginLifetimeScope();
        scope.Resolve<Caller>().ActAs(user, "bench");
        var sql = await scope.Resolve<ListSql>().Page(d, request, ListSql.Fields(d, request), 51, 0, null, false, default);
        var sqlite = crm.Engine.Name == "sqlite";
        var plan = await scope.Resolve<Db>().Read(sqlite ? $"explain query plan {sql}" : (Sql)$"explain {sql}", r => r.GetString(sqlite ? 3 : 0));
        var names = plan.SelectMany(l => Regex.Matches(l, "[iu]x_[a-z_]+|pk_[a-z_]+").Select(m => m.Value)).Distinct().ToList();
        return string.Join(" ", names.DefaultIfEmpty("(none)")) + (plan.Any(l => l.Contains("TEMP B-TREE FOR ORDER", StringComparison.Ordinal) || l.Contains("Sort Key", StringComparison.Ordinal)) ? ", sorted" : "");
    }

    private static async Task Fill(BenchCrm crm)
    {
        var all = Sql.Trusted($"{Sql.Guard}customertrack{Sql.Guard}{Sql.Guard}contacttrack{Sql.Guard}{Sql.Guard}contactrecord{Sql.Guard}{Sql.Guard}appointment{Sql.Guard}1 = 1");
        if (await new Db(crm.Engine).First<long?>($"select t.id from tracking.contact_record t where {all} order by t.id {crm.Engine.Page(1)}") is not null) return;
        var customers = await new Db(crm.Engine).Query<Customer>($"select t.id, t.owner_id, t.department_id from tracking.customer_track t where {all} order by t.id");
        var (random, now, began) = (new Random(2026), DateTime.UtcNow, DateTime.UtcNow);
        DateTime Ago(double days) => now.AddDays(-days).AddMinutes(-random.Next(1440));
        long id = 4_000_000_000_000;
        object?[] Document(Customer c, string prefix, DateTime at) => [++id, $"{prefix}{id}", 1L, c.OwnerId, c.DepartmentId, c.OwnerId, at, c.OwnerId, at];
        string[] fixedColumns = ["id", "number", "version", "owner_id", "department_id", "created_by", "created_at", "updated_by", "updated_at"];

        await Write("tracking.contact_record", [.. fixedColumns, "by_id", "kind", "customer_id", "at", "method", "subject"], customers.SelectMany(c => Enumerable.Range(0, random.Next(2) == 0 ? 0 : RecordsEach * 2).Select(_ =>
        {
            var at = Ago(random.Next(700));
            return (object?[])[.. Document(c, "LJ", at), c.OwnerId, "contact", c.Id, at, random.Next(4) == 0 ? "visit" : "call", "电话沟通"];
        })));
        await Write("tracking.appointment", [.. fixedColumns, "customer_id", "at", "subject", "state"], customers.Where(_ => random.Next(4) == 0).Select(c => (object?[])[.. Document(c, "YY", now), c.Id, now.AddDays(random.Next(-20, 40)), "回访", "open"]));
        await Write("tracking.contact_track", [.. fixedColumns, "name", "employer_id", "post", "role", "contacts", "last_at", "met_at"], customers.Select(c => (object?[])
            [.. Document(c, "LX", Ago(random.Next(700))), "王伟", c.Id, "总经理", random.Next(3) == 0 ? "decider" : "handler", (long)random.Next(9), random.Next(2) == 0 ? null : Ago(random.Next(400)), random.Next(3) == 0 ? Ago(random.Next(400)) : null]));
        await Unit(db => db.Execute($"""
            update tracking.customer_track set contacts = (select count(*) from tracking.contact_record r where r.customer_id = tracking.customer_track.id),
                last_at = (select max(r.at) from tracking.contact_record r where r.customer_id = tracking.customer_track.id), last_by = owner_id,
                next_at = (select min(a.at) from tracking.appointment a where a.customer_id = tracking.customer_track.id) where {all}
            """));
        Console.WriteLine($"figures in {(DateTime.UtcNow - began).TotalSeconds:N0} s");
        if (crm.Engine.Name == "postgres") await Unit(db => db.Execute($"analyze;"));

        async Task Write(string table, string[] columns, IEnumerable<object?[]> rows)
        {
            var n = 0L;
            foreach (var some in rows.Chunk(50_000))
            {
                await Unit(db => db.Insert(table, columns, some));
                n += some.Length;
            }
            Console.WriteLine($"{table}: {n:N0} rows, {(DateTime.UtcNow - began).TotalSeconds:N0} s");
        }

        async Task Unit(Func<Db, Task> work)
        {
            await using var scope = crm.Root.BeginLifetimeScope();
            var db = scope.Resolve<Db>();
            await db.Unit(async () => { await work(db); return 0; });
        }
    }

    private sealed record Customer(long Id, long? OwnerId, long? DepartmentId);
}
