using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Takes a task on.</summary>
[Action("接受", "targets.tasks.read", On = "task", Route = "tasks/{taskId}/accept", Icon = "check", When = "status=assigned", Confirm = "接受这项任务？", Help = "执行人接受任务，开始执行。")]
public sealed record AcceptTask([Label("任务的编号")] long TaskId) : ICommand<Done>;

internal sealed class AcceptTaskHandler(TaskReports reports, ICurrentUser me) : ICommandHandler<AcceptTask, Done>
{
    public async Task<Done> Handle(AcceptTask command, CancellationToken ct)
    {
        await reports.Step(command.TaskId, "accept", null, t => t.Step(me.Id == t.OwnerId, "执行人", WorkTask.Doing, WorkTask.Assigned), t => (t.AssignerId, $"{me.Name} 已接受任务：{t.Subject}。"), ct);
        return default;
    }
}
