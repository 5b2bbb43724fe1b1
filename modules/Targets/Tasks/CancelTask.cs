using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Calls a task off, and with it those that would come after it.</summary>
[Action("取消任务", "targets.tasks.read", On = "task", Route = "tasks/{taskId}/cancel", Icon = "ban", When = "status=assigned|doing|reported|refused", Help = "分派人取消任务；重复的任务不再产生新的。", Example = "{\"reason\":\"客户已改期\"}")]
public sealed record CancelTask([Label("任务的编号")] long TaskId, [Label("理由"), MaxLength(500)] string? Reason = null) : ICommand<Done>;

internal sealed class CancelTaskHandler(TaskReports reports) : ICommandHandler<CancelTask, Done>
{
    public async Task<Done> Handle(CancelTask command, CancellationToken ct)
    {
        await reports.Step(command.TaskId, "cancel", command.Reason, t => t.Step(reports.Gives(t), "分派人", WorkTask.Cancelled, WorkTask.Assigned, WorkTask.Doing, WorkTask.Reported, WorkTask.Refused),
            t => (t.OwnerId, $"任务“{t.Subject}”已取消。"), ct);
        return default;
    }
}
