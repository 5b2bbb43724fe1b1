using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Moves approvals along their flows (DOC-9). Every move locks its approval first, so that of two at once one finds the other's done.</summary>
internal sealed class ApprovalEngine(Db db, ModuleCatalog catalog, Stores stores, Flows flows, Approvers approvers, IAccess access, IMessages messages, IEvents events, Caches caches, DocumentTypes types, ICurrentUser me, IIds ids, TimeProvider clock)
{
    private static readonly string[] TaskColumns = ["id", "approval_id", "step", "user_id", "for_id", "waits_for", "state", "at", "due_at", "note"];

    /// <summary>An approval under way, with the flow it began with.</summary>
    private sealed record Run(long Id, DocumentDefinition Document, long DocumentId, long Submitter, long Step, string FlowName, FlowDefinition Flow);

    /// <summary>Where the files stand in the snapshot, beside the fields.</summary>
    internal const string FilesKey = "*files";

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <param name="copyTo">Who gets a copy at the end, besides those of the flow.</param>
    public async Task<long> Submit(DocumentDefinition d, Document record, string? note, IReadOnlyList<long> copyTo, CancellationToken ct)
    {
        if (await flows.For(d, record.Id, me.Id, ct) is not { } flow) throw new RuleBroken($"没有适用于这份{d.Label}的审核流程，请联系管理员在“审核流程”中设置。");
        var id = ids.Next();
        var content = d.Fields.Where(f => f.Name is not ("updatedAt" or "updatedBy" or "approval")).ToDictionary(f => f.Name, f => f.Get(record));
        if (d.Attachments) content[FilesKey] = await Files(record.Id, ct);
        var snapshot = JsonSerializer.Serialize(content, Journal.Json);
        await db.Insert("platform.approval", ["id", "document_id", "type_id", "flow_id", "flow_version", "submitter_id", "at", "state", "step", "note", "snapshot"],
            [[id, record.Id, types.Id(d.Type), flow.Id, flow.Version, me.Id, Now, ApprovalState.Review, -1L, note, snapshot]], ct);
        await Copies(id, flow.Definition, copyTo, "copy", ct);
        await stores.Of(d).SetApproval(record.Id, ApprovalState.Review, ct);
        await Advance(new(id, d, record.Id, me.Id, -1, flow.Name, flow.Definition), 0, ct);
        return id;
    }

    public async Task Withdraw(DocumentDefinition d, long document, CancellationToken ct)
    {
        var id = await db.First<long?>($"select id from platform.approval where document_id = {document} and state = 'review'", ct) ?? throw new RuleBroken($"这份{d.Label}不在审核中。");
        var run = await Lock(id, ct);
        if (run.Submitter != me.Id && !me.May(Permissions.Everything)) throw new RuleBroken("只有提交人可以撤回审核。");
        await End(run, ApprovalState.Withdrawn, ct);
    }

    /// <exception cref="RuleBroken">Someone else was first, or the approval has ended.</exception>
    public async Task Decide(Decide command, CancellationToken ct)
    {
        var approval = await db.First<long?>($"select approval_id from platform.approval_task where id = {command.TaskId} and user_id = {me.Id}", ct) ?? throw new NotFound("审核任务");
        var run = await Lock(approval, ct);
        var task = (await db.First<Row>($"select id, step, user_id, for_id, state from platform.approval_task where id = {command.TaskId}", ct))!;
        if (task.State != "open") throw new RuleBroken(task.State == "waiting" ? "还没有轮到您审核。" : "该审核已处理，或已由他人处理。");
        if (command.Decision is Decision.Reject or Decision.Return && string.IsNullOrWhiteSpace(command.Note)) throw new Invalid("note", "请填写意见。");
        switch (command.Decision)
        {
            case Decision.Approve:
                await Close(task, "approved", command.Note, ct);
                await Continue(run, task, ct);
                break;
            case Decision.Reject:
                await Close(task, "rejected", command.Note, ct);
                await End(run, ApprovalState.Rejected, ct);
                break;
            case Decision.Return:
                await Return(run, task, command, ct);
                break;
            case Decision.Delegate:
                var other = await Colleague(run, task, command.UserId, ct);
                await Close(task, "delegated", command.Note, ct);
                await Replace(run, task, [other], ct);
                break;
            case Decision.AddBefore:
                var first = await Add(run, task.Step, [await Present(run, task, await Colleague(run, task, command.UserId, ct), ct)], false, $"{me.Name} 请您先审核：", ct);
                await db.Execute($"update platform.approval_task set state = 'waiting', waits_for = {first} where id = {task.Id}", ct);
                break;
            case Decision.AddAfter:
                var next = await Colleague(run, task, command.UserId, ct);
                await Close(task, "approved", command.Note, ct);
                // One has approved: in a step where one is enough, only the one who was asked besides is still waited for. Whoever wanted this answer first has not decided yet.
                var wanted = await db.First<long>($"select count(*) from platform.approval_task where waits_for = {task.Id} and state = 'waiting'", ct) > 0;
                if (Mode(run, task.Step) == StepMode.Any && !wanted) await Skip(run, task.Step, ct);
                var added = await Add(run, task.Step, [await Present(run, task, next, ct)], false, $"{me.Name} 请您再审核：", ct);
                await db.Execute($"update platform.approval_task set waits_for = {added} where waits_for = {task.Id} and state = 'waiting'", ct);
                break;
            default:
                throw new Invalid("decision", "没有这种处理方式。");
        }
    }

    /// <summary>Whoever is gone is asked no more: superiors take over, else administrators; never whoever submitted, where the flow does not ask them, nor twice who is asked anyway.</summary>
    public async Task Gone(long user, CancellationToken ct)
    {
        foreach (var approval in (await db.Query<long>($"select distinct t.approval_id from platform.approval_task t join platform.approval a on a.id = t.approval_id where t.user_id = {user} and t.state in ('open', 'waiting') and a.state = 'review'", ct)).Order())
        {
            var run = await Lock(approval, ct);
            foreach (var task in await db.Query<Row>($"select id, step, user_id, for_id, state from platform.approval_task where approval_id = {approval} and user_id = {user} and state in ('open', 'waiting')", ct))
            {
                var heirs = approvers.InPlaceOf(user, run.Flow.Submitter == SubmitterRule.Ask ? null : run.Submitter).ToList();
                // Nobody is left: whoever looks after the flows sees it hang.
                if (heirs.Count == 0) continue;
                await db.Execute($"update platform.approval_task set state = 'replaced', done_at = {Now}, note = {"已停用，由他人接替"} where id = {task.Id}", ct);
                var there = await Standing(run, task.Step, ct);
                heirs.RemoveAll(there.Contains);
                // Where all must approve, one takes the place of one.
                if (Mode(run, task.Step) != StepMode.Any) heirs = [.. heirs.Take(1)];
                if (heirs.Count > 0) await Replace(run, task, heirs, ct);
                else await Next(run, task, ct);
            }
        }
    }

    /// <summary>Whoever goes away gives what waits for them to whom they named, as far as that one may decide it.</summary>
    public async Task StandInFor(long user, long other, CancellationToken ct)
    {
        foreach (var approval in (await db.Query<long>($"select distinct t.approval_id from platform.approval_task t join platform.approval a on a.id = t.approval_id where t.user_id = {user} and t.state in ('open', 'waiting') and a.state = 'review'", ct)).Order())
        {
            var run = await Lock(approval, ct);
            if (run.Submitter == other) continue;
            foreach (var task in await db.Query<Row>($"select id, step, user_id, for_id, state from platform.approval_task where approval_id = {approval} and user_id = {user} and state in ('open', 'waiting')", ct))
            {
                if ((await Standing(run, task.Step, ct)).Contains(other)) continue;
                await db.Execute($"update platform.approval_task set user_id = {other}, for_id = {task.ForId ?? user} where id = {task.Id}", ct);
                await Open(run, ct);
                if (task.State == "open") await Tell(run, [other], null, ct);
            }
        }
    }

    /// <summary>Someone else decides, as whoever looks after the flows wants it.</summary>
    public async Task Reassign(long taskId, long user, string? note, CancellationToken ct)
    {
        var approval = await db.First<long?>($"select approval_id from platform.approval_task where id = {taskId}", ct) ?? throw new NotFound("审核任务");
        var run = await Lock(approval, ct);
        var task = (await db.First<Row>($"select id, step, user_id, for_id, state from platform.approval_task where id = {taskId}", ct))!;
        if (task.State is not ("open" or "waiting")) throw new RuleBroken("该审核已处理，或已由他人处理。");
        var other = await Colleague(run, task, user, ct);
        await Close(task, "replaced", $"由 {me.Name} 改派{(string.IsNullOrWhiteSpace(note) ? "" : "：" + note.Trim())}", ct);
        await Replace(run, task, [other], ct);
    }

    /// <summary>Reminds whoever is to decide now.</summary>
    public async Task Urge(long id, CancellationToken ct)
    {
        var run = await Lock(id, ct);
        var (now, lately) = (Now, Now.AddMinutes(-10));
        var users = await db.Query<long>($"select user_id from platform.approval_task where approval_id = {id} and state = 'open' and (reminded_at is null or reminded_at < {lately})", ct);
        if (users.Count == 0) throw new RuleBroken("刚刚提醒过，请稍后再催。");
        await db.Execute($"update platform.approval_task set reminded_at = {now} where approval_id = {id} and state = 'open' and (reminded_at is null or reminded_at < {lately})", ct);
        await messages.SendTo(users, "reminder", $"{me.Name} 请您尽快审核{run.Document.Label}“{await Title(run, ct)}”。", Link(run), ct);
    }

    /// <summary>Ends what can't go on; why stands in the trail.</summary>
    public async Task Stop(long id, string why, CancellationToken ct)
    {
        var run = await Lock(id, ct);
        await db.Insert("platform.approval_task", TaskColumns, [[ids.Next(), run.Id, Math.Max(run.Step, 0), me.Id, null, null, "stopped", Now, null, why.Trim()]], ct);
        await End(run, ApprovalState.Withdrawn, ct);
    }

    /// <summary>From a step on: the first in which someone is asked, or the end.</summary>
    private async Task Advance(Run run, int from, CancellationToken ct)
    {
        for (var i = from; i < run.Flow.Steps.Count; i++)
        {
            var step = run.Flow.Steps[i];
            if (!await flows.Meets(run.Document, step.Conditions, run.DocumentId, run.Submitter, ct))
            {
                await Passed(run, i, "不满足该步骤的条件，跳过。", ct);
                continue;
            }
            var approved = (await db.Query<long>($"select user_id from platform.approval_task where approval_id = {run.Id} and state = 'approved' and step < {i}", ct)).ToHashSet();
            var found = await approvers.Of(run.Flow, step, run.Submitter, approved, ct);
            if (found.Asked.Count == 0)
            {
                await Passed(run, i, found.Why, ct);
                continue;
            }
            await db.Execute($"update platform.approval set step = {i} where id = {run.Id}", ct);
            await Add(run, i, found.Asked, step.Mode == StepMode.Sequence, null, ct);
            return;
        }
        await End(run, ApprovalState.Approved, ct);
    }

    /// <summary>After an approval in a step: who waited for it is asked; if nobody is waited for any more, the step is done.</summary>
    private async Task Continue(Run run, Row task, CancellationToken ct)
    {
        if (await Next(run, task, ct)) return;
        if (Mode(run, task.Step) == StepMode.Any) await Skip(run, task.Step, ct);
        else if (await db.First<long>($"select count(*) from platform.approval_task where approval_id = {run.Id} and state in ('open', 'waiting')", ct) > 0) return;
        await Advance(run, (int)task.Step + 1, ct);
    }

    /// <summary>Asks those who waited for a task that is closed; who went away meanwhile is stood in for.</summary>
    /// <returns>Whether there were any.</returns>
    private async Task<bool> Next(Run run, Row task, CancellationToken ct)
    {
        var waiting = await db.Query<Row>($"select id, step, user_id, for_id, state from platform.approval_task where approval_id = {run.Id} and waits_for = {task.Id} and state = 'waiting'", ct);
        foreach (var next in waiting)
        {
            var present = await Present(run, next, next.UserId, ct);
            await db.Execute($"update platform.approval_task set state = 'open', user_id = {present.UserId}, for_id = {next.ForId ?? present.ForId}, waits_for = {(long?)null}, due_at = {Due(run, task.Step)} where id = {next.Id}", ct);
            if (present.ForId is not null) await Open(run, ct);
            await Tell(run, [present.UserId], null, ct);
        }
        return waiting.Count > 0;
    }

    /// <summary>The user, or who stands in today: nobody who is asked in the step anyway, nor whoever submitted.</summary>
    private async Task<Approvers.Asked> Present(Run run, Row task, long user, CancellationToken ct) =>
        await approvers.StandIn(user, ct) is { } other && other != run.Submitter && other != task.UserId && !(await Standing(run, task.Step, ct)).Contains(other) ? new(other, user) : new(user, null);

    private async Task<HashSet<long>> Standing(Run run, long step, CancellationToken ct) =>
        [.. await db.Query<long>($"select user_id from platform.approval_task where approval_id = {run.Id} and step = {step} and state in ('open', 'waiting')", ct)];

    private async Task Return(Run run, Row task, Decide command, CancellationToken ct)
    {
        if (command.ToStep is { } to && (to < 0 || to >= task.Step)) throw new Invalid("toStep", "只能退回到前面的步骤。");
        await Close(task, "returned", command.Note, ct);
        if (command.ToStep is not { } step)
        {
            await End(run, ApprovalState.Draft, ct);
            return;
        }
        await db.Execute($"update platform.approval_task set state = 'cancelled', done_at = {Now} where approval_id = {run.Id} and state in ('open', 'waiting')", ct);
        // What was approved from there on is asked anew.
        await db.Execute($"update platform.approval_task set state = 'redo' where approval_id = {run.Id} and state in ('approved', 'passed') and step >= {step}", ct);
        await Advance(run, step, ct);
    }

    private async Task End(Run run, string state, CancellationToken ct)
    {
        await db.Execute($"update platform.approval set state = {(state == ApprovalState.Draft ? "returned" : state)}, ended_at = {Now} where id = {run.Id}", ct);
        var chosen = await db.Query<long>($"select user_id from platform.approval_task where approval_id = {run.Id} and state = 'copy' order by id", ct);
        List<long> copies = state == ApprovalState.Approved ? [.. chosen.Concat(run.Flow.CopyTo ?? []).Where(u => caches.Organization.Person(u)?.Enabled == true).Distinct()] : [];
        // Written anew: whoever gets them reads them in the order of their ids, the last one sent first.
        if (chosen.Count > 0 && copies.Count > 0) await db.Execute($"delete from platform.approval_task where approval_id = {run.Id} and state = 'copy' and {db.Dialect.In(Sql.Trusted("user_id"), copies)}", ct);
        await Copies(run.Id, run.Flow, copies, "copied", ct);
        await db.Execute($"update platform.approval_task set state = 'cancelled', done_at = {Now} where approval_id = {run.Id} and state in ('open', 'waiting', 'copy')", ct);
        await stores.Of(run.Document).SetApproval(run.DocumentId, state, ct);
        await Open(run, ct);
        var title = await Title(run, ct);
        var outcome = state switch { ApprovalState.Approved => "审核通过", ApprovalState.Rejected => "审核不通过", ApprovalState.Draft => "被退回", _ => "已撤回" };
        await messages.SendTo([run.Submitter], "approval", $"您提交的{run.Document.Label}“{title}”{outcome}。", Link(run), ct);
        await messages.SendTo(copies, "approval", $"抄送：{run.Document.Label}“{title}”{outcome}。", Link(run), ct);
        events.Publish(new ApprovalEnded(run.DocumentId, run.Document.Type, run.Id, state));
    }

    /// <summary>Copies stand behind the last step: <c>copy</c> while it is not decided, <c>copied</c> once they are sent.</summary>
    private async Task Copies(long approval, FlowDefinition flow, IReadOnlyList<long> users, string state, CancellationToken ct)
    {
        if (users.Count == 0) return;
        var first = ids.Next(users.Count);
        await db.Insert("platform.approval_task", TaskColumns, users.Select((u, i) => new object?[] { first + i, approval, (long)flow.Steps.Count, u, null, null, state, Now, null, null }), ct);
    }

    /// <returns>The id of the first task.</returns>
    private async Task<long> Add(Run run, long step, IReadOnlyList<Approvers.Asked> asked, bool sequence, string? line, CancellationToken ct)
    {
        var first = ids.Next(asked.Count);
        await db.Insert("platform.approval_task", TaskColumns, asked.Select((a, i) => new object?[]
            { first + i, run.Id, step, a.UserId, a.ForId, sequence && i > 0 ? first + i - 1 : null, sequence && i > 0 ? "waiting" : "open", Now, sequence && i > 0 ? null : Due(run, step), null }), ct);
        await Open(run, ct);
        await Tell(run, sequence ? [asked[0].UserId] : [.. asked.Select(a => a.UserId)], line, ct);
        return first;
    }

    /// <summary>Others in the place of a task that is closed; who waited for it waits for them.</summary>
    private async Task Replace(Run run, Row task, IReadOnlyList<long> named, CancellationToken ct)
    {
        var users = new List<long>();
        foreach (var user in named)
            if (await Present(run, task, user, ct) is { UserId: var present } && !users.Contains(present)) users.Add(present);
        var first = ids.Next(users.Count);
        var stillWaits = task.State == "waiting" ? await db.First<long?>($"select waits_for from platform.approval_task where id = {task.Id}", ct) : null;
        await db.Insert("platform.approval_task", TaskColumns, users.Select((u, i) => new object?[] { first + i, run.Id, task.Step, u, task.ForId ?? task.UserId, stillWaits, task.State, Now, task.State == "open" ? Due(run, task.Step) : null, null }), ct);
        await db.Execute($"update platform.approval_task set waits_for = {first} where waits_for = {task.Id} and state = 'waiting'", ct);
        await Open(run, ct);
        if (task.State == "open") await Tell(run, users, null, ct);
    }

    /// <summary>The files as they are laid beside it now.</summary>
    private async Task<IReadOnlyList<SnapshotFile>> Files(long document, CancellationToken ct) => await db.Query<SnapshotFile>($"""
        select a.slot_id, a.version, a.name, a.hash from platform.attachment a where a.document_id = {document} and a.removed_at is null
        and not exists (select 1 from platform.attachment n where n.slot_id = a.slot_id and n.version > a.version) order by a.slot_id
        """, ct);

    /// <summary>Whoever takes part sees the document, now and later. Ending what hangs is no part, nor is a copy that is not sent yet.</summary>
    private async Task Open(Run run, CancellationToken ct)
    {
        var users = await db.Query<long>($"select distinct t.user_id from platform.approval_task t join platform.approval a on a.id = t.approval_id where a.document_id = {run.DocumentId} and t.user_id <> 0 and t.state not in ('cancelled', 'replaced', 'stopped', 'copy')", ct);
        await access.Replace(run.Document.Type, "approval", [run.DocumentId], users.Select(u => new AccessGrant(run.DocumentId, run.Id, u, null)), ct);
    }

    private async Task Tell(Run run, IReadOnlyList<long> users, string? line, CancellationToken ct) =>
        await messages.SendTo(users, "approval", $"{line}请审核{run.Document.Label}“{await Title(run, ct)}”，由 {caches.Organization.Person(run.Submitter)?.Name} 提交。", Link(run), ct);

    private async Task<long> Colleague(Run run, Row task, long? user, CancellationToken ct)
    {
        if (user is not { } id || caches.Organization.Person(id)?.Enabled != true) throw new Invalid("userId", "请选择一位在职的同事。");
        if (id == task.UserId) throw new Invalid("userId", "不能选择自己。");
        if (id == run.Submitter && run.Flow.Submitter != SubmitterRule.Ask) throw new Invalid("userId", "提交人不能审核自己提交的单据。");
        if ((await Standing(run, task.Step, ct)).Contains(id)) throw new Invalid("userId", "这位同事已在本步骤的审核人之中。");
        return id;
    }

    private Task<int> Close(Row task, string state, string? note, CancellationToken ct) =>
        db.Execute($"update platform.approval_task set state = {state}, done_at = {Now}, note = {note?.Trim()} where id = {task.Id}", ct);

    private Task<int> Skip(Run run, long step, CancellationToken ct) =>
        db.Execute($"update platform.approval_task set state = 'skipped', done_at = {Now} where approval_id = {run.Id} and step = {step} and state in ('open', 'waiting')", ct);

    private Task Passed(Run run, int step, string why, CancellationToken ct) =>
        db.Insert("platform.approval_task", TaskColumns, [[ids.Next(), run.Id, (long)step, 0L, null, null, "passed", Now, null, why.Length > 500 ? why[..500] : why]], ct);

    private async Task<Run> Lock(long approval, CancellationToken ct)
    {
        if (await db.Execute($"update platform.approval set step = step where id = {approval} and state = 'review'", ct) == 0) throw new RuleBroken("该审核已经结束。");
        var row = (await db.First<Head>($"select id, document_id, type_id, flow_id, flow_version, submitter_id, step from platform.approval where id = {approval}", ct))!;
        var (name, flow) = await flows.Version(row.FlowId, row.FlowVersion, ct);
        return new(row.Id, catalog.Document(types.Name(row.TypeId)!), row.DocumentId, row.SubmitterId, row.Step, name, flow);
    }

    private DateTime? Due(Run run, long step) => step < run.Flow.Steps.Count && run.Flow.Steps[(int)step].Hours is { } hours ? Now.AddHours(hours) : null;

    private static StepMode Mode(Run run, long step) => run.Flow.Steps[(int)step].Mode;

    private static string Link(Run run) => $"/approvals/{run.Id}";

    private async Task<string> Title(Run run, CancellationToken ct) => await db.First<string>($"select title from platform.document where id = {run.DocumentId}", ct) ?? "";

    private sealed record Row(long Id, long Step, long UserId, long? ForId, string State);

    /// <summary>A file as it was handed in.</summary>
    internal sealed record SnapshotFile(long SlotId, long Version, string Name, string Hash);

    private sealed record Head(long Id, long DocumentId, long TypeId, long FlowId, long FlowVersion, long SubmitterId, long Step);
}
