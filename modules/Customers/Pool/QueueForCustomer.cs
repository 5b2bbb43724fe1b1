using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Waits for a customer that someone has, with review or without (CUS-9, CUS-10): whoever queues is told when it falls free, in the order of the queue, and keeps the place until the customer is the own one or the place is given up.</summary>
/// <remarks>For customers that came from a pool of the user's, or would fall into one: the name is known from the check for duplicates, no more is told.</remarks>
[Action("候补", RequestLock.Permission, Route = "customers/{customerId}/queue", Help = "候补一个已有负责人的客户：重新开放时按候补顺序通知。只能候补来自（或解锁后会进入）自己所在公海的客户；用撤回锁定申请退出。", Example = "{}")]
public sealed record QueueForCustomer([Label("客户")] long CustomerId) : ICommand<Done>;

internal sealed class QueueForCustomerHandler(IDb db, ICurrentUser me, IIds ids, IDocuments<Customer> customers, LockQuota quota, Pools pools, TimeProvider clock) : ICommandHandler<QueueForCustomer, Done>
{
    public async Task<Done> Handle(QueueForCustomer command, CancellationToken ct)
    {
        var customer = await customers.FindAny(command.CustomerId, "whoever queues is told of nothing but that it fell free", ct);
        if (customer is null || (customer.PoolId ?? await pools.Matching(customer, customer.DepartmentId, null, ct)) is not { } pool || !(await pools.Of(me.Id, managed: false, ct)).Contains(pool)) throw new NotFound("客户");
        if (customer.OwnerId is null) throw new RuleBroken("这个客户现在是开放的，可以直接申请锁定。");
        if (customer.OwnerId == me.Id) throw new RuleBroken("这是您自己的客户。");
        // Held first: two clicks at once are one place.
        await quota.Hold([me.Id], ct);
        if (await db.Execute($"update customers.lock_request set state = {LockState.Queued} where customer_id = {customer.Id} and user_id = {me.Id} and state = {LockState.Told}", ct) > 0) return default;
        var (id, now) = (ids.Next(), clock.GetUtcNow().UtcDateTime);
        if (await db.Execute($"""
            insert into customers.lock_request (id, customer_id, user_id, state, at) select {id}, {customer.Id}, {me.Id}, {LockState.Queued}, {now}
            where not exists (select 1 from customers.lock_request x where x.customer_id = {customer.Id} and x.user_id = {me.Id} and x.state in ({LockState.Waiting}, {LockState.Queued}))
            """, ct) == 0) throw new RuleBroken("您已经在候补这个客户。");
        return default;
    }
}
