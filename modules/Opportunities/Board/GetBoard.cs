using KuaipuCrm.Opportunities.Funnel;
using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Board;

/// <summary>The opportunities under way, stage by stage, those longest in their stage first (OPP-9).</summary>
[Action("商机看板", OpportunitiesModule.Read, Route = "board", Help = "进行中的商机按阶段排列：每个阶段的数量、金额、加权金额、停留超期数，和停留最久的若干个；只含可见的。")]
public sealed record GetBoard([Label("商机类型：ordinary 普通，bid 投标")] string Kind = Opportunity.Ordinary, [Label("部门（含下级）的编号")] long? DepartmentId = null, [Label("负责人的编号")] long? OwnerId = null, [Label("每个阶段最多几个，1 到 100")] int Take = 30) : IQuery<IReadOnlyList<BoardColumn>>;

/// <param name="Count">All that stand in the stage, beyond the cards shown, too; so are the sums, in yuan.</param>
/// <param name="Overdue">How many stay longer than expected.</param>
/// <param name="NeedsApproval">Entering it wants approval.</param>
public sealed record BoardColumn(long StageId, string Name, int Probability, int? ExpectedDays, bool Disabled, bool NeedsApproval, long Count, decimal Amount, decimal Weighted, long Overdue, IReadOnlyList<BoardCard> Cards);

/// <param name="Days">In the present stage.</param>
/// <param name="Overdue">Stays longer than expected.</param>
/// <param name="NextContactAt">UTC.</param>
public sealed record BoardCard(long Id, string Name, long CustomerId, string Customer, string? Owner, decimal? Amount, DateOnly? SignDate, int Days, bool Overdue, DateTime? NextContactAt);

internal sealed class GetBoardHandler(IDb db, IScope scope, StageBook stages, IDocumentDirectory directory, IOrganization organization, IWorkCalendar calendar) : IQueryHandler<GetBoard, IReadOnlyList<BoardColumn>>
{
    public async Task<IReadOnlyList<BoardColumn>> Handle(GetBoard query, CancellationToken ct)
    {
        var take = Math.Clamp(query.Take, 1, 100);
        var today = calendar.Today;
        var cut = new DealCut(query.Kind, DepartmentId: query.DepartmentId, OwnerId: query.OwnerId).Checked();
        Sql Running() => $"{cut.Where("o", db.Dialect, organization, calendar)} and o.status = {Opportunity.Running}";
        var sums = (await db.Query<Sum>($"""
            select o.stage_id, count(*) as many, coalesce(sum(o.amount), 0) as amount, coalesce(sum(o.weighted), 0) as weighted, sum(case when o.stage_due < {today} then 1 else 0 end) as overdue
            from opportunities.opportunity o where {Running()} and {scope.Of("opportunity", "o")} group by o.stage_id
            """, ct)).ToDictionary(s => s.StageId);
        var columns = new List<(Stage Stage, IReadOnlyList<Row> Rows)>();
        foreach (var s in (await stages.Of(query.Kind, ct)).Where(s => !s.Disabled || sums.ContainsKey(s.Id)))
            columns.Add((s, !sums.ContainsKey(s.Id) ? [] : await db.Query<Row>($"""
                select o.id, o.name, o.customer_id, o.owner_id, o.amount, o.sign_date, o.stage_since, o.stage_due, o.next_contact_at from opportunities.opportunity o
                where {Running()} and o.stage_id = {s.Id} and {scope.Of("opportunity", "o")} order by o.stage_since, o.id {db.Dialect.Page(take)}
                """, ct)));
        var names = (await directory.Find([.. columns.SelectMany(c => c.Rows).Select(r => r.CustomerId).Distinct()], ct)).ToDictionary(e => e.Id, e => e.Title);
        return [.. columns.Select(c => sums.GetValueOrDefault(c.Stage.Id) is var sum
            ? new BoardColumn(c.Stage.Id, c.Stage.Name, (int)(c.Stage.Probability ?? 0), (int?)c.Stage.ExpectedDays, c.Stage.Disabled, c.Stage.NeedsApproval, sum?.Many ?? 0, (sum?.Amount ?? 0) / 100m, (sum?.Weighted ?? 0) / 100m, sum?.Overdue ?? 0, [.. c.Rows.Select(Card)])
            : null!)];

        BoardCard Card(Row r) => new(r.Id, r.Name, r.CustomerId, names.GetValueOrDefault(r.CustomerId, ""), r.OwnerId is { } o ? organization.Person(o)?.Name : null, r.Amount / 100m, r.SignDate,
            r.StageSince is { } since ? Math.Max(0, today.DayNumber - calendar.DayOf(since).DayNumber) : 0, r.StageDue < today, r.NextContactAt);
    }

    private sealed record Sum(long StageId, long Many, long Amount, long Weighted, long Overdue);
    private sealed record Row(long Id, string Name, long CustomerId, long? OwnerId, long? Amount, DateOnly? SignDate, DateTime? StageSince, DateOnly? StageDue, DateTime? NextContactAt);
}
