using KuaipuCrm.Customers.Pool.Release;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Who owns a customer, since when, until when, who did before, who asks for it (归属).</summary>
[Action("客户归属", "customers.customers.read", Route = "customers/{customerId}/ownership", Help = "负责人及锁定时间、保护、将于何时按哪条规则解锁、历任负责人、锁定申请。")]
public sealed record GetOwnership(long CustomerId) : IQuery<Ownership>;

/// <param name="ReleaseOn">When it will be released if nothing happens; null where no rule is about it.</param>
/// <param name="Rule">By which rule.</param>
/// <param name="Requests">Who asks for it, or waits for it to fall free.</param>
/// <param name="MayReveal">It is open, and the asker may look at its contact data.</param>
public sealed record Ownership(string? Owner, DateTime? LockedAt, DateOnly? ProtectedUntil, string? ProtectReason, DateOnly? ReleaseOn, string? Rule, string? Pool, IReadOnlyList<OwnerChange> Changes, IReadOnlyList<LockRequestView> Requests, bool MayReveal);

public sealed record OwnerChange(DateTime At, string Kind, string? From, string? To, string By, string? Reason);

internal sealed class GetOwnershipHandler(IDb db, IScope scope, ICurrentUser me, IOrganization organization, LockDesk desk, LockQuota quota, Pools pools, DueCustomers due, ReleaseRulesInForce rules) : IQueryHandler<GetOwnership, Ownership>
{
    public async Task<Ownership> Handle(GetOwnership query, CancellationToken ct)
    {
        var mine = await Find(query.CustomerId, scope.Of("customer", "c"), ct);
        // A member of the pool sees an open one.
        var opened = mine is null && me.May(RevealContact.Permission) && (await desk.Seen([query.CustomerId], ct)).Count > 0;
        var c = mine ?? (opened ? await Find(query.CustomerId, scope.All("customer", "an open customer of the user's pool"), ct) : null) ?? throw new NotFound("客户");
        var (on, rule) = c.OwnerId is null ? (null, null) : await Forecast(query.CustomerId, ct);
        var changes = await db.Query<LogRow>($"select l.at, l.kind, l.from_id, l.to_id, l.by_id, l.reason from customers.owner_log l where l.customer_id = {query.CustomerId} order by l.id desc {db.Dialect.Page(50)}", ct);
        var requests = await db.Query<RequestRow>($"""
            select r.id, r.user_id, r.reason, r.state, r.at from customers.lock_request r
            where r.customer_id = {query.CustomerId} and r.state in ({LockState.Waiting}, {LockState.Queued}) {Sql.When(opened, $"and r.user_id = {me.Id}")} order by r.at, r.id {db.Dialect.Page(50)}
            """, ct);
        string? Who(long? id) => id is { } known ? known == 0 ? "系统" : organization.Person(known)?.Name : null;
        return new(Who(c.OwnerId), c.LockedAt, c.ProtectedUntil, c.ProtectReason, on, rule, (await pools.Find(c.PoolId, ct))?.Name,
            [.. changes.Select(l => new OwnerChange(l.At, l.Kind, Who(l.FromId), Who(l.ToId), Who(l.ById) ?? "", l.Reason))],
            [.. requests.Select(r => new LockRequestView(r.Id, query.CustomerId, c.Name, null, r.UserId, Who(r.UserId) ?? "", r.Reason, r.State, r.At, null, null, null, null))],
            c.OwnerId is null && me.May(RevealContact.Permission) && me.SeenBy is null && (await desk.Seen([query.CustomerId], ct)).Count > 0);
    }

    /// <summary>The earliest of all rules that are on.</summary>
    private async Task<(DateOnly? On, string? Rule)> Forecast(long id, CancellationToken ct)
    {
        var (today, best) = (quota.Today, ((DateOnly?)null, (string?)null));
        foreach (var rule in (await rules.All(ct)).Where(r => r.Enabled))
        {
            var first = DueCustomers.From(rule, today);
            // Far enough ahead that any rule that is about the customer at all is found, protection included.
            foreach (var d in await due.List(rule, today.AddYears(200), (Sql)$"c.id = {id} and {scope.All("customer", "one customer that was looked up under the user's rights")}", 1, ct))
            {
                var on = d.On < first ? first : d.On;
                if (on < today) on = today;
                if (best.Item1 is null || on < best.Item1) best = (on, rule.Name);
            }
        }
        return best;
    }

    private Task<Row?> Find(long id, Sql seen, CancellationToken ct) =>
        db.First<Row>($"select c.name, c.owner_id, c.locked_at, c.protected_until, c.protect_reason, c.pool_id from customers.customer c where c.id = {id} and c.deleted_at is null and {seen}", ct);

    private sealed record Row(string Name, long? OwnerId, DateTime? LockedAt, DateOnly? ProtectedUntil, string? ProtectReason, long? PoolId);
    private sealed record LogRow(DateTime At, string Kind, long? FromId, long? ToId, long ById, string? Reason);
    private sealed record RequestRow(long Id, long UserId, string? Reason, string State, DateTime At);
}
