using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Analysis;

/// <summary>What became of the leads of a period (LEA-6), by source, by owner or by month.</summary>
[Action("线索分析", "leads.leads.read", Route = "analysis", Help = "一段时间的线索，按来源、负责人或月份：数量、跟进中、已转化、无效、转化率、平均转化用时；只含可见的。")]
public sealed record AnalyseLeads([Label("按 source 来源、owner 负责人或 month 月份")] string By = "source", [Label("从哪一天")] DateOnly? From = null, [Label("到哪一天")] DateOnly? To = null, [Label("部门（含下级）的编号")] long? DepartmentId = null) : IQuery<IReadOnlyList<LeadFigures>>;

/// <param name="Key">Code of the source, id of the owner, or <c>yyyy-MM</c>; null for those without.</param>
/// <param name="Rate">Converted of all, 0 to 1.</param>
/// <param name="Days">From coming in to conversion, on average; null where none was converted.</param>
public sealed record LeadFigures(string? Key, string Label, long Count, long Open, long Following, long Converted, long Invalid, decimal Rate, decimal? Days);

internal sealed class AnalyseLeadsHandler(IDb db, IScope scope, IOrganization organization, IDictionaries dictionaries, IWorkCalendar calendar) : IQueryHandler<AnalyseLeads, IReadOnlyList<LeadFigures>>
{
    private const int MostMonths = 60;

    public async Task<IReadOnlyList<LeadFigures>> Handle(AnalyseLeads query, CancellationToken ct)
    {
        if (query.By is not ("source" or "owner" or "month")) throw new Invalid("by", "按 source（来源）、owner（负责人）或 month（月份）。");
        if (query.To < query.From) throw new Invalid("to", "时间段须从早到晚。");
        var counted = new List<(string? Key, Row Row)>();
        if (query.By == "month")
        {
            // The business month is not the month of the database's clock: each is asked for by its own bounds.
            var to = query.To ?? calendar.Today;
            var from = query.From ?? to.AddMonths(-11);
            var first = new DateOnly(from.Year, from.Month, 1);
            if (to.Year * 12 + to.Month - from.Year * 12 - from.Month >= MostMonths) throw new Invalid("from", $"按月份最多 {MostMonths} 个月。");
            for (var m = first; m <= to; m = m.AddMonths(1))
                foreach (var r in await Count(Sql.Trusted("'x'"), m < from ? from : m, m.AddMonths(1).AddDays(-1) is var last && last > to ? to : last, query.DepartmentId, ct)) counted.Add((m.ToString("yyyy-MM", CultureInfo.InvariantCulture), r));
        }
        else
        {
            foreach (var r in await Count(Sql.Trusted(query.By == "source" ? "l.source" : "cast(l.owner_id as varchar(20))"), query.From, query.To, query.DepartmentId, ct)) counted.Add((r.Mark, r));
        }
        var figures = counted.GroupBy(c => c.Key).Select(g => Figures(g.Key, Label(query.By, g.Key), [.. g.Select(c => c.Row)]));
        return [.. query.By == "month" ? figures.OrderBy(f => f.Key, StringComparer.Ordinal) : figures.OrderByDescending(f => f.Count).ThenBy(f => f.Label, StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<Row>> Count(Sql mark, DateOnly? from, DateOnly? to, long? department, CancellationToken ct)
    {
        var parts = new List<Sql> { $"l.deleted_at is null" };
        if (from is { } f) parts.Add($"l.at >= {calendar.Utc(f)}");
        if (to is { } t) parts.Add($"l.at < {calendar.Utc(t.AddDays(1))}");
        if (department is { } d) parts.Add(db.Dialect.In(Sql.Trusted("l.department_id"), [.. organization.DepartmentAndBelow(d)]));
        return await db.Query<Row>($"""
            select x.mark, x.status, count(*) as many, sum(x.convert_days) as days from
                (select {mark} as mark, l.status, l.convert_days from leads.lead l where {Sql.Join(" and ", parts)} and {scope.Of("lead", "l")}) x
            group by x.mark, x.status
            """, ct);
    }

    private string Label(string by, string? key) => by switch
    {
        _ when key is null => by == "owner" ? "（未分配）" : "（未填来源）",
        "source" => dictionaries.Label("lead.source", key),
        "owner" => organization.Person(long.Parse(key, CultureInfo.InvariantCulture))?.Name ?? key,
        _ => key,
    };

    private static LeadFigures Figures(string? key, string label, IReadOnlyList<Row> rows)
    {
        long Many(string status) => rows.Where(r => r.Status == status).Sum(r => r.Many);
        var (count, converted) = (rows.Sum(r => r.Many), Many(Lead.Converted));
        return new(key, label, count, Many(Lead.Open), Many(Lead.Following), converted, Many(Lead.Invalid), count == 0 ? 0 : Math.Round((decimal)converted / count, 4), converted == 0 ? null : Math.Round(rows.Sum(r => r.Days ?? 0) / 10_000m / converted, 1));
    }

    private sealed record Row(string? Mark, string Status, long Many, long? Days);
}
