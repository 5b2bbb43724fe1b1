using KuaipuCrm.Opportunities.Funnel;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Changes;

/// <summary>How each opportunity stood at the end of one day and at the end of another, out of the ledger (OPP-12). Who sees an opportunity today sees its past; whose it was is as it was then.</summary>
internal sealed class PipelineLedger(IDb db, IScope scope, IOrganization organization, IWorkCalendar calendar)
{
    /// <summary>What is asked about; this month so far where no days are given.</summary>
    /// <exception cref="Invalid">No such type or period.</exception>
    public DealCut Cut(string? kind, DateOnly? from, DateOnly? to, long? department, long? owner)
    {
        var last = to ?? calendar.Today;
        return new DealCut(kind, from ?? new DateOnly(last.Year, last.Month, 1).AddDays(-1), last, DepartmentId: department, OwnerId: owner).Checked();
    }

    /// <summary>
    /// A statement of those that were in the pipeline at either end or in between: whether they <c>was</c> in it before and <c>stands</c> in it after, how they stood (<c>status0 status1 stage0 stage1 owner0 owner1</c>, money in fen as <c>amount0</c> …),
    /// and the parts of the report they belong to: <c>came went shift moved</c>.
    /// </summary>
    public Sql Rows(DealCut cut)
    {
        var (begin, end) = (calendar.Utc(cut.From!.Value.AddDays(1)), calendar.Utc(cut.To!.Value.AddDays(1)));
        Sql Last(DateTime before) => $"(select x.id from opportunities.state x where x.opportunity_id = o.id and x.at < {before} order by x.at desc, x.id desc {db.Dialect.Page(1)})";
        return $"""
            select r.*, case when r.was = 1 then null when r.hands0 = 0 and r.status0 in ({Opportunity.Running}, {Opportunity.Paused}) then {ChangeParts.Taken} when r.status0 = {Opportunity.Paused} then {ChangeParts.Woken} when r.status0 = {Opportunity.Running} then {ChangeParts.Taken} else {ChangeParts.New} end as came,
                case when r.stands = 1 then null when r.hands1 = 0 and r.status1 <> 'deleted' then {ChangeParts.Handed} when r.status1 = {Opportunity.Won} then {ChangeParts.Won} when r.status1 = {Opportunity.Invalid} then {ChangeParts.Lost} when r.status1 = {Opportunity.Paused} then {ChangeParts.Paused}
                    when r.status1 = {Opportunity.Running} then {ChangeParts.Handed} else {ChangeParts.Removed} end as went,
                case when r.was = 0 then null when r.amount1 > r.amount0 then {ChangeParts.Grew} when r.amount1 < r.amount0 then {ChangeParts.Shrank} when r.weighted1 <> r.weighted0 then {ChangeParts.Odds} end as shift,
                case when r.was = 0 then null when r.sort1 > r.sort0 then {ChangeParts.Forward} when r.sort1 < r.sort0 then {ChangeParts.Back} end as moved
            from (
                select o.id, o.number, o.name, o.customer_id, o.deleted_at, s0.status as status0, s1.status as status1, s0.stage_id as stage0, s1.stage_id as stage1, s0.owner_id as owner0, s1.owner_id as owner1, g0.sort as sort0, g1.sort as sort1,
                    coalesce(s0.amount, 0) as amount0, coalesce(s1.amount, 0) as amount1, coalesce(s0.weighted, 0) as weighted0, coalesce(s1.weighted, 0) as weighted1,
                    case when {Hands("s0", cut)} then 1 else 0 end as hands0, case when {Hands("s1", cut)} then 1 else 0 end as hands1,
                    case when {In("s0", cut)} then 1 else 0 end as was, case when {In("s1", cut)} then 1 else 0 end as stands,
                    case when exists (select 1 from opportunities.state p where p.opportunity_id = o.id and p.at >= {begin} and p.at < {end} and {In("p", cut)}) then 1 else 0 end as passed
                from opportunities.opportunity o left join opportunities.state s0 on s0.id = {Last(begin)} left join opportunities.state s1 on s1.id = {Last(end)}
                    left join opportunities.stage g0 on g0.id = s0.stage_id left join opportunities.stage g1 on g1.id = s1.stage_id
                where {Sql.When(cut.Kind is not null, $"o.kind = {cut.Kind} and")} (o.closed_at is null or o.closed_at > {begin.AddDays(-1)}) and {scope.Of("opportunity", "o")} and {scope.All("stage", "stages are the same for all")}
            ) r where r.was = 1 or r.stands = 1 or r.passed = 1
            """;
    }

    /// <summary>Whether a state is one of the pipeline, and of whom is asked about.</summary>
    private Sql In(string state, DealCut cut) => $"{Sql.Trusted(state + ".status")} = {Opportunity.Running} and {Hands(state, cut)}";

    /// <summary>Whether it was in the hands of whom is asked about.</summary>
    private Sql Hands(string state, DealCut cut)
    {
        Sql Column(string name) => Sql.Trusted($"{state}.{name}");
        var parts = new List<Sql> { $"1 = 1" };
        if (cut.OwnerId is { } owner) parts.Add($"{Column("owner_id")} = {owner}");
        if (cut.DepartmentId is { } department)
        {
            var below = organization.DepartmentAndBelow(department).ToHashSet();
            // In whose hands it still is, its own department counts; a former owner's is where that person works.
            var own = (Sql)$"({Column("owner_id")} = o.owner_id or {Column("owner_id")} is null and o.owner_id is null)";
            parts.Add($"({own} and {db.Dialect.In(Sql.Trusted("o.department_id"), below)} or not {own} and {db.Dialect.In(Column("owner_id"), [.. organization.People.Where(p => p.DepartmentId is { } d && below.Contains(d)).Select(p => p.Id)])})");
        }
        return Sql.Join(" and ", parts);
    }
}
