using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool.Release;

/// <summary>What a rule would release today and in the next 30 days if nothing happened meanwhile (CUS-16): as if it were switched on today, beside the rules that are on. Equals what then happens.</summary>
[Action("模拟自动解锁", "customers.rules.read", Route = "release-rules/{ruleId}/simulate", Help = "如果今天启用这条规则，今天和今后 30 天内会解锁哪些客户；其他已启用的规则先解锁的不再计入。")]
public sealed record SimulateRelease(long RuleId, [Label("最多列出几个客户，1 到 1000")] int Take = 200) : IQuery<ReleaseSimulation>;

/// <param name="Count">In all; <paramref name="More"/> where it stopped counting.</param>
/// <param name="ByDay">From today on, only days on which something is released.</param>
/// <param name="Customers">The first, of those the asker may see.</param>
public sealed record ReleaseSimulation(int Count, bool More, IReadOnlyList<ReleaseDay> ByDay, IReadOnlyList<ReleaseForecast> Customers);

public sealed record ReleaseDay(DateOnly Day, int Count);

/// <param name="Rule">The rule that will release it.</param>
public sealed record ReleaseForecast(long Id, string Name, long? OwnerId, string? Owner, DateOnly On, string Rule);

internal sealed class SimulateReleaseHandler(IDb db, IScope scope, IOrganization organization, LockQuota quota, DueCustomers due, ReleaseRulesInForce rules) : IQueryHandler<SimulateRelease, ReleaseSimulation>
{
    private const int Ahead = 30, Most = 200_000;

    public async Task<ReleaseSimulation> Handle(SimulateRelease query, CancellationToken ct)
    {
        var all = await rules.All(ct);
        var rule = all.FirstOrDefault(r => r.Id == query.RuleId) ?? throw new NotFound("自动解锁规则");
        var today = quota.Today;
        if (!rule.Enabled) rule = rule with { EnabledOn = today };
        var everyone = scope.All("customer", "numbers only; names are cut to what the asker sees");
        var mine = await Days(rule, today, everyone, ct);
        var more = mine.Count >= Most;
        // What another rule takes earlier, or on the same day being asked before, is gone by then.
        var before = true;
        foreach (var other in all)
        {
            if (other.Id == rule.Id) before = false;
            else if (other.Enabled)
                foreach (var (id, theirs) in await Days(other, today, everyone, ct))
                    if (mine.TryGetValue(id, out var own) && (theirs.On < own.On || theirs.On == own.On && before)) mine.Remove(id);
        }
        var first = mine.Values.OrderBy(d => d.On).ThenBy(d => d.Id).Take(Math.Clamp(query.Take, 1, 1000)).ToList();
        var seen = first.Count == 0 ? [] : (await db.Query<long>($"select c.id from customers.customer c where {db.Dialect.In(Sql.Trusted("c.id"), [.. first.Select(d => d.Id)])} and {scope.Of("customer", "c")}", ct)).ToHashSet();
        return new(mine.Count, more, [.. mine.Values.GroupBy(d => d.On).OrderBy(g => g.Key).Select(g => new ReleaseDay(g.Key, g.Count()))],
            [.. first.Where(d => seen.Contains(d.Id)).Select(d => new ReleaseForecast(d.Id, d.Name, d.OwnerId, d.OwnerId is { } o ? organization.Person(o)?.Name : null, d.On, rule.Name))]);
    }

    private async Task<Dictionary<long, DueCustomers.Due>> Days(ReleaseRule rule, DateOnly today, Sql seen, CancellationToken ct)
    {
        var (first, last) = (DueCustomers.From(rule, today), today.AddDays(Ahead));
        if (first < today) first = today;
        if (first > last) return [];
        return (await due.List(rule, last, seen, Most, ct)).Select(d => d with { On = d.On < first ? first : d.On }).Where(d => d.On <= last).ToDictionary(d => d.Id);
    }
}

/// <summary>Customers that will be released soon (即将解锁): within the days of notice of their rule, those the user sees.</summary>
[Action("即将解锁", "customers.customers.read", Route = "upcoming-releases", Help = "将按规则自动解锁的客户及日期：mine 为 true 只看自己的，否则为数据范围内的。", Example = "{}")]
public sealed record ListUpcomingReleases([Label("只看自己的")] bool Mine = true, [Label("最多几个，1 到 500")] int Take = 200) : IQuery<IReadOnlyList<ReleaseForecast>>;

internal sealed class ListUpcomingReleasesHandler(IScope scope, ICurrentUser me, IOrganization organization, LockQuota quota, DueCustomers due, ReleaseRulesInForce rules) : IQueryHandler<ListUpcomingReleases, IReadOnlyList<ReleaseForecast>>
{
    public async Task<IReadOnlyList<ReleaseForecast>> Handle(ListUpcomingReleases query, CancellationToken ct)
    {
        var (today, take) = (quota.Today, Math.Clamp(query.Take, 1, 500));
        Sql seen = query.Mine ? $"c.owner_id = {me.Id} and {scope.Of("customer", "c")}" : scope.Of("customer", "c");
        var found = new Dictionary<long, ReleaseForecast>();
        foreach (var rule in (await rules.All(ct)).Where(r => r.Enabled))
        {
            var (first, last) = (DueCustomers.From(rule, today), today.AddDays(Math.Max(rule.NoticeDays, 1)));
            foreach (var d in await due.List(rule, last, seen, take, ct))
            {
                var on = d.On < first ? first : d.On;
                if (on < today) on = today;
                if (on <= last && (!found.TryGetValue(d.Id, out var before) || on < before.On)) found[d.Id] = new(d.Id, d.Name, d.OwnerId, d.OwnerId is { } o ? organization.Person(o)?.Name : null, on, rule.Name);
            }
        }
        return [.. found.Values.OrderBy(f => f.On).ThenBy(f => f.Id).Take(take)];
    }
}
