using Autofac;
using KuaipuCrm.Opportunities.Board;
using KuaipuCrm.Opportunities.Funnel;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>Board, lists and funnel over 300,000 opportunities with 1,500,000 stage advances.</summary>
internal static class Deals
{
    private const int Many = 300_000, StepsEach = 5, Aim = 100;
    private static readonly Sql All = Sql.Trusted($"{Sql.Guard}opportunity{Sql.Guard}{Sql.Guard}advance{Sql.Guard}{Sql.Guard}stage{Sql.Guard}{Sql.Guard}customer{Sql.Guard}1 = 1");

    /// <param name="lists">The lists, too, besides board and funnel.</param>
    public static async Task Measure(BenchCrm crm, Report report, bool lists)
    {
        await Fill(crm);
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var year = new DateOnly(today.Year, 1, 1);
        foreach (var (who, user) in new[] { ("sales person", crm.Seller), ("manager", crm.Manager), ("boss", crm.Boss) })
        {
            await Asked($"board, {who}", user, new GetBoard());
            await Asked($"funnel, {who}", user, new GetFunnel());
            await Asked($"funnel of this year's, {who}", user, new GetFunnel(From: year, To: today));
        }
        if (lists) await WorkLists.Lists(crm, report, ["opportunity", "advance"], Aim);

        async Task Asked<T>(string measure, long user, MediatR.IRequest<T> question)
        {
            var time = await Report.Time(() => crm.Ask(user, question), 40, 4);
            report.Add(measure, Report.Ms(time), "", "", $"p95 ≤ {Aim} ms", time.P95 <= Aim);
        }
    }

    private static async Task Fill(BenchCrm crm)
    {
        if (await new Db(crm.Engine).First<long>($"select count(*) from opportunities.opportunity o where {All}") >= Many) return;
        var customers = await new Db(crm.Engine).Query<Customer>($"select c.id, c.owner_id, c.department_id from customers.customer c where c.owner_id is not null and {All} order by c.id");
        var stages = (await new Db(crm.Engine).Query<Stage>($"select s.id, s.kind, s.sort, s.probability from opportunities.stage s where {All} order by s.sort")).ToLookup(s => s.Kind);
        var (random, now, began) = (new Random(2026), DateTime.UtcNow, DateTime.UtcNow);
        long id = 5_000_000_000_000;
        object?[] Document(Customer c, string prefix, DateTime at) => [++id, $"{prefix}{id}", 1L, c.OwnerId, c.DepartmentId, c.OwnerId, at, c.OwnerId, at];
        string[] fixedColumns = ["id", "number", "version", "owner_id", "department_id", "created_by", "created_at", "updated_by", "updated_at"];
        var (deals, steps) = (new List<object?[]>(Many), new List<object?[]>(Many * StepsEach));
        for (var i = 0; i < Many; i++)
        {
            var c = customers[(int)((long)i * customers.Count / Many)];
            var kind = random.Next(5) == 0 ? "bid" : "ordinary";
            var status = random.Next(100) switch { < 35 => "running", < 40 => "draft", < 45 => "paused", < 70 => "won", _ => "invalid" };
            var (begun, ladder) = (now.AddDays(-random.Next(40, 1_500)), stages[kind].ToList());
            var (at, opportunity) = (begun, Document(c, "SJ", begun));
            var reached = random.Next(ladder.Count);
            for (var step = 0; step < StepsEach; step++)
            {
                var (stage, last) = (ladder[reached * step / (StepsEach - 1)], step == StepsEach - 1);
                var left = at.AddDays(random.Next(1, 8));
                steps.Add([.. Document(c, "TJ", at), $"阶段推进{i}", opportunity[0], step == 0 ? "start" : "forward", at, stage.Id, stage.Probability, last ? null : left, last ? null : (left - at).Days * 10_000L]);
                at = left;
            }
            var (now_, amount) = (ladder[reached], random.Next(1, 3_000) * 100_000L);
            var ended = status is "won" or "invalid";
            deals.Add([.. opportunity, $"商机{i}", kind, c.Id, status, now_.Id, at, status == "running" ? DateOnly.FromDateTime(at.AddDays(30)) : null, now_.Sort, now_.Probability, amount, amount * now_.Probability / 100, DateOnly.FromDateTime(now.AddDays(random.Next(-700, 200))), ended ? at : null]);
        }
        await Write("opportunities.opportunity", [.. fixedColumns, "name", "kind", "customer_id", "status", "stage_id", "stage_since", "stage_due", "furthest", "probability", "amount", "weighted", "sign_date", "closed_at"], deals);
        await Write("opportunities.advance", [.. fixedColumns, "subject", "opportunity_id", "kind", "at", "stage_id", "probability", "left_at", "stay"], steps);
        if (crm.Engine.Name == "postgres") await Unit(db => db.Execute($"analyze;"));

        async Task Write(string table, string[] columns, List<object?[]> rows)
        {
            foreach (var some in rows.Chunk(50_000)) await Unit(db => db.Insert(table, columns, some));
            Console.WriteLine($"{table}: {rows.Count:N0} rows, {(DateTime.UtcNow - began).TotalSeconds:N0} s");
        }

        async Task Unit(Func<Db, Task> work)
        {
            await using var scope = crm.Root.BeginLifetimeScope();
            var db = scope.Resolve<Db>();
            await db.Unit(async () => { await work(db); return 0; });
        }
    }

    private sealed record Customer(long Id, long? OwnerId, long? DepartmentId);
    private sealed record Stage(long Id, string Kind, long Sort, long Probability);
}
