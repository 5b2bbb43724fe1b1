using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Everywhere but where rows are only read.</summary>
internal sealed class WhereAssigned : IActionWhere
{
    public bool InList(string? view) => true;
}

/// <summary>Gives customers another owner (CUS-13), open ones among them, one or many; with what is open in other modules or without. The quota of the new owner holds.</summary>
[Action("移交/分配", "customers.customers.assign", Route = "customers/transfer", On = "customer", OnMany = "customer", Where = typeof(WhereAssigned), Icon = "people-arrows",
    Help = "把客户移交或分配给一位同事：联系人随客户走；along 为 true 时，其他模块中未结束的商机、线索、任务等一并移交。超出其数量上限的逐条说明。", Example = "{\"ids\":[1024],\"toId\":1,\"along\":true,\"reason\":\"区域调整\"}")]
public sealed record TransferCustomers(IReadOnlyList<long> Ids, [Label("新负责人", Of = "user"), Required] long ToId, [Label("未结束的商机、线索、任务等一并移交")] bool Along, [Label("说明"), MaxLength(500)] string? Reason) : ICommand<BatchResult>;

internal sealed class TransferCustomersHandler(IDb db, IScope scope, ICurrentUser me, IOrganization organization, IDocuments<Customer> customers, IOperations operations, Pools pools, LockQuota quota, LockDesk desk, IMessages messages) : ICommandHandler<TransferCustomers, BatchResult>
{
    public async Task<BatchResult> Handle(TransferCustomers command, CancellationToken ct)
    {
        var wanted = ManyCustomers.Checked(command.Ids);
        if (organization.Person(command.ToId) is not { Enabled: true } heir) throw new Invalid("toId", "新负责人不存在或已停用。");
        // Managers of a pool give its customers away though these are in nobody's scope.
        var managed = await pools.Of(me.Id, managed: true, ct);
        await quota.Hold([heir.Id], ct);
        var operation = await operations.Begin("transfer", $"移交客户 {wanted.Count} 个给 {heir.Name}", "customer", wanted.Count, ct);
        IReadOnlyList<Change<Customer>> changes;
        using (operations.Within(operation))
        using (desk.Doing(OwnerAct.Transfer, string.IsNullOrWhiteSpace(command.Reason) ? null : command.Reason.Trim(), command.Along))
        {
            changes = await customers.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), wanted)} and (({scope.ToDispose("customer", "t")}) or (t.owner_id is null and {db.Dialect.In(Sql.Trusted("t.pool_id"), managed)}))", "cut to what is wholly the user's, and to the user's pools, in the condition", c =>
            {
                if (c.Now.OwnerId == heir.Id) c.Refuse("", $"已经是 {heir.Name} 的客户。");
                c.Now.OwnerId = heir.Id;
            }, ct);
        }
        var result = await ManyCustomers.End(operations, operation, wanted, changes, "客户不存在，或您无权操作。", ct);
        var got = changes.Where(c => c.Errors.Count == 0).ToList();
        if (got.Count > 0)
            await messages.SendTo([heir.Id], "lock", got.Count == 1 ? $"{me.Name} 把客户“{got[0].Now.Name}”移交给您。" : $"{me.Name} 把“{got[0].Now.Name}”等 {got.Count} 个客户移交给您。", got.Count == 1 ? OwningRules.Link(got[0].Now.Id) : "/customers/customers?view=mine", ct);
        return result;
    }
}
