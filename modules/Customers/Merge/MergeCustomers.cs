using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Merge;

/// <summary>What merging two customers would bring together (CUS-6). Nothing is changed.</summary>
[Action("合并预览", CustomersModule.MergePermission, Route = "customers/{staysId}/merge-preview/{lostId}", Help = "两个客户合并时，各有多少联系人、关联资料、附件等会归到保留的客户；不能合并时说明原因。")]
public sealed record PreviewMerge([Label("保留的客户")] long StaysId, [Label("并入的客户")] long LostId) : IQuery<MergePreview>;

/// <param name="Fields">Names of the fields that may be chosen.</param>
/// <param name="Differing">Those of them in which the two differ; masks don't tell.</param>
/// <param name="Refusal">Why the two can't be merged this way round; null where they can.</param>
public sealed record MergePreview(IReadOnlyList<string> Fields, IReadOnlyList<string> Differing, IReadOnlyList<MergeCount> Counts, string? Refusal);

/// <summary>Makes two customers one: everything tied to either goes to the one that stays, in all modules; undone by one command.</summary>
[Action("合并客户", CustomersModule.MergePermission, Route = "customers/{staysId}/merge/{lostId}", Icon = "code-merge",
    Help = "把一个客户并入另一个：联系人、关联单据、附件、点评、共享、关注都归到保留的客户，并入的客户移到回收站；fromLost 中的字段取并入客户的值。可用 POST /api/platform/operations/{id}/undo 撤销。",
    Example = "{\"staysVersion\":1,\"lostVersion\":1,\"fromLost\":[\"phone\"]}")]
public sealed record MergeCustomers([Label("保留的客户")] long StaysId, [Label("并入的客户")] long LostId, [Label("所见的保留客户的版本")] long StaysVersion, [Label("所见的并入客户的版本")] long LostVersion, [Label("取并入客户的值的字段")] IReadOnlyList<string>? FromLost = null) : ICommand<Merged>;

internal sealed class MergeHandler(IDocuments<Customer> customers, IMerging merging, MergeRules rules) : IQueryHandler<PreviewMerge, MergePreview>, ICommandHandler<MergeCustomers, Merged>
{
    public async Task<MergePreview> Handle(PreviewMerge query, CancellationToken ct)
    {
        var (stays, lost) = (await customers.Get(query.StaysId, ct), await customers.Get(query.LostId, ct));
        var fields = merging.Choices("customer");
        return new([.. fields.Select(f => f.Name)], [.. fields.Where(f => !Equals(f.Get(stays), f.Get(lost))).Select(f => f.Name)], await merging.Count("customer", stays.Id, lost.Id, ct), await rules.WhyNot(stays, lost, ct));
    }

    public async Task<Merged> Handle(MergeCustomers command, CancellationToken ct)
    {
        var (stays, lost) = (await customers.GetToChange(command.StaysId, ct), await customers.GetToChange(command.LostId, ct));
        if (await rules.WhyNot(stays, lost, ct) is { } why) throw new RuleBroken(why);
        return await merging.Merge("customer", new MergePlan(stays.Id, command.StaysVersion, lost.Id, command.LostVersion, command.FromLost ?? []), ct);
    }
}
