using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Lists;

/// <summary>Puts customers among those the user watches (我关注的客户): open ones and those of subordinates; many may watch one (CUS-14).</summary>
[Action("关注", "customers.customers.read", Route = "customers/watch", Icon = "eye", Help = "把客户加入“我关注的客户”。只能关注开放的客户和下属的客户；做不到的在 problems 中说明。", Example = "{\"ids\":[1024]}")]
public sealed record WatchCustomers([Label("客户")] IReadOnlyList<long> Ids) : ICommand<BatchResult>;

/// <summary>Takes customers out of those the user watches.</summary>
[Action("取消关注", "customers.customers.read", Route = "customers/unwatch", Icon = "eye-slash", Help = "把客户移出“我关注的客户”。", Example = "{\"ids\":[1024]}")]
public sealed record UnwatchCustomers([Label("客户")] IReadOnlyList<long> Ids) : ICommand<BatchResult>;

internal sealed class WatchingHandler(IDb db, IScope scope, IDocuments<Customer> customers, Pool.LockDesk desk, IOrganization organization, ICurrentUser me, TimeProvider clock)
    : ICommandHandler<WatchCustomers, BatchResult>, ICommandHandler<UnwatchCustomers, BatchResult>
{
    public async Task<BatchResult> Handle(WatchCustomers command, CancellationToken ct)
    {
        var found = (await customers.Find(Chosen.Of(command.Ids), ct)).ToDictionary(c => c.Id);
        // A member of the pool sees an open one, which is in nobody's scope.
        var open = me.May(Pool.RevealContact.Permission) ? (await desk.Seen(Chosen.Of(command.Ids), ct)).Select(o => o.Id).ToHashSet() : [];
        var below = organization.Subordinates(me.Id).ToHashSet();
        var problems = new List<RowProblem>();
        var (done, now) = (0, clock.GetUtcNow().UtcDateTime);
        foreach (var id in command.Ids.Distinct())
            if (!found.TryGetValue(id, out var customer) && !open.Contains(id)) problems.Add(new(id, "", "客户不存在，或您无权查看。", "id"));
            else if (customer?.OwnerId is { } owner && !below.Contains(owner)) problems.Add(new(id, customer!.Name, owner == me.Id ? "是您自己的客户，不需要关注。" : "只能关注开放的客户和下属的客户。", "ownerId"));
            else
            {
                // Twice is once: clicks that arrive at the same moment wait for each other at the customer.
                await db.Execute($"update customers.customer set version = version where id = {id} and {scope.All("customer", "seen above; held, not changed")}", ct);
                await db.Execute($"insert into customers.watch (user_id, customer_id, at) select {me.Id}, {id}, {now} where not exists (select 1 from customers.watch w where w.user_id = {me.Id} and w.customer_id = {id})", ct);
                done++;
            }
        return new(0, done, problems);
    }

    public async Task<BatchResult> Handle(UnwatchCustomers command, CancellationToken ct) =>
        new(0, await db.Execute($"delete from customers.watch where user_id = {me.Id} and {db.Dialect.In(Sql.Trusted("customer_id"), Chosen.Of(command.Ids))}", ct), []);
}

/// <summary>Rows chosen in a list.</summary>
internal static class Chosen
{
    private const int Most = 1_000;

    /// <exception cref="Invalid">None, or too many for one act.</exception>
    public static IReadOnlyList<long> Of(IReadOnlyList<long> ids) =>
        ids.Count is > 0 and <= Most ? [.. ids.Distinct()] : throw new Invalid("ids", ids.Count == 0 ? "请先选择客户。" : $"一次最多处理 {Most:N0} 个客户，现在选择了 {ids.Count:N0} 个。");
}
