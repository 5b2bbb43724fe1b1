using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Team;

/// <summary>How many contacts each of one's people made in a period (TRK-6), whoever the records have been handed to since.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
[Action("下属的联系记录：人数统计", "tracking.records.read", Route = "team", Help = "自己与全部下属在一段时间内各写了多少条联系记录；只数看得到的。")]
public sealed record CountTeam([Label("第一天，默认今天")] DateOnly? From = null, [Label("最后一天，默认今天")] DateOnly? To = null) : IQuery<IReadOnlyList<TeamMember>>;

/// <param name="Records">Contact records in the period.</param>
/// <param name="Customers">Different customers contacted.</param>
/// <param name="LastAt">The newest record of the period, UTC.</param>
public sealed record TeamMember(long UserId, string Name, string? Department, int Records, int Customers, DateTime? LastAt);

internal sealed class CountTeamHandler(IDb db, IScope scope, IOrganization organization, IWorkCalendar calendar, ICurrentUser me) : IQueryHandler<CountTeam, IReadOnlyList<TeamMember>>
{
    public async Task<IReadOnlyList<TeamMember>> Handle(CountTeam query, CancellationToken ct)
    {
        var (from, to) = (query.From ?? query.To ?? calendar.Today, query.To ?? query.From ?? calendar.Today);
        if (to < from || to.DayNumber - from.DayNumber > 366) throw new Invalid("to", "时间段须从早到晚，最长一年。");
        var people = organization.Subordinates(me.Id).Append(me.Id).ToList();
        var (start, end) = (calendar.Utc(from), calendar.Utc(to.AddDays(1)));
        var counted = (await db.Query<Row>($"""
            select r.by_id, count(*) as records, count(distinct r.customer_id) as customers, max(r.at) as last_at from tracking.contact_record r
            where {db.Dialect.In(Sql.Trusted("r.by_id"), people)} and r.at >= {start} and r.at < {end} and r.deleted_at is null and {scope.Of("contactrecord", "r")} group by r.by_id
            """, ct)).ToDictionary(r => r.ById);
        return [.. people.Select(organization.Person).OfType<Person>().Where(p => p.Enabled || counted.ContainsKey(p.Id)).Select(p => counted.GetValueOrDefault(p.Id) is var c
            ? new TeamMember(p.Id, p.Name, p.DepartmentId is { } d ? organization.Department(d)?.Name : null, (int)(c?.Records ?? 0), (int)(c?.Customers ?? 0), c?.LastAt) : null!)
            .OrderBy(m => m.UserId == me.Id ? 0 : 1).ThenByDescending(m => m.Records).ThenBy(m => m.Name, StringComparer.Ordinal)];
    }

    private sealed record Row(long ById, long Records, long Customers, DateTime LastAt);
}
