using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>What was reported of a task, newest first.</summary>
[Action("任务进展", "targets.tasks.read", Route = "tasks/{taskId}/reports", Help = "任务的接受、汇报、检查等，新的在前。")]
public sealed record ListTaskReports([Label("任务的编号")] long TaskId) : IQuery<IReadOnlyList<TaskReport>>;

/// <param name="Kind"><c>accept refuse report pass fail cancel</c>.</param>
/// <param name="Progress">Per cent, as it stood then.</param>
public sealed record TaskReport(DateTime At, string Who, string Kind, int Progress, string? Note);

internal sealed class ListTaskReportsHandler(IDocuments<WorkTask> tasks, IDb db, IOrganization organization) : IQueryHandler<ListTaskReports, IReadOnlyList<TaskReport>>
{
    public async Task<IReadOnlyList<TaskReport>> Handle(ListTaskReports query, CancellationToken ct)
    {
        var task = await tasks.Get(query.TaskId, ct);
        return [.. (await db.Query<Row>($"select at, user_id, kind, progress, note from targets.task_report where task_id = {task.Id} order by id desc {db.Dialect.Page(200)}", ct))
            .Select(r => new TaskReport(r.At, organization.Person(r.UserId)?.Name ?? "系统", r.Kind, (int)r.Progress, r.Note))];
    }

    private sealed record Row(DateTime At, long UserId, string Kind, long Progress, string? Note);
}
