using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Funnel;

/// <summary>The sales funnel (销售漏斗, OPP-10): what stands in each stage now, how many of the period came so far, how long they stayed.</summary>
[Action("销售漏斗", OpportunitiesModule.Read, Route = "funnel", Help = "按类型、时间段、部门、人员：各阶段进行中的商机数、金额、加权金额，时间段内的商机有多少到过该阶段、多少进入了下一阶段，平均停留天数（按最近创建的 1,000 个商机）；只含可见的。")]
public sealed record GetFunnel([Label("商机类型：ordinary 普通，bid 投标")] string Kind = Opportunity.Ordinary, [Label("从哪一天")] DateOnly? From = null, [Label("到哪一天")] DateOnly? To = null, [Label("时间段按 created 创建时间，或 sign 预签日期")] string By = DealCut.Created,
    [Label("部门（含下级）的编号")] long? DepartmentId = null, [Label("负责人的编号")] long? OwnerId = null) : IQuery<FunnelView>;

/// <param name="Count">Under way in all stages.</param>
/// <param name="Reached">All of the period that were more than a draft, whatever became of them.</param>
/// <param name="WinRate">Of those that ended, how many were won; null where none ended.</param>
public sealed record FunnelView(IReadOnlyList<FunnelStage> Stages, long Count, decimal Amount, decimal Weighted, long Reached, long Paused, long Won, decimal WonAmount, long Invalid, decimal? WinRate);

/// <param name="Count">Under way in this stage now; so are the sums, in yuan.</param>
/// <param name="Reached">Of the period, how many ever came so far.</param>
/// <param name="Conversion">Of those, how many went on to the next stage, of the last one: were won; 0 to 1, null where nobody came so far.</param>
/// <param name="StayDays">How long those that left it had stayed, on average; of the latest <see cref="GetFunnelHandler.Recent"/> of the period.</param>
public sealed record FunnelStage(long StageId, string Name, int Probability, int? ExpectedDays, long Count, decimal Amount, decimal Weighted, long Reached, decimal? Conversion, decimal? StayDays);

internal sealed class GetFunnelHandler(IDb db, IScope scope, StageBook book, IOrganization organization, IWorkCalendar calendar) : IQueryHandler<GetFunnel, FunnelView>
{
    /// <summary>How long deals stay is told by the latest of them: older ones say little of today, and millions of steps take time to read.</summary>
    public const int Recent = 1_000;

    public async Task<FunnelView> Handle(GetFunnel query, CancellationToken ct)
    {
        var cut = new DealCut(query.Kind, query.From, query.To, query.By, query.DepartmentId, query.OwnerId).Checked();
        Sql Cut(bool aside = false) => cut.Where("o", db.Dialect, organization, calendar, aside);
        // One status after the other is a stretch of the index in the order of the groups. What is not shown is not asked: drafts at all, sums of most, where the won ones stood.
        Sql Of(string status, string sums, bool grouped = true) => $"""
            select {Sql.Trusted(grouped ? "o.stage_id, o.furthest" : "cast(0 as bigint) as stage_id, cast(0 as bigint) as furthest")}, {status} as status, count(*) as many, {Sql.Trusted(sums)}
            from opportunities.opportunity o where {Cut(aside: true)} and o.status = {status} and {scope.Of("opportunity", "o")} {Sql.When(grouped, $"group by o.stage_id, o.furthest")}
            """;
        const string none = "cast(0 as bigint) as amount, cast(0 as bigint) as weighted", amount = "cast(coalesce(sum(o.amount), 0) as bigint) as amount, ";
        var sums = await db.Together<Sum>([Of(Opportunity.Running, amount + "cast(coalesce(sum(o.weighted), 0) as bigint) as weighted"), Of(Opportunity.Invalid, none), Of(Opportunity.Won, amount + "cast(0 as bigint) as weighted", grouped: false), Of(Opportunity.Paused, none)], ct);
        var stays = (await db.Query<Stay>($"""
            select a.stage_id, sum(a.stay) as total, sum(case when a.kind = 'note' then 0 else 1 end) as visits
            from (select o.id from opportunities.opportunity o where {Cut()} and {scope.Of("opportunity", "o")} order by o.created_at desc, o.id desc {db.Dialect.Page(Recent)}) r join opportunities.advance a on a.opportunity_id = r.id
            where a.left_at is not null and a.deleted_at is null and {scope.All("advance", "cut by the opportunity's scope")} group by a.stage_id
            """, ct)).ToDictionary(s => s.StageId);
        var running = sums.Where(s => s.Status == Opportunity.Running).ToLookup(s => s.StageId);
        var stages = (await book.Of(query.Kind, ct)).Where(s => !s.Disabled || running.Contains(s.Id)).ToList();
        long Reached(int i) => i < stages.Count ? sums.Where(s => s.Furthest >= stages[i].Sort || s.Status == Opportunity.Won).Sum(s => s.Many) : sums.Where(s => s.Status == Opportunity.Won).Sum(s => s.Many);
        var view = stages.Select((s, i) => new FunnelStage(s.Id, s.Name, (int)(s.Probability ?? 0), (int?)s.ExpectedDays, running[s.Id].Sum(r => r.Many), running[s.Id].Sum(r => r.Amount) / 100m, running[s.Id].Sum(r => r.Weighted) / 100m, Reached(i),
            Reached(i) is > 0 and var came ? Math.Round((decimal)Reached(i + 1) / came, 4) : null, stays.GetValueOrDefault(s.Id) is { Visits: > 0, Total: { } days } stay ? Math.Round(days / 10_000m / stay.Visits, 1) : null)).ToList();
        long Many(string status) => sums.Where(s => s.Status == status).Sum(s => s.Many);
        var (won, invalid) = (Many(Opportunity.Won), Many(Opportunity.Invalid));
        return new(view, view.Sum(s => s.Count), view.Sum(s => s.Amount), view.Sum(s => s.Weighted), sums.Sum(s => s.Many), Many(Opportunity.Paused), won, sums.Where(s => s.Status == Opportunity.Won).Sum(s => s.Amount) / 100m, invalid,
            won + invalid > 0 ? Math.Round((decimal)won / (won + invalid), 4) : null);
    }

    private sealed record Sum(long StageId, string Status, long Furthest, long Many, long Amount, long Weighted);
    private sealed record Stay(long StageId, long? Total, long Visits);
}
