using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Tells how far it is; at 100 per cent it waits to be checked, and one's own task is done.</summary>
[Action("汇报", "targets.tasks.read", On = "task", Route = "tasks/{taskId}/report", Icon = "pen-to-square", When = "status=doing", Help = "执行人汇报进度；到 100 时交给分派人检查，自己给自己的任务则完成。", Example = "{\"progress\":60,\"note\":\"已联系两家\"}")]
public sealed record ReportTask([Label("任务的编号")] long TaskId, [Label("进度（%）"), Range(0, 100)] int Progress, [Label("进展"), MaxLength(2000)] string? Note = null) : ICommand<Done>;

internal sealed class ReportTaskHandler(TaskReports reports, ICurrentUser me) : ICommandHandler<ReportTask, Done>
{
    public async Task<Done> Handle(ReportTask command, CancellationToken ct)
    {
        await reports.Step(command.TaskId, "report", command.Note, t =>
        {
            t.Step(me.Id == t.OwnerId, "执行人", command.Progress < 100 ? WorkTask.Doing : t.IsOwn ? WorkTask.Closed : WorkTask.Reported, WorkTask.Doing);
            t.Progress = command.Progress;
        }, t => (t.AssignerId, command.Progress < 100 ? $"{me.Name} 汇报任务“{t.Subject}”：{command.Progress}%。" : $"{me.Name} 已完成任务“{t.Subject}”，请检查。"), ct);
        return default;
    }
}
