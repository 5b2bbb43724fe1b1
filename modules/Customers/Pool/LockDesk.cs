using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>An open customer as whoever asks for it sees it.</summary>
internal sealed record OpenCustomer(long Id, string Name, long? PoolId);

/// <summary>Gives open customers to those who ask, and takes them back: used by asking, by reviewing and by releasing.</summary>
internal sealed class LockDesk(IDb db, IScope scope, ICurrentUser me, IDocuments<Customer> customers, LockRulesInForce rules, LockQuota quota, Pools pools, OwnerAct act)
{
    /// <summary>Until the command ends, nobody else gives this person customers.</summary>
    public Task Begin(long userId, CancellationToken ct) => quota.Hold([userId], ct);

    /// <summary>Those of the customers that are open, in a pool of the user's or in the user's scope.</summary>
    public async Task<IReadOnlyList<OpenCustomer>> Seen(IReadOnlyCollection<long> ids, CancellationToken ct)
    {
        var mine = await pools.Of(me.Id, managed: false, ct);
        return await db.Query<OpenCustomer>($"""
            select c.id, c.name, c.pool_id from customers.customer c
            where {db.Dialect.In(Sql.Trusted("c.id"), ids)} and c.owner_id is null and c.deleted_at is null and ({db.Dialect.In(Sql.Trusted("c.pool_id"), mine)} or {scope.Of("customer", "c")})
            """, ct);
    }

    public async Task<bool> NeedsReview(long? poolId, CancellationToken ct) => (await pools.Find(poolId, ct))?.Review switch { "yes" => true, "no" => false, _ => (await rules.Get(ct)).Review };

    /// <summary>Why a person may not lock a customer now, apart from the quota; null where the person may.</summary>
    /// <param name="counted">What the person has locked today, by pool, 0 for all, where it does not change between several questions.</param>
    public async Task<string?> WhyNot(OpenCustomer c, long userId, CancellationToken ct, Dictionary<long, long>? counted = null)
    {
        async Task<long> Today(long? poolId)
        {
            if (counted?.TryGetValue(poolId ?? 0, out var known) == true) return known;
            var n = await quota.LockedToday(userId, poolId, ct);
            if (counted is not null) counted[poolId ?? 0] = n;
            return n;
        }
        var pool = await pools.Find(c.PoolId, ct);
        var pause = pool?.PauseDays ?? (await rules.Get(ct)).PauseDays;
        if (pause > 0 && (await db.First<Left>($"select max(l.at) as at from customers.owner_log l where l.customer_id = {c.Id} and l.from_id = {userId} and l.to_id is null", ct))?.At is { } left
            && quota.DayOf(left).AddDays((int)pause) is var from && from > quota.Today)
            return $"解锁后 {pause} 天内原负责人不能再次锁定，{from:yyyy-MM-dd} 起可以申请。";
        if ((await quota.Of(userId, ct)).DailyLocks is { } daily && await Today(null) >= daily) return $"今天锁定的客户已达每日上限 {daily} 个，请明天再申请。";
        if (pool?.DailyLocks is { } own && await Today(c.PoolId) >= own) return $"今天从公海“{pool.Name}”锁定的客户已达每日上限 {own} 个，请明天再申请。";
        return null;
    }

    /// <summary>Locks those of the customers that are still open. The limits of the day are counted row by row.</summary>
    /// <returns>How many, and why the others not.</returns>
    public async Task<(int Locked, IReadOnlyList<RowProblem> Problems)> Lock(IReadOnlyList<long> ids, long userId, string? reason, CancellationToken ct)
    {
        var (locked, problems) = (0, new List<RowProblem>());
        using var why = Doing(OwnerAct.Lock, reason);
        var daily = (await quota.Of(userId, ct)).DailyLocks is { } limit ? limit - await quota.LockedToday(userId, null, ct) : long.MaxValue;
        var pooled = new Dictionary<long, long>();
        foreach (var pool in await pools.All(ct))
            if (pool.DailyLocks is { } most) pooled[pool.Id] = most - await quota.LockedToday(userId, pool.Id, ct);
        var changes = await customers.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), ids)} and t.owner_id is null", "open customers belong to nobody's scope; who may ask was looked at", c =>
        {
            if (daily <= 0 || c.Now.PoolId is { } p && pooled.TryGetValue(p, out var left) && left <= 0) c.Refuse("", "今天锁定的客户已达每日上限，请明天再申请。");
            c.Now.OwnerId = userId;
            daily--;
            if (c.Now.PoolId is { } from && pooled.TryGetValue(from, out var n)) pooled[from] = n - 1;
        }, ct);
        foreach (var c in changes)
            if (c.Errors.Count == 0) locked++;
            else problems.Add(new(c.Now.Id, c.Now.Name, string.Join("；", c.Errors.Select(e => e.Message))));
        problems.AddRange(ids.Where(id => changes.All(c => c.Now.Id != id)).Select(id => new RowProblem(id, "", "刚刚已被他人锁定。")));
        return (locked, problems);
    }

    /// <summary>Releases a customer of the person's, to make room for another.</summary>
    /// <returns>Why not; null where it is done.</returns>
    public async Task<string?> Release(long id, long userId, string reason, CancellationToken ct)
    {
        using var why = Doing(OwnerAct.Release, reason);
        var changes = await customers.ChangeWhere($"t.id = {id} and t.owner_id = {userId}", "the person's own customer, by the person's wish", c => c.Now.OwnerId = null, ct);
        return changes.Count == 0 ? "要取消锁定的客户不是申请人的客户。" : changes[0].Errors is [var error, ..] ? error.Message : null;
    }

    public async Task MustBeMine(long id, long userId, CancellationToken ct)
    {
        if (await db.First<long>($"select count(*) from customers.customer c where c.id = {id} and c.owner_id = {userId} and c.deleted_at is null and {scope.All("customer", "asked by its owner")}", ct) == 0)
            throw new Invalid("releaseId", "要取消锁定的客户不是您的客户。");
    }

    /// <summary>Says why owners change until it is disposed.</summary>
    public IDisposable Doing(string kind, string? reason, bool along = false, long? ruleId = null)
    {
        (act.Kind, act.Reason, act.Along, act.RuleId) = (kind, reason, along, ruleId);
        return new Over(act);
    }

    private sealed record Left(DateTime? At);

    private sealed class Over(OwnerAct act) : IDisposable
    {
        public void Dispose() => (act.Kind, act.Reason, act.Along, act.RuleId) = (null, null, false, null);
    }
}
