using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>
/// What holds whenever a customer gets or loses its owner, by whatever way: form, API, import, batch change, transfer, hand-over, undo (CUS-9, CUS-11, SET-8).
/// Before: who owns a new one, room under the quota, the pool it falls into. After: the quota once more under the lock of the people concerned, the log, those who wait.
/// </summary>
internal sealed class OwningRules(IDb db, IScope scope, ICurrentUser me, IOrganization organization, LockRulesInForce rules, LockQuota quota, Pools pools, OwnerAct act, IIds ids, CustomerContacts contacts, IMessages messages, TimeProvider clock) : IDocumentRule<Customer>
{
    public async Task Before(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Create && !c.Undone && me.Id != 0)) await Place(c, ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var moved = changes.Where(Moved).ToList();
        // What comes out of the recycle bin comes as it went.
        foreach (var c in moved.Where(c => !c.Undone && c.Kind != ChangeKind.Restore))
        {
            c.Now.LockedAt = c.Now.OwnerId is null ? null : c.Kind == ChangeKind.Create && c.Now.CreatedAt != default ? c.Now.CreatedAt : now;
            c.Now.OpenedAt = c.Now.OwnerId is not null ? null : c.Kind == ChangeKind.Create && c.Now.CreatedAt != default ? c.Now.CreatedAt : now;
            (c.Now.ProtectedUntil, c.Now.ProtectReason) = (null, null);
            if (c.Kind == ChangeKind.Create) c.Now.IdleSince = c.Now.LockedAt;
        }
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update && c.Now.OwnerId is null && !c.Undone && NeedsPool(c)))
            c.Now.PoolId = await pools.Matching(c.Now, c.Before?.DepartmentId ?? me.DepartmentId, c.Before?.PoolId, ct);
        await MustFit([.. moved.Where(c => c.Now.OwnerId is not null)], ct);
    }

    public async Task After(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        var gained = changes.Where(c => c.Now.OwnerId is not null && Moved(c)).ToList();
        await MustHaveFitted(gained, ct);
        var owners = changes.Where(c => c.Kind == ChangeKind.Update && c.Before!.OwnerId != c.Now.OwnerId).ToList();
        if (owners.Count == 0) return;
        if (owners.Where(c => c.Now.OwnerId is not null).Select(c => c.Now.Id).ToList() is { Count: > 0 } got)
            await db.Execute($"""
                update customers.customer set idle_since = case when last_contact_at is not null and last_contact_at > locked_at then last_contact_at else locked_at end
                where {db.Dialect.In(Sql.Trusted("id"), got)} and {scope.All("customer", "kept beside the versions")}
                """, ct);
        await Log(owners, ct);
        await contacts.Follow([.. owners.Where(c => !c.Undone)], ct);
        await Settle([.. owners.Where(c => c.Now.OwnerId is not null)], ct);
        await TellWhoWaits([.. owners.Where(c => c.Now.OwnerId is null)], ct);
    }

    /// <summary>The owner gets one customer more or less.</summary>
    private static bool Moved(Change<Customer> c) => c.Kind switch
    {
        ChangeKind.Create => true,
        ChangeKind.Update => c.Before!.OwnerId != c.Now.OwnerId,
        ChangeKind.Restore => true,
        _ => false,
    };

    /// <summary>None was chosen: neither now nor with what it had before it was locked.</summary>
    private static bool NeedsPool(Change<Customer> c) => c.Now.PoolId is null || c.Kind == ChangeKind.Update && c.Before!.OwnerId is not null && c.Before.PoolId == c.Now.PoolId;

    /// <summary>Who owns a new customer (SET-8): whoever enters it, nobody, or whom its region or industry belongs to. An owner named on purpose stays.</summary>
    private async Task Place(Change<Customer> c, CancellationToken ct)
    {
        var record = c.Now;
        // Brought straight into a pool.
        if (record.PoolId is not null && record.OwnerId == me.Id)
        {
            (record.OwnerId, record.DepartmentId) = (null, null);
            return;
        }
        var all = await rules.Get(ct);
        if (record.OwnerId != me.Id || all.NewCustomers == "creator") return;
        var heir = all.NewCustomers == "open" ? null : Assigned(all, record);
        if (all.NewCustomers != "open" && heir is null) return;
        if (heir is { } to && await quota.Of(to, ct) is { Held: { } limit } && (await quota.Held([to], ct)).GetValueOrDefault(to) >= limit) heir = null;
        (record.OwnerId, record.DepartmentId) = (heir, heir is { } id ? organization.Person(id)?.DepartmentId : null);
    }

    private long? Assigned(LockRules all, Customer record)
    {
        var mine = all.Assignments.Where(a => a.Kind == all.NewCustomers).ToDictionary(a => a.Code, a => a.UserId);
        if (all.NewCustomers == "industry") return record.Industry is { } industry && mine.TryGetValue(industry, out var by) && organization.Person(by) is { Enabled: true } ? by : null;
        // A city, else its province.
        foreach (var code in pools.RegionAndAbove(record.Region))
            if (mine.TryGetValue(code, out var user) && organization.Person(user) is { Enabled: true }) return user;
        return null;
    }

    /// <summary>Room for all of them, told at each row there is none for.</summary>
    private async Task MustFit(IReadOnlyList<Change<Customer>> gained, CancellationToken ct)
    {
        if (gained.Count == 0) return;
        var limits = new Dictionary<long, long>();
        foreach (var owner in gained.Select(c => c.Now.OwnerId!.Value).Distinct())
            if ((await quota.Of(owner, ct)).Held is { } limit) limits[owner] = limit;
        if (limits.Count == 0) return;
        var held = (await quota.Held(limits.Keys, ct)).ToDictionary();
        foreach (var c in gained)
        {
            var owner = c.Now.OwnerId!.Value;
            if (!limits.TryGetValue(owner, out var limit)) continue;
            var has = held.GetValueOrDefault(owner);
            if (has < limit) held[owner] = has + 1;
            else c.Refuse(c.Kind == ChangeKind.Restore ? "" : "ownerId", await quota.Refusal(owner, limit, has, owner == me.Id, ct));
        }
    }

    /// <summary>Whoever came at the same moment is counted now: one of the two goes back.</summary>
    private async Task MustHaveFitted(IReadOnlyList<Change<Customer>> gained, CancellationToken ct)
    {
        var limited = new Dictionary<long, long>();
        foreach (var owner in gained.Select(c => c.Now.OwnerId!.Value).Distinct())
            if ((await quota.Of(owner, ct)).Held is { } limit) limited[owner] = limit;
        if (limited.Count == 0) return;
        await quota.Hold(limited.Keys, ct);
        foreach (var (owner, held) in await quota.Held(limited.Keys, ct))
            if (held > limited[owner]) throw new RuleBroken(await quota.Refusal(owner, limited[owner], held - gained.Count(c => c.Now.OwnerId == owner), owner == me.Id, ct));
    }

    private async Task Log(List<Change<Customer>> owners, CancellationToken ct)
    {
        var at = clock.GetUtcNow().UtcDateTime;
        var id = ids.Next(owners.Count);
        await db.Insert("customers.owner_log", ["id", "customer_id", "kind", "from_id", "to_id", "by_id", "at", "rule_id", "pool_id", "reason", "along"], owners.Select(c => new object?[]
        {
            id++, c.Now.Id, act.Kind ?? (c.Undone ? OwnerAct.Undo : c.Now.OwnerId is null ? OwnerAct.Release : OwnerAct.Assign), c.Before!.OwnerId, c.Now.OwnerId, me.Id, at, act.RuleId, c.Now.PoolId, act.Reason, act.Along,
        }), ct);
    }

    /// <summary>However someone got a customer, what that person asked for is settled; the others who asked queue up and hear of it, and who was told that it was free and was not the first keeps the place.</summary>
    private async Task Settle(IReadOnlyList<Change<Customer>> gained, CancellationToken ct)
    {
        if (gained.Count == 0) return;
        var asked = await db.Query<Asked>($"""
            select r.id, r.customer_id, r.user_id, r.state from customers.lock_request r
            where {db.Dialect.In(Sql.Trusted("r.customer_id"), [.. gained.Select(c => c.Now.Id)])} and r.state in ({LockState.Waiting}, {LockState.Queued}, {LockState.Told}) order by r.at, r.id
            """, ct);
        if (asked.Count == 0) return;
        var (now, owners) = (clock.GetUtcNow().UtcDateTime, gained.ToDictionary(c => c.Now.Id, c => c.Now));
        var won = asked.Where(r => r.UserId == owners[r.CustomerId].OwnerId).Select(r => r.Id).ToList();
        if (won.Count > 0) await db.Execute($"update customers.lock_request set state = {LockState.Approved}, decided_at = {now}, decided_by = {me.Id} where {db.Dialect.In(Sql.Trusted("id"), won)}", ct);
        foreach (var group in asked.Where(r => r.State != LockState.Queued && r.UserId != owners[r.CustomerId].OwnerId).GroupBy(r => r.CustomerId))
        {
            var (customer, taken) = (owners[group.Key], $"已由{organization.Person(owners[group.Key].OwnerId!.Value)?.Name}锁定");
            await db.Execute($"update customers.lock_request set state = {LockState.Queued}, decided_at = {now}, answer = {taken} where {db.Dialect.In(Sql.Trusted("id"), [.. group.Select(r => r.Id)])}", ct);
            if (group.Where(r => r.State == LockState.Waiting).Select(r => r.UserId).Distinct().ToList() is { Count: > 0 } losers)
                await messages.SendTo(losers, "lock", $"您申请锁定的客户“{customer.Name}”{taken}。您已进入候补，重新开放时会通知您。", "/customers/lock-requests", ct);
        }
    }

    /// <summary>Whoever asked for a customer and was not the one who got it hears that it is free again, in the order in which they asked.</summary>
    private async Task TellWhoWaits(IReadOnlyList<Change<Customer>> freed, CancellationToken ct)
    {
        if (freed.Count == 0) return;
        var waiting = await db.Query<Waiting>($"""
            select r.id, r.customer_id, r.user_id from customers.lock_request r where r.state = {LockState.Queued} and {db.Dialect.In(Sql.Trusted("r.customer_id"), [.. freed.Select(c => c.Now.Id)])} order by r.at, r.id
            """, ct);
        if (waiting.Count == 0) return;
        var names = freed.ToDictionary(c => c.Now.Id, c => c.Now.Name);
        await db.Execute($"update customers.lock_request set state = {LockState.Told}, decided_at = {clock.GetUtcNow().UtcDateTime} where {db.Dialect.In(Sql.Trusted("id"), [.. waiting.Select(w => w.Id)])}", ct);
        foreach (var group in waiting.GroupBy(w => w.CustomerId))
        {
            var place = 0;
            foreach (var w in group)
                await messages.SendTo([w.UserId], "lock", $"您候补的客户“{names[w.CustomerId]}”已重新开放（候补第 {++place} 位），现在可以申请锁定。", Link(w.CustomerId), ct);
        }
    }

    internal static string Link(long customerId) => $"/customers/customers/{customerId}";

    private sealed record Asked(long Id, long CustomerId, long UserId, string State);
    private sealed record Waiting(long Id, long CustomerId, long UserId);
}
