using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool.Release;

/// <summary>Which customers a rule releases, and when: one place for the job, the warning list, the page and the simulation, so that none tells another story.</summary>
internal sealed class DueCustomers(IDb db, IOrganization organization, LockQuota quota)
{
    /// <summary>A customer someone is busy with at this moment is left for the next run.</summary>
    public static readonly TimeSpan JustChanged = TimeSpan.FromMinutes(10);

    /// <summary>The first day a rule releases anything: for its days of notice it only warns.</summary>
    public static DateOnly From(ReleaseRule rule, DateOnly today) => (rule.EnabledOn ?? today).AddDays(rule.NoticeDays);

    /// <summary>The customers, by the alias, that the rule is about and whose days are over on a day.</summary>
    public Sql Over(ReleaseRule rule, string alias, DateOnly day) => $"{About(rule, alias)} and {Since(rule, alias, quota.Utc(day.AddDays(1 - rule.Days)))} and ({C(alias)}.protected_until is null or {C(alias)}.protected_until < {day})";

    /// <summary>Those whose days are over on a day, the longest idle first, with the day from which on each is due, whatever the rule's own first day.</summary>
    /// <param name="seen">The rows to choose from.</param>
    public async Task<IReadOnlyList<Due>> List(ReleaseRule rule, DateOnly day, Sql seen, int take, CancellationToken ct)
    {
        var order = rule.Base == "locked" ? "c.locked_at" : "c.idle_since";
        var rows = await db.Query<Row>($"""
            select c.id, c.name, c.owner_id, c.locked_at, c.idle_since, c.protected_until, y.at as told_at from customers.customer c
            left join customers.activity y on y.customer_id = c.id and y.kind = {rule.Base}
            where {seen} and {Over(rule, "c", day)} order by {Sql.Trusted(order)}, c.id {db.Dialect.Page(take)}
            """, ct);
        return [.. rows.Select(r => new Due(r.Id, r.Name, r.OwnerId, On(rule, r.LockedAt, r.IdleSince, r.ToldAt, r.ProtectedUntil)))];
    }

    /// <summary>The day a customer is due under a rule.</summary>
    public DateOnly On(ReleaseRule rule, DateTime? lockedAt, DateTime? idleSince, DateTime? toldAt, DateOnly? protectedUntil)
    {
        var from = rule.Base == "contact" ? idleSince ?? lockedAt : lockedAt;
        if (toldAt is { } told && rule.Base is not ("contact" or "locked") && (from is null || told > from)) from = told;
        var due = from is { } since ? quota.DayOf(since).AddDays(rule.Days) : DateOnly.MaxValue;
        return protectedUntil is { } until && until >= due ? until.AddDays(1) : due;
    }

    private static Sql C(string alias) => Sql.Trusted(alias);

    private Sql About(ReleaseRule rule, string alias)
    {
        var (a, on) = (C(alias), rule.Conditions);
        var all = new List<Sql> { $"{a}.owner_id is not null and {a}.deleted_at is null" };
        if (on.Pools is { Count: > 0 } pools) all.Add(db.Dialect.In(Sql.Trusted($"{alias}.pool_id"), [.. pools]));
        if (on.Types is { Count: > 0 } types) all.Add(db.Dialect.In(Sql.Trusted($"{alias}.customer_type"), [.. types]));
        if (on.Levels is { Count: > 0 } levels) all.Add(db.Dialect.In(Sql.Trusted($"{alias}.level"), [.. levels]));
        if (on.Sources is { Count: > 0 } sources) all.Add(db.Dialect.In(Sql.Trusted($"{alias}.source"), [.. sources]));
        if (on.Departments is { Count: > 0 } departments) all.Add(db.Dialect.In(Sql.Trusted($"{alias}.department_id"), [.. departments.SelectMany(organization.DepartmentAndBelow).Distinct()]));
        if (on.ExceptLevels is { Count: > 0 } except) all.Add($"({a}.level is null or not ({db.Dialect.In(Sql.Trusted($"{alias}.level"), [.. except])}))");
        if (on.ExceptKey) all.Add($"({a}.is_key is null or {a}.is_key = {false})");
        if (on.ExceptRunning is { Count: > 0 } running)
            all.Add($"not exists (select 1 from customers.activity u where u.customer_id = {a}.id and u.running = {true} and {db.Dialect.In(Sql.Trusted("u.kind"), [.. running])})");
        return Sql.Join(" and ", all);
    }

    /// <summary>Nothing of what the rule counts from has happened since; an owner always has the rule's days from the lock on.</summary>
    private static Sql Since(ReleaseRule rule, string alias, DateTime moment) => rule.Base switch
    {
        "contact" => $"{C(alias)}.idle_since < {moment}",
        "locked" => $"{C(alias)}.locked_at < {moment}",
        _ => $"{C(alias)}.locked_at < {moment} and not exists (select 1 from customers.activity w where w.customer_id = {C(alias)}.id and w.kind = {rule.Base} and w.at >= {moment})",
    };

    /// <param name="On">The day it is due.</param>
    internal sealed record Due(long Id, string Name, long? OwnerId, DateOnly On);

    private sealed record Row(long Id, string Name, long? OwnerId, DateTime? LockedAt, DateTime? IdleSince, DateOnly? ProtectedUntil, DateTime? ToldAt);
}
