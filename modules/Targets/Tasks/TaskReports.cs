using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Carries a task's steps out and keeps what was said at each (进展).</summary>
internal sealed class TaskReports(IDocuments<WorkTask> tasks, IDb db, IIds ids, IMessages messages, IOrganization organization, ICurrentUser me, TimeProvider clock)
{
    /// <summary>Whoever gave the task; where that one has left, the superiors and administrators.</summary>
    public bool Gives(WorkTask task) => Gives(task, organization, me);

    public static bool Gives(WorkTask task, IOrganization organization, ICurrentUser me) => me.Id == task.AssignerId
        || task.AssignerId is { } giver && organization.Person(giver) is not { Enabled: true } && (me.May(Permissions.Everything) || organization.Subordinates(me.Id).Contains(giver));

    /// <summary>Loads the task under the user's scope, lets it step, saves it, notes it, tells who must know.</summary>
    /// <exception cref="Conflict">Someone else was faster.</exception>
    public async Task Step(long id, string kind, string? note, Action<WorkTask> step, Func<WorkTask, (long? To, string Text)> tell, CancellationToken ct)
    {
        var task = await tasks.Get(id, ct);
        step(task);
        if (task.IsOver) task.ClosedAt = clock.GetUtcNow().UtcDateTime;
        await tasks.Update(task, ct: ct);
        await db.Insert("targets.task_report", ["id", "task_id", "at", "user_id", "kind", "progress", "note"], [[ids.Next(), id, clock.GetUtcNow().UtcDateTime, me.Id, kind, task.Progress ?? 0, string.IsNullOrWhiteSpace(note) ? null : note.Trim()]], ct);
        var (to, text) = tell(task);
        if (to is { } someone && someone != me.Id) await messages.Send([someone], "task", text, id, ct);
    }
}
