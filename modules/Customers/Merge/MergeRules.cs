using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Merge;

/// <summary>What must hold of two customers that become one, and who hears of it.</summary>
internal sealed class MergeRules(IDb db, IScope scope, IEvents events) : IDocumentRule<Customer>
{
    /// <summary>Why the two can't be merged, in the user's words; null where they can.</summary>
    public async Task<string?> WhyNot(Customer stays, Customer lost, CancellationToken ct)
    {
        if (stays.Id == lost.Id) return "请选择两个不同的客户。";
        if (stays.Nature != lost.Nature) return "单位客户和个人客户不能合并。";
        // Children of the lost one come below the one that stays: it must not lie below one of them.
        var (at, depth) = (stays.ParentId, 0);
        for (; at is { } id && depth < 100; depth++)
        {
            if (id == lost.Id) return depth == 0 ? null : $"“{stays.Name}”在“{lost.Name}”的下级之下。请先调整上级客户，或保留“{lost.Name}”。";
            at = await db.First<long?>($"select c.parent_id from customers.customer c where c.id = {id} and {scope.All("customer", "the tree is whole, whoever may see its parts")}", ct);
        }
        return null;
    }

    public Task Merged(long stays, long lost, long operation, CancellationToken ct)
    {
        events.Publish(new CustomersMerged(stays, lost, operation));
        return Task.CompletedTask;
    }

    public Task Parted(long stays, long back, long operation, CancellationToken ct)
    {
        events.Publish(new CustomersParted(stays, back, operation));
        return Task.CompletedTask;
    }
}

/// <summary>What others tied to the lost customer in the moment of the merge goes after it.</summary>
internal sealed class SweepAfterMerge(IMerging merging) : IEventHandler<CustomersMerged>
{
    public Task Handle(CustomersMerged fact, CancellationToken ct) => merging.Sweep(fact.OperationId, ct);
}
