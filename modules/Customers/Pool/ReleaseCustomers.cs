using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Where buttons for customers with an owner stand.</summary>
internal sealed class WhereLocked : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("ownerId") is not null;
    public bool InList(string? view) => view != "open";
}

/// <summary>Where buttons for one's own customers stand.</summary>
internal sealed class WhereMine : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("ownerId") as long? == userId;
    public bool InList(string? view) => view != "open";
}

/// <summary>Gives customers back (CUS-12): by the owner, or by whoever is above and has them in scope. They fall into the matching pool or the chosen one.</summary>
[Action("取消锁定", Permission, Route = "customers/release", On = "customer", OnMany = "customer", Where = typeof(WhereLocked), Icon = "lock-open",
    Help = "取消锁定：客户回到公海，不给 poolId 时按匹配规则。只能取消自己的或下属的。", Example = "{\"ids\":[1024],\"reason\":\"客户暂无需求\"}")]
public sealed record ReleaseCustomers(IReadOnlyList<long> Ids, [Label("取消理由"), Required, MaxLength(500)] string Reason, [Label("放入公海（不选则按匹配规则）", Of = "pool")] long? PoolId = null) : ICommand<BatchResult>
{
    public const string Permission = "customers.lock.release";
}

internal sealed class ReleaseCustomersHandler(IDb db, IScope scope, ICurrentUser me, IOrganization organization, IDocuments<Customer> customers, IOperations operations, Pools pools, LockDesk desk) : ICommandHandler<ReleaseCustomers, BatchResult>
{
    public async Task<BatchResult> Handle(ReleaseCustomers command, CancellationToken ct)
    {
        var wanted = ManyCustomers.Checked(command.Ids);
        if (command.PoolId is { } pool && await pools.Find(pool, ct) is null) throw new Invalid("poolId", "公海不存在。");
        var mine = organization.Subordinates(me.Id).Append(me.Id).ToList();
        var assigns = me.May("customers.customers.assign");
        var operation = await operations.Begin("release", $"取消锁定客户 {wanted.Count} 个：{command.Reason.Trim()}", "customer", wanted.Count, ct);
        IReadOnlyList<Change<Customer>> changes;
        using (operations.Within(operation))
        using (desk.Doing(OwnerAct.Release, command.Reason.Trim()))
        {
            changes = await customers.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), wanted)} and t.owner_id is not null and {scope.ToDispose("customer", "t")}", "cut to what is wholly the user's in the condition", c =>
            {
                // Who only sees a customer, as a colleague, does not take it from its owner; what is shared is left out by the condition.
                if (!mine.Contains(c.Now.OwnerId!.Value) && !assigns) c.Refuse("", "只有负责人或其上级可以取消锁定。");
                c.Now.OwnerId = null;
                if (command.PoolId is { } to) c.Now.PoolId = to;
            }, ct);
        }
        return await ManyCustomers.End(operations, operation, wanted, changes, "客户不存在、没有负责人，或您无权操作。", ct);
    }
}

/// <summary>What acts over chosen customers have in common.</summary>
internal static class ManyCustomers
{
    public const int Most = 2_000;

    public static IReadOnlyList<long> Checked(IReadOnlyList<long> ids)
    {
        var wanted = ids.Distinct().ToList();
        return wanted.Count is > 0 and <= Most ? wanted : throw new Invalid("ids", $"请选择 1 到 {Most:N0} 个客户。");
    }

    /// <summary>Closes the act: what was done, what not and why.</summary>
    public static async Task<BatchResult> End(IOperations operations, long operation, IReadOnlyList<long> wanted, IReadOnlyList<Change<Customer>> changes, string missing, CancellationToken ct)
    {
        var met = changes.Select(c => c.Now.Id).ToHashSet();
        var problems = changes.Where(c => c.Errors.Count > 0).Select(c => new RowProblem(c.Now.Id, c.Now.Name, string.Join("；", c.Errors.Select(e => e.Message))))
            .Concat(wanted.Where(id => !met.Contains(id)).Select(id => new RowProblem(id, "", missing, "id"))).ToList();
        var done = changes.Count(c => c.Errors.Count == 0);
        if (done == 0 && wanted.Count == 1) throw met.Count == 0 ? new NotFound("客户") : new RuleBroken(problems[0].Message);
        await operations.End(operation, done, problems, null, ct);
        return new(operation, done, problems);
    }
}
