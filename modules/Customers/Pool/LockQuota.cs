using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>How many customers a person may have locked, protect, and lock a day (CUS-11, CUS-21, CUS-9). Counted where it is kept: two at once are counted one after the other.</summary>
internal sealed class LockQuota(IDb db, IScope scope, IOrganization organization, LockRulesInForce rules, IFormat format, TimeProvider clock)
{
    private const string Why = "a person's customers are counted, whoever asks";
    /// <summary>Rows of <c>customers.lock_slot</c>, one of which stands for a person.</summary>
    internal const int Slots = 64;

    /// <summary>What holds for a person: the own limit, else that of the post, else that of all.</summary>
    public async Task<Limits> Of(long userId, CancellationToken ct)
    {
        var all = await rules.Get(ct);
        var own = all.Quotas.FirstOrDefault(q => q.UserId == userId);
        var post = organization.Person(userId)?.PostId is { } p ? all.Quotas.FirstOrDefault(q => q.PostId == p) : null;
        return new(own?.Held ?? post?.Held ?? all.Quota, own?.Protected ?? post?.Protected ?? all.ProtectQuota, own?.DailyLocks ?? post?.DailyLocks ?? all.DailyLocks);
    }

    /// <summary>Until the command ends, nobody else gives these people customers.</summary>
    public async Task Hold(IEnumerable<long> users, CancellationToken ct)
    {
        foreach (var slot in users.Select(u => u % Slots).Distinct().Order().ToList())
            await db.Execute($"update customers.lock_slot set stamp = stamp + 1 where slot = {slot}", ct);
    }

    /// <summary>Living customers by owner.</summary>
    public async Task<IReadOnlyDictionary<long, long>> Held(IReadOnlyCollection<long> users, CancellationToken ct) => users.Count == 0 ? new Dictionary<long, long>() :
        (await db.Query<Count>($"select c.owner_id, count(*) as held from customers.customer c where {db.Dialect.In(Sql.Trusted("c.owner_id"), users)} and c.deleted_at is null and {scope.All("customer", Why)} group by c.owner_id", ct)).ToDictionary(c => c.OwnerId, c => c.Held);

    public Task<long> Protected(long userId, CancellationToken ct) =>
        db.First<long>($"select count(*) from customers.customer c where c.owner_id = {userId} and c.protected_until >= {Today} and c.deleted_at is null and {scope.All("customer", Why)}", ct);

    /// <summary>Customers a person has locked by asking since the day began, in one pool or all.</summary>
    public Task<long> LockedToday(long userId, long? poolId, CancellationToken ct) =>
        db.First<long>($"select count(*) from customers.owner_log l where l.to_id = {userId} and l.at >= {DayBegan} and l.kind = {OwnerAct.Lock} {Sql.When(poolId is not null, $"and l.pool_id = {poolId}")}", ct);

    /// <summary>The business day of this moment.</summary>
    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, format.Zone));

    private DateTime DayBegan => TimeZoneInfo.ConvertTimeToUtc(Today.ToDateTime(TimeOnly.MinValue), format.Zone);

    /// <summary>Says that the limit is reached, and which of the person's customers have lain idle longest.</summary>
    public async Task<string> Refusal(long userId, long limit, long held, bool own, CancellationToken ct)
    {
        var who = own ? "您" : organization.Person(userId)?.Name ?? "该用户";
        if (!own) return $"{who}的锁定数量已达上限 {limit} 个（现有 {held} 个）。";
        var idle = await LeastActive(userId, 3, ct);
        var names = string.Join("、", idle.Select(i => $"{i.Name}（{i.Days} 天）"));
        return $"{who}的锁定数量已达上限 {limit} 个（现有 {held} 个）。{(names.Length > 0 ? $"最久没有联系的是：{names}。可以在申请锁定时选择先取消锁定其中一个。" : "")}";
    }

    /// <summary>A person's customers that lie idle longest, protected ones last.</summary>
    public async Task<IReadOnlyList<IdleCustomer>> LeastActive(long userId, int take, CancellationToken ct)
    {
        var today = Today;
        var rows = await db.Query<Idle>($"""
            select c.id, c.name, c.idle_since from customers.customer c where c.owner_id = {userId} and c.deleted_at is null and {scope.All("customer", Why)}
            order by case when c.protected_until >= {today} then 1 else 0 end, c.idle_since, c.id {db.Dialect.Page(take)}
            """, ct);
        return [.. rows.Select(r => new IdleCustomer(r.Id, r.Name, r.IdleSince is { } at ? today.DayNumber - DayOf(at).DayNumber : 0))];
    }

    /// <summary>The business day a moment belongs to.</summary>
    public DateOnly DayOf(DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), format.Zone));

    /// <summary>The first moment of a business day.</summary>
    public DateTime Utc(DateOnly day) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), format.Zone);

    /// <param name="Held">Null for any number.</param>
    public sealed record Limits(long? Held, long? Protected, long? DailyLocks);

    private sealed record Count(long OwnerId, long Held);
    private sealed record Idle(long Id, string Name, DateTime? IdleSince);
}

/// <summary>One's own limits and how far they are used.</summary>
[Action("我的锁定数量", "customers.customers.read", Route = "lock-quota", Help = "自己的锁定与保护数量上限、已用多少、今天还能锁定几个，以及最久没有联系的客户。")]
public sealed record GetLockQuota : IQuery<LockQuotaView>;

/// <param name="Limit">Null for any number.</param>
/// <param name="LeastActive">What could be released to make room.</param>
public sealed record LockQuotaView(long Held, long? Limit, long Protected, long? ProtectLimit, long LockedToday, long? DailyLocks, IReadOnlyList<IdleCustomer> LeastActive);

/// <param name="Days">Since it was locked or last contacted.</param>
public sealed record IdleCustomer(long Id, string Name, int Days);

internal sealed class GetLockQuotaHandler(LockQuota quota, ICurrentUser me) : IQueryHandler<GetLockQuota, LockQuotaView>
{
    public async Task<LockQuotaView> Handle(GetLockQuota query, CancellationToken ct)
    {
        var limits = await quota.Of(me.Id, ct);
        return new((await quota.Held([me.Id], ct)).GetValueOrDefault(me.Id), limits.Held, await quota.Protected(me.Id, ct), limits.Protected, await quota.LockedToday(me.Id, null, ct), limits.DailyLocks, await quota.LeastActive(me.Id, 5, ct));
    }
}
