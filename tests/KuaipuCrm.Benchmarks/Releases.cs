using System.Diagnostics;
using System.Globalization;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Jobs;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>The night's release over all customers (CUS-12): how long it takes to find what is due, and to release it. Its customers are made quickly, without names to search by, in a database of its own.</summary>
internal static class Releases
{
    private static readonly Sql All = Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}1 = 1");
    private const string Job = "customers.release";
    private static readonly DateTime Start = DateTime.UtcNow.Date.AddDays(-800);

    public static async Task Measure(BenchCrm crm, Report report, int rows)
    {
        var db = new Db(crm.Engine);
        if (await db.First<long>($"select count(*) from customers.customer c where {All}") < rows) await Fill(crm, rows);
        await db.Unit(() => db.Execute($"insert into platform.job (name, paused, state) select {Job}, {false}, 'never' where not exists (select 1 from platform.job where name = {Job})"));
        foreach (var due in new[] { 0, 1_000, 20_000, 100_000 }) await Night(crm, report, due, rows);
        var open = new ListRequest { View = "open" };
        foreach (var (who, user) in new[] { ("sales person", crm.Seller), ("manager", crm.Manager), ("boss", crm.Boss) })
        {
            var t = await Report.Time(() => crm.Ask(user, new ListDocuments("customer", open)), 60, 5);
            report.Add($"first page of open customers, {who}", Report.Ms(t), "", "", "≤ 50 ms p95", t.P95 <= 50);
        }
    }

    /// <summary>The longest idle are due: each day has as many customers as all others.</summary>
    private static async Task Night(BenchCrm crm, Report report, int due, int rows)
    {
        var db = new Db(crm.Engine);
        var left = (await db.First<Idle>($"select idle_since from customers.customer where owner_id is not null and deleted_at is null and {All} order by idle_since, id {db.Dialect.Page(1, Math.Max(0, due - 1))}"))?.IdleSince ?? Start;
        var days = (long)(DateTime.UtcNow - left).TotalDays + (due == 0 ? 30 : 0);
        await db.Unit(async () =>
        {
            await db.Execute($"delete from customers.release_rule");
            await db.Insert("customers.release_rule", ["id", "name", "enabled", "enabled_on", "sort", "base", "days", "notice_days", "to_pool_id", "conditions", "version"],
                [[1L, "bench", true, DateOnly.FromDateTime(DateTime.UtcNow.AddDays(-100)), 1L, "contact", days, 0L, null, "{}", 1L]]);
            return 0;
        });
        var began = Stopwatch.GetTimestamp();
        await crm.Root.Resolve<JobRunner>().Run(Job, true, default);
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var result = await db.First<string>($"select result from platform.job where name = {Job}");
        report.Add($"release job over {rows:N0} customers: {result}", took.ToString("0.00", CultureInfo.InvariantCulture) + " s", "", "", "< 60 s", took < 60);
    }

    private sealed record Idle(DateTime IdleSince);

    private static async Task Fill(BenchCrm crm, int rows)
    {
        var owners = crm.Root.Resolve<Caches>().Organization.People.Where(p => p.Login.StartsWith('u')).ToList();
        var db = new Db(crm.Engine);
        var pool = await db.First<long>($"select id from customers.pool where {Sql.Trusted($"{Sql.Guard}pool{Sql.Guard}1 = 1")}");
        var type = crm.Root.Resolve<DocumentTypes>().Id("customer");
        const int chunk = 20_000;
        for (var done = 0; done < rows; done += chunk)
        {
            var ids = await db.Unit(async () =>
            {
                // In the order of the blocks that others draw from: far above them.
                var first = 100_000_000_000L + done;
                var at = Enumerable.Range(0, chunk).Select(i => Start.AddMinutes((first + i) * 7919 % 1_000_000)).ToList();
                var mine = Enumerable.Range(0, chunk).Select(i => (first + i) % 10 == 0 ? null : owners[(int)((first + i) * 31 % owners.Count)]).ToList();
                await db.Insert("customers.customer", ["id", "number", "version", "owner_id", "department_id", "created_by", "created_at", "updated_by", "updated_at", "nature", "name", "level", "customer_type", "status", "pool_id", "locked_at", "idle_since"],
                    Enumerable.Range(0, chunk).Select(i => new object?[] { first + i, $"B{first + i}", 1L, mine[i]?.Id, mine[i]?.DepartmentId, 1L, at[i], 1L, at[i], "company", $"客户{first + i}", "ABC"[i % 3].ToString(), "direct", "potential", pool, mine[i] is null ? null : at[i], mine[i] is null ? null : at[i] }));
                await db.Insert("platform.document", ["id", "type_id", "number", "title", "initials", "owner_id", "department_id", "status", "deleted"],
                    Enumerable.Range(0, chunk).Select(i => new object?[] { first + i, type, $"B{first + i}", $"客户{first + i}", "kh", mine[i]?.Id, mine[i]?.DepartmentId, "potential", false }));
                await db.Insert("platform.tenure", ["document_id", "owner_id", "department_id", "stage", "from_at", "to_at"],
                    Enumerable.Range(0, chunk).Select(i => new object?[] { first + i, mine[i]?.Id, mine[i]?.DepartmentId, "potential", at[i], null }));
                return first;
            });
            if (done % 200_000 == 0) Console.WriteLine($"{done:N0} customers ({ids})");
        }
        if (crm.Engine.Name == "postgres") await db.Unit(() => db.Execute($"analyze;"));
    }
}
