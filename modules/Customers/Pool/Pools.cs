using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>The pools as rules need them: which one a customer falls into, who is a member, who manages.</summary>
internal sealed class Pools(IDb db, IScope scope, IOrganization organization, IDictionaries dictionaries)
{
    private IReadOnlyList<Known>? known;

    /// <summary>In the order in which they are asked.</summary>
    public async Task<IReadOnlyList<Known>> All(CancellationToken ct)
    {
        if (known is not null) return known;
        var rows = await db.Query<Row>($"""
            select p.id, p.name, p.everyone, p.review, p.daily_locks, p.daily_views, p.pause_days, p.departments, p.regions, p.types from customers.pool p
            where p.deleted_at is null and {scope.All("pool", "rules ask all of them")} order by case when p.sort is null then 1 else 0 end, p.sort, p.id
            """, ct);
        return known = [.. rows.Select(r => new Known(r.Id, r.Name, r.Everyone, r.Review, r.DailyLocks, r.DailyViews, r.PauseDays, Ids(r.Departments), List(r.Regions), List(r.Types)))];
    }

    public async Task<Known?> Find(long? id, CancellationToken ct) => id is null ? null : (await All(ct)).FirstOrDefault(p => p.Id == id);

    /// <summary>The pool a customer falls into: the first whose conditions it meets, else the one it came from, else the first without conditions, else the first.</summary>
    /// <param name="department">Of the owner it had, or of whoever enters it.</param>
    public async Task<long?> Matching(Customer customer, long? department, long? from, CancellationToken ct)
    {
        var pools = await All(ct);
        return (pools.FirstOrDefault(p => p.HasConditions && Fits(p, customer, department)) ?? pools.FirstOrDefault(p => p.Id == from) ?? pools.FirstOrDefault(p => !p.HasConditions) ?? (pools.Count > 0 ? pools[0] : null))?.Id;
    }

    /// <summary>Pools the user belongs to.</summary>
    public async Task<HashSet<long>> Of(long userId, bool managed, CancellationToken ct)
    {
        return (await db.Query<long>($"select m.pool_id from customers.pool_member m where {Mine(userId)} {Sql.When(managed, $"and m.manager = {true}")}", ct)).ToHashSet();
    }

    /// <summary>Who manages a pool.</summary>
    public async Task<IReadOnlyList<long>> Managers(long poolId, CancellationToken ct)
    {
        var rows = await db.Query<Member>($"select m.user_id, m.department_id from customers.pool_member m where m.pool_id = {poolId} and m.manager = {true}", ct);
        return [.. rows.SelectMany(m => m.UserId is { } user ? [user] : organization.DepartmentAndBelow(m.DepartmentId!.Value) is var below ? organization.People.Where(p => p.DepartmentId is { } d && below.Contains(d)).Select(p => p.Id) : []).Where(id => organization.Person(id) is { Enabled: true }).Distinct()];
    }

    private Sql Mine(long userId) => $"(m.user_id = {userId} or {db.Dialect.In(Sql.Trusted("m.department_id"), Above(organization.Person(userId)?.DepartmentId))} or (m.user_id is null and m.department_id is null))";

    /// <summary>The condition of an open customer that is seen by whoever is a member of its pool.</summary>
    public static Sql Seen(string alias, Seer seer) => $"""
        {Sql.Trusted(alias)}.pool_id in (select m.pool_id from customers.pool_member m where m.user_id = {seer.UserId}
        or {seer.Dialect.In(Sql.Trusted("m.department_id"), seer.Departments)} or (m.user_id is null and m.department_id is null))
        """;

    /// <summary>The department and all it lies in: membership of a department is membership of those below.</summary>
    private List<long> Above(long? department)
    {
        var all = new List<long>();
        for (var at = department; at is { } id && !all.Contains(id); at = organization.Department(id)?.ParentId) all.Add(id);
        return all;
    }

    private bool Fits(Known p, Customer c, long? department) =>
        (p.Departments.Count == 0 || Above(department).Any(p.Departments.Contains))
        && (p.Types.Count == 0 || c.CustomerType is { } type && p.Types.Contains(type))
        && (p.Regions.Count == 0 || RegionAndAbove(c.Region).Any(p.Regions.Contains));

    /// <summary>The region and what it lies in, the smallest first.</summary>
    public IEnumerable<string> RegionAndAbove(string? code)
    {
        var entries = dictionaries.Find("region")?.Entries ?? [];
        for (var (at, depth) = (code, 0); at is not null && depth < 5; depth++)
        {
            yield return at;
            at = entries.FirstOrDefault(e => e.Code == at)?.Parent;
        }
    }

    internal static IReadOnlyList<string> List(string? text) => string.IsNullOrEmpty(text) ? [] : text.Split(',');

    internal static IReadOnlyList<long> Ids(string? text) => [.. List(text).Select(t => long.Parse(t, CultureInfo.InvariantCulture))];

    internal sealed record Known(long Id, string Name, bool Everyone, string? Review, long? DailyLocks, long? DailyViews, long? PauseDays, IReadOnlyList<long> Departments, IReadOnlyList<string> Regions, IReadOnlyList<string> Types)
    {
        public bool HasConditions => Departments.Count + Regions.Count + Types.Count > 0;
    }

    private sealed record Row(long Id, string Name, bool Everyone, string? Review, long? DailyLocks, long? DailyViews, long? PauseDays, string? Departments, string? Regions, string? Types);
    private sealed record Member(long? UserId, long? DepartmentId);
}
