using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Who gives and who gets a task, who sees it, who may change what was asked for.</summary>
internal sealed class TaskRules(IDb db, IScope scope, IAccess access, IMessages messages, IOrganization organization, ICurrentUser me, IFormat format, TimeProvider clock) : IDocumentRule<WorkTask>
{
    public Task Before(IReadOnlyList<Change<WorkTask>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            c.Now.Initials = Pinyin.Initials(c.Now.Subject);
            c.Now.RepeatBy ??= WorkTask.Once;
            c.Now.Priority ??= "normal";
            c.Now.Progress ??= 0;
            if (c.Now.OwnerId is null) c.Refuse("ownerId", "请选择由谁执行。");
            if (c.Now.RepeatBy == WorkTask.Once) c.Now.RepeatUntil = null;
            if (c.Kind == ChangeKind.Create)
            {
                c.Now.AssignerId ??= me.Id == 0 ? c.Now.OwnerId : me.Id;
                c.Now.Status ??= c.Now.IsOwn ? WorkTask.Doing : WorkTask.Assigned;
            }
            else if (c is { Undone: false, Before: { } before })
            {
                if (c.Drafted && me.Id != 0 && !TaskReports.Gives(before, organization, me) && Asked(before) != Asked(c.Now)) c.Refuse("", "主题、内容、截止日期等由分派人更改。执行人请用“汇报”。");
                // Given to someone else: that one has to accept it.
                if (before.OwnerId != c.Now.OwnerId && !c.Now.IsOver) (c.Now.Status, c.Now.Progress) = (c.Now.IsOwn ? WorkTask.Doing : WorkTask.Assigned, 0);
            }
        }
        return Task.CompletedTask;
    }

    public async Task After(IReadOnlyList<Change<WorkTask>> changes, CancellationToken ct)
    {
        var given = changes.Where(c => c.Kind == ChangeKind.Create || c.Kind == ChangeKind.Update && (c.Before!.OwnerId != c.Now.OwnerId || c.Before.AssignerId != c.Now.AssignerId || c.Before.DocumentId != c.Now.DocumentId)).Select(c => c.Now).ToList();
        await Open(given, ct);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, format.Zone));
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Create && c.Now.RepeatBy != WorkTask.Once || c.Kind == ChangeKind.Update && (c.Before!.RepeatBy != c.Now.RepeatBy || c.Before.Status != c.Now.Status && c.Now.Status == WorkTask.Cancelled)))
        {
            // Called off is called off: no further ones come of it.
            var next = c.Now.Status == WorkTask.Cancelled ? null : WorkTask.Next(c.Now.RepeatBy, today, today);
            await db.Execute($"update targets.task set next_on = {next}, repeat_from = {today} where id = {c.Now.Id} and {scope.All("task", "the row was just written by this change")}", ct);
        }
        foreach (var c in changes.Where(c => !c.Now.IsOwn && c.Now.OwnerId is not null && (c.Kind == ChangeKind.Create && !c.Imported || c.Kind == ChangeKind.Update && c.Before!.OwnerId != c.Now.OwnerId)))
            await messages.Send([c.Now.OwnerId!.Value], "task", $"有新的计划任务：{c.Now.Subject}{(c.Now.Deadline is { } day ? $"，截止 {day:yyyy-MM-dd}" : "")}。", c.Now.Id, ct);
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge)) await db.Execute($"delete from targets.task_report where task_id = {c.Now.Id}", ct);
    }

    /// <summary>Who gave the task stands beside its doer: sees it, changes what was asked, gives it on. Whoever owns the document it is tied to sees it anyway.</summary>
    private async Task Open(IReadOnlyList<WorkTask> tasks, CancellationToken ct)
    {
        if (tasks.Count == 0) return;
        await access.Replace("task", "tie", [.. tasks.Select(t => t.Id)], tasks.Where(t => !t.IsOwn && t.AssignerId is not null).Select(t => new AccessGrant(t.Id, t.Id, t.AssignerId, null)), ct);
    }

    private static (string, string?, DateOnly?, string?, long?, string?, DateOnly?, long?) Asked(WorkTask t) => (t.Subject, t.Content, t.Deadline, t.Priority, t.DocumentId, t.RepeatBy, t.RepeatUntil, t.OwnerId);
}
