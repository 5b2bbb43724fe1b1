using KuaipuCrm.Opportunities.Funnel;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Forecast;

/// <summary>What each person expects to sign in each month, and what was won in it (职员商机预测, OPP-10).</summary>
[Action("商机预测", OpportunitiesModule.Read, Route = "forecast", Help = "职员商机预测：每人每月预签的进行中商机数、金额、加权金额，和当月成功的商机；预签日期已过的、没有预签日期的另列。只含可见的。")]
public sealed record GetForecast([Label("从哪一天所在的月份；不给则本月")] DateOnly? From = null, [Label("几个月，1 到 24")] int Months = 3, [Label("商机类型：ordinary 普通，bid 投标；不给则全部")] string? Kind = null,
    [Label("部门（含下级）的编号")] long? DepartmentId = null, [Label("负责人的编号")] long? OwnerId = null) : IQuery<ForecastView>;

/// <param name="Months">The first day of each.</param>
/// <param name="People">Whoever has a number in any column, by name.</param>
public sealed record ForecastView(IReadOnlyList<DateOnly> Months, IReadOnlyList<ForecastPerson> People, ForecastPerson Total);

/// <param name="OwnerId">Null for what belongs to nobody, and in the total.</param>
/// <param name="Overdue">Under way, and the expected day is past.</param>
/// <param name="Undated">Under way without an expected day.</param>
public sealed record ForecastPerson(long? OwnerId, string? Name, IReadOnlyList<ForecastMonth> Months, ForecastSum Overdue, ForecastSum Undated);

/// <param name="Expected">Under way, to be signed in the month and not before today.</param>
/// <param name="Won">Won in the month, whenever it was expected.</param>
public sealed record ForecastMonth(ForecastSum Expected, ForecastSum Won);

/// <summary>Money in yuan.</summary>
public sealed record ForecastSum(long Count, decimal Amount, decimal Weighted);

internal sealed class GetForecastHandler(IDb db, IScope scope, IOrganization organization, IWorkCalendar calendar) : IQueryHandler<GetForecast, ForecastView>
{
    private const int Overdue = -1, Undated = -2, Elsewhen = -3, Won = 100;

    public async Task<ForecastView> Handle(GetForecast query, CancellationToken ct)
    {
        var (cut, today) = (new DealCut(query.Kind, query.From, DepartmentId: query.DepartmentId, OwnerId: query.OwnerId).Checked() with { From = null }, calendar.Today);
        var first = query.From ?? today;
        List<DateOnly> months = [.. Enumerable.Range(0, Math.Clamp(query.Months, 1, 24)).Select(i => new DateOnly(first.Year, first.Month, 1).AddMonths(i))];
        var end = months[^1].AddMonths(1);
        Sql Cut() => cut.Where("o", db.Dialect, organization, calendar);
        // Bounds in order: the first that lies behind it names the month.
        static Sql Place(Sql column, IEnumerable<Sql> bounds, int from) => Sql.Join(" ", bounds.Select((b, i) => (Sql)$"when {column} < {b} then {from + i}"));
        var expected = Place(Sql.Trusted("o.sign_date"), months.Select(m => (Sql)$"{m.AddMonths(1)}"), 0);
        var won = Place(Sql.Trusted("o.closed_at"), months.Select(m => (Sql)$"{calendar.Utc(m.AddMonths(1))}"), Won);
        var groups = await db.Query<Group>($"""
            select t.owner_id, t.place, count(*) as many, sum(t.amount) as amount, sum(t.weighted) as weighted from (
                select o.owner_id, coalesce(o.amount, 0) as amount, coalesce(o.weighted, 0) as weighted, case when o.sign_date is null then {Undated} when o.sign_date < {today} then {Overdue} when o.sign_date < {months[0]} then {Elsewhen} {expected} else {Elsewhen} end as place
                from opportunities.opportunity o where o.status = {Opportunity.Running} and {Cut()} and {scope.Of("opportunity", "o")}
                union all
                select o.owner_id, coalesce(o.amount, 0) as amount, coalesce(o.weighted, 0) as weighted, case {won} end as place
                from opportunities.opportunity o where o.status = {Opportunity.Won} and o.closed_at >= {calendar.Utc(months[0])} and o.closed_at < {calendar.Utc(end)} and {Cut()} and {scope.Of("opportunity", "o")}
            ) t group by t.owner_id, t.place
            """, ct);
        var people = groups.Where(g => g.Place != Elsewhen).GroupBy(g => g.OwnerId).Select(g => Row(g.Key, g.Key is { } id ? organization.Person(id)?.Name : null, g, months.Count)).OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.OwnerId);
        return new(months, [.. people], Row(null, null, groups, months.Count));
    }

    private static ForecastPerson Row(long? owner, string? name, IEnumerable<Group> groups, int months)
    {
        var at = groups.ToLookup(g => g.Place);
        ForecastSum Sum(int place) => new(at[place].Sum(g => g.Many), at[place].Sum(g => g.Amount) / 100m, at[place].Sum(g => g.Weighted) / 100m);
        return new(owner, name, [.. Enumerable.Range(0, months).Select(i => new ForecastMonth(Sum(i), Sum(Won + i)))], Sum(Overdue), Sum(Undated));
    }

    private sealed record Group(long? OwnerId, long Place, long Many, long Amount, long Weighted);
}
