using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Carries out what submitters and approvers ask for.</summary>
internal sealed class ApprovalCommands(Db db, ModuleCatalog catalog, Reach reach, ApprovalEngine engine, Caches caches, ICurrentUser me)
    : ICommandHandler<SubmitDocument, long>, ICommandHandler<WithdrawDocument, Done>, ICommandHandler<Decide, Done>, ICommandHandler<DecideMany, IReadOnlyList<RowProblem>>,
      ICommandHandler<SetStandIn, Done>, IQueryHandler<GetStandIn, StandIn?>
{
    public async Task<long> Handle(SubmitDocument command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        if (!d.Approvals) throw new RuleBroken($"{d.Label}不需要审核。");
        if (command.Note?.Length > 500) throw new Invalid("note", "说明最多 500 个字。");
        var record = await reach.Changeable(d, command.Id, ct);
        if (record.Approval == ApprovalState.Review) throw new RuleBroken($"这份{d.Label}已在审核中。");
        if (record.Approval == ApprovalState.Approved) throw new RuleBroken($"这份{d.Label}已审核通过，修改之后才需要再次提交。");
        if (d.IsFinal(record)) throw new RuleBroken($"{d.Label}已是“{d.StatusText(record)}”，不能再修改。");
        // What is approved is what the submitter has seen.
        if (record.Version != command.Version) throw new RuleBroken($"这份{d.Label}刚被修改过，请刷新、核对后再提交。");
        var copyTo = command.CopyTo?.Distinct().ToList() ?? [];
        if (copyTo.Count > 20) throw new Invalid("copyTo", "最多抄送 20 人。");
        if (copyTo.Any(u => u == me.Id || caches.Organization.Person(u)?.Enabled != true)) throw new Invalid("copyTo", "请选择在职的同事，不能是自己。");
        // A copy opens the document for good, as a share does: whoever may not share it gives copies only to those who see it anyway.
        if (copyTo.Count > 0 && (await reach.RightOn(d, record, ct) != RowRight.Dispose || d.Shareable && !me.May(d.Permission(DocumentRight.Share))))
        {
            var see = await reach.WhoSee(d.Type, record.Id, copyTo, ct);
            var blind = string.Join("、", copyTo.Except(see).Select(u => caches.Organization.Person(u)!.Name));
            if (blind.Length > 0) throw new Invalid("copyTo", $"您不能共享这份{d.Label}，只能抄送给本来就看得到它的同事。请去掉：{blind}。");
        }
        return await engine.Submit(d, record, command.Note?.Trim(), copyTo, ct);
    }

    public async Task<Done> Handle(WithdrawDocument command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        await reach.Living(d, command.Id, ct);
        await engine.Withdraw(d, command.Id, ct);
        return default;
    }

    public async Task<Done> Handle(Decide command, CancellationToken ct)
    {
        await engine.Decide(command, ct);
        return default;
    }

    public async Task<IReadOnlyList<RowProblem>> Handle(DecideMany command, CancellationToken ct)
    {
        if (command.Decision is not (Decision.Approve or Decision.Reject)) throw new Invalid("decision", "批量审核只能通过或不通过。");
        if (command.TaskIds.Count is 0 or > 200) throw new Invalid("taskIds", command.TaskIds.Count == 0 ? "请先选择要审核的单据。" : "一次最多审核 200 份。");
        if (command.Decision == Decision.Reject && string.IsNullOrWhiteSpace(command.Note)) throw new Invalid("note", "请填写意见。");
        var problems = new List<RowProblem>();
        foreach (var task in command.TaskIds.Distinct())
            try
            {
                // Refused before anything of it is written: the others go on.
                await engine.Decide(new Decide(task, command.Decision, command.Note), ct);
            }
            catch (Exception e) when (e is RuleBroken or NotFound)
            {
                var title = await db.First<string>($"select d.title from platform.approval_task t join platform.approval a on a.id = t.approval_id join platform.document d on d.id = a.document_id where t.id = {task} and t.user_id = {me.Id}", ct);
                problems.Add(new(task, title ?? "", e.Message));
            }
        return problems;
    }

    public async Task<Done> Handle(SetStandIn command, CancellationToken ct)
    {
        await db.Execute($"delete from platform.stand_in where user_id = {me.Id}", ct);
        if (command.UserId is not { } other) return default;
        if (other == me.Id || caches.Organization.Person(other)?.Enabled != true) throw new Invalid("userId", "请选择一位在职的同事，不能是自己。");
        if (command.From is not { } from) throw new Invalid("from", "请填写开始日期。");
        if (command.To is { } to && to < from) throw new Invalid("to", "结束日期不能早于开始日期。");
        await db.Insert("platform.stand_in", ["user_id", "stand_in_id", "from_day", "to_day"], [[me.Id, other, from, command.To]], ct);
        if (command.Waiting) await engine.StandInFor(me.Id, other, ct);
        return default;
    }

    public async Task<StandIn?> Handle(GetStandIn query, CancellationToken ct) =>
        await db.First<Row>($"select stand_in_id, from_day, to_day from platform.stand_in where user_id = {me.Id}", ct) is { } r ? new(r.StandInId, caches.Organization.Person(r.StandInId)?.Name ?? "", r.FromDay, r.ToDay) : null;

    private sealed record Row(long StandInId, DateOnly FromDay, DateOnly? ToDay);
}
