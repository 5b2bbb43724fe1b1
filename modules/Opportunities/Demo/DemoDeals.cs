using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Demo;

/// <summary>What the demo company's sales people are after: with every eighth customer a deal, somewhere between the first talk and its end.</summary>
internal sealed class DemoDeals(IDocuments<Opportunity> opportunities, IDocuments<Advance> advances, StageBook stages, IDb db, IScope scope, IIds ids, MediatR.IMediator mediator, IWorkCalendar calendar, TimeProvider clock) : ISeed
{
    private const string Why = "the demo company's deals";
    private static readonly string[] Projects = ["ERP 实施", "服务器扩容", "办公自动化", "网络改造", "生产管理系统", "打印设备采购", "售后维护", "数据中心建设", "客户服务平台", "安全升级"];
    private static readonly string[] Sources = ["exhibition", "website", "search", "referral", "phone", "friend", "regular"];
    private static readonly string[] Progress = ["电话沟通，客户有兴趣。", "上门拜访，见到负责人。", "演示了方案，反馈不错。", "提交报价，客户在比较。", "价格谈到最后一轮。", "合同条款基本谈妥。"];
    private static readonly string[] Losses = ["price", "function", "competitor", "budget", "cancelled"];

    public int Order => 75;

    public async Task Demo(CancellationToken ct)
    {
        if (await db.First<long?>($"select o.id from opportunities.opportunity o where {scope.All("opportunity", Why)} order by o.id {db.Dialect.Page(1)}", ct) is not null) return;
        var random = new Random(2027);
        var customers = new List<(long Id, string Name, long Owner, long? Department)>();
        for (var cursor = (string?)null; customers.Count < 400;)
        {
            var page = await mediator.Send(new ListDocuments("customer", new ListRequest { Take = 500, Cursor = cursor, Sort = "createdAt", Columns = ["name", "ownerId", "departmentId"] }), ct);
            customers.AddRange(page.Rows.Where((r, i) => i % 8 == 0 && r.Values[1] is long).Select(r => (r.Id, (string)r.Values[0]!, (long)r.Values[1]!, r.Values[2] as long?)));
            if (page.Next is null) break;
            cursor = page.Next;
        }
        foreach (var c in customers) await Make(c, random, ct);
        await RunLedgerBack(ct);
    }

    /// <summary>The deals were all made just now; their ledger tells of the days on which they would have moved.</summary>
    private async Task RunLedgerBack(CancellationToken ct)
    {
        var deals = await db.Query<Deal>($"select o.id, o.status, o.amount, o.weighted, o.sign_date, o.owner_id, o.stage_id, o.created_at, o.closed_at from opportunities.opportunity o where {scope.All("opportunity", Why)}", ct);
        var steps = (await db.Query<Step>($"select a.opportunity_id, a.at, a.stage_id, a.probability from opportunities.advance a where {scope.All("advance", Why)} order by a.at, a.id", ct)).ToLookup(a => a.OpportunityId);
        var rows = new List<object?[]>();
        foreach (var d in deals)
        {
            void Note(DateTime at, string status, long stage, long? weighted) => rows.Add([ids.Next(), d.Id, at, status, stage, d.Amount, weighted, d.SignDate, d.OwnerId]);
            long? Weighted(long probability) => d.Amount * probability / 100;
            Note(d.CreatedAt, Opportunity.Draft, d.StageId, steps[d.Id].Select(s => Weighted(s.Probability)).FirstOrDefault());
            if (d.Status == Opportunity.Draft) continue;
            foreach (var s in steps[d.Id]) Note(s.At, Opportunity.Running, s.StageId, Weighted(s.Probability));
            if (d.Status != Opportunity.Running) Note(d.ClosedAt ?? clock.GetUtcNow().UtcDateTime, d.Status, d.StageId, d.Weighted);
        }
        await db.Execute($"delete from opportunities.state", ct);
        await db.Insert("opportunities.state", ["id", "opportunity_id", "at", "status", "stage_id", "amount", "weighted", "sign_date", "owner_id"], rows, ct);
    }

    private sealed record Deal(long Id, string Status, long? Amount, long? Weighted, DateOnly? SignDate, long? OwnerId, long StageId, DateTime CreatedAt, DateTime? ClosedAt);
    private sealed record Step(long OpportunityId, DateTime At, long StageId, long Probability);

    private async Task Make((long Id, string Name, long Owner, long? Department) c, Random random, CancellationToken ct)
    {
        var (now, project) = (clock.GetUtcNow().UtcDateTime, Projects[random.Next(Projects.Length)]);
        var kind = random.Next(5) == 0 ? Opportunity.Bid : Opportunity.Ordinary;
        var way = (await stages.Of(kind, ct)).Where(s => !s.Disabled).ToList();
        var began = now.AddDays(-random.Next(3, 75)).AddMinutes(-random.Next(600));
        var o = new Opportunity
        {
            Name = $"{(c.Name.Length > 6 ? c.Name[..6] : c.Name)}{project}",
            Kind = kind,
            CustomerId = c.Id,
            Amount = random.Next(2, 120) * 5_000m,
            SignDate = calendar.Today.AddDays(random.Next(-20, 150)),
            Source = Sources[random.Next(Sources.Length)],
            OwnerId = c.Owner,
            DepartmentId = c.Department,
            CreatedBy = c.Owner,
            CreatedAt = began,
        };
        if (kind == Opportunity.Bid) (o.BidPlace, o.BidStart, o.BidEnd, o.BidBond, o.Investment) = ("市公共资源交易中心", o.SignDate!.Value.AddDays(-30), o.SignDate.Value.AddDays(-15), 20_000m, o.Amount * 1.3m);
        await opportunities.Keep([o], Why, ct);
        if (random.Next(10) == 0) return;
        o.Status = Opportunity.Running;
        await opportunities.Keep([o], Why, ct);
        var (at, steps) = (began, random.Next(way.Count));
        for (var i = 1; i <= steps; i++)
        {
            at = at.AddDays(random.Next(2, 20));
            if (at >= now) break;
            await advances.Keep([new Advance { OpportunityId = o.Id, StageId = way[i].Id, At = at, Progress = Progress[Math.Min(i, Progress.Length - 1)], OwnerId = c.Owner, DepartmentId = c.Department, CreatedBy = c.Owner, CreatedAt = at }], Why, ct);
        }
        if (await opportunities.FindAny(o.Id, Why, ct) is not { } there) return;
        var end = random.Next(12);
        if (end <= 3)
        {
            there.ClosedAt = at.AddDays(random.Next(1, 20)) is var closed && closed < now ? closed : now;
            if (end <= 1) (there.Status, there.Probability) = (Opportunity.Won, 100);
            else (there.Status, there.Probability, there.LossReason) = (Opportunity.Invalid, 0, Losses[random.Next(Losses.Length)]);
        }
        else if (end == 4)
        {
            (there.Status, there.PauseReason, there.WakeOn) = (Opportunity.Paused, "budget", calendar.Today.AddDays(random.Next(5, 60)));
        }
        else
        {
            return;
        }
        await opportunities.Keep([there], Why, ct);
    }
}
