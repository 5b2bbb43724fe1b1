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
    public Sql Over(ReleaseRule rule, string alias, DateOnly day) => $"{About(rule, alias)} and {Since(rule, alias, $"{quota.Utc(day.AddDays(1 - rule.Days))}")} and ({C(alias)}.protected_until is null or {C(alias)}.protected_until < {day})";

    /// <summary>The same, to be released on that day: the owner has been told, the days of notice ago or earlier.</summary>
    public Sql Releasable(ReleaseRule rule, string alias, DateOnly day) => rule.NoticeDays == 0 ? Over(rule, alias, day)
        : $"{Over(rule, alias, day)} and exists (select 1 from customers.release_notice n where n.customer_id = {C(alias)}.id and n.rule_id = {rule.Id} and n.said_at < {quota.Utc(day.AddDays(1 - rule.NoticeDays))})";

    /// <summary>The customers, aliased <c>c</c>, whose owner has not been told of the rule.</summary>
    public static Sql Untold(ReleaseRule rule) => $"not exists (select 1 from customers.release_notice n where n.customer_id = c.id and n.rule_id = {rule.Id})";

    /// <summary>A notice holds as long as the customer stays due under the rule it was told of and nothing of what the rule counts from has happened since; all others are forgotten, and told anew when their time comes.</summary>
    public Task Forget(ReleaseRule rule, Sql everyones, CancellationToken ct) => db.Execute($"""
        delete from customers.release_notice where rule_id = {rule.Id} and (said_at < {quota.Utc(rule.EnabledOn ?? quota.Today)} or not exists (
            select 1 from customers.customer c where c.id = customer_id and {Over(rule, "c", quota.Today.AddDays(rule.NoticeDays))} and {Since(rule, "c", Sql.Trusted("said_at"))} and {everyones}))
        """, ct);

    /// <summary>Those whose days are over on a day, the longest idle first, with the day from which on each is due, whatever the rule's own first day: not before its owner has been told and the days of notice are over.</summary>
    /// <param name="seen">The rows to choose from.</param>
    public async Task<IReadOnlyList<Due>> List(ReleaseRule rule, DateOnly day, Sql seen, int take, CancellationToken ct)
    {
        var order = rule.Base == "locked" ? "c.locked_at" : "c.idle_since";
        var rows = await db.Query<Row>($"""
            select c.id, c.name, c.owner_id, c.locked_at, c.idle_since, c.protected_until, y.at as told_at, n.said_at from customers.customer c
            left join customers.activity y on y.customer_id = c.id and y.kind = {rule.Base}
            left join customers.release_notice n on n.customer_id = c.id and n.rule_id = {rule.Id}
            where {seen} and {Over(rule, "c", day)} order by {Sql.Trusted(order)}, c.id {db.Dialect.Page(take)}
            """, ct);
        return [.. rows.Select(r => new Due(r.Id, r.Name, r.OwnerId, After(rule, r.SaidAt, On(rule, r.LockedAt, r.IdleSince, r.ToldAt, r.ProtectedUntil))))];
    }

    /// <summary>Who has not been told yet is told today at the earliest.</summary>
    private DateOnly After(ReleaseRule rule, DateTime? said, DateOnly on)
    {
        var noticed = (said is { } at ? quota.DayOf(at) : quota.Today).AddDays(rule.NoticeDays);
        return rule.NoticeDays > 0 && noticed > on ? noticed : on;
    }

    /// <summary>The day a customer is due under a rule.</summary>
    private DateOnly On(ReleaseRule rule, DateTime? lockedAt, DateTime? idleSince, DateTime? toldAt, DateOnly? protectedUntil)
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
    private static Sql Since(ReleaseRule rule, string alias, Sql moment) => rule.Base switch
    {
        "contact" => $"{C(alias)}.idle_since < {moment}",
        "locked" => $"{C(alias)}.locked_at < {moment}",
        _ => $"{C(alias)}.locked_at < {moment} and not exists (select 1 from customers.activity w where w.customer_id = {C(alias)}.id and w.kind = {rule.Base} and w.at >= {moment})",
    };

    /// <param name="On">The day it is due.</param>
    internal sealed record Due(long Id, string Name, long? OwnerId, DateOnly On);

    private sealed record Row(long Id, string Name, long? OwnerId, DateTime? LockedAt, DateTime? IdleSince, DateOnly? ProtectedUntil, DateTime? ToldAt, DateTime? SaidAt);
}
