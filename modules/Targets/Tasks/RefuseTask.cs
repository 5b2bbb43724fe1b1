using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Sends a task back to whoever gave it.</summary>
[Action("退回", "targets.tasks.read", On = "task", Route = "tasks/{taskId}/refuse", Icon = "reply", When = "status=assigned", Help = "执行人说明理由，把任务退回分派人。", Example = "{\"reason\":\"本周出差\"}")]
public sealed record RefuseTask([Label("任务的编号")] long TaskId, [Label("理由"), Required, MaxLength(500)] string Reason) : ICommand<Done>;

internal sealed class RefuseTaskHandler(TaskReports reports, ICurrentUser me) : ICommandHandler<RefuseTask, Done>
{
    public async Task<Done> Handle(RefuseTask command, CancellationToken ct)
    {
        await reports.Step(command.TaskId, "refuse", command.Reason, t => t.Step(me.Id == t.OwnerId, "执行人", WorkTask.Refused, WorkTask.Assigned), t => (t.AssignerId, $"{me.Name} 退回了任务：{t.Subject}。理由：{command.Reason}"), ct);
        return default;
    }
}
