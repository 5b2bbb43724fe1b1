using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Looks at what was reported as done: it is, or it is to be done better.</summary>
[Action("检查", "targets.tasks.read", On = "task", Route = "tasks/{taskId}/check", Icon = "clipboard-check", When = "status=reported", Help = "分派人检查：通过则任务完成，不通过则交回执行人继续。", Example = "{\"passed\":true,\"note\":\"很好\"}")]
public sealed record CheckTask([Label("任务的编号")] long TaskId, [Label("通过")] bool Passed, [Label("意见"), MaxLength(2000)] string? Note = null) : ICommand<Done>;

internal sealed class CheckTaskHandler(TaskReports reports) : ICommandHandler<CheckTask, Done>
{
    public async Task<Done> Handle(CheckTask command, CancellationToken ct)
    {
        if (!command.Passed && string.IsNullOrWhiteSpace(command.Note)) throw new Invalid("note", "不通过时请填写意见。");
        await reports.Step(command.TaskId, command.Passed ? "pass" : "fail", command.Note, t => t.Step(reports.Gives(t), "分派人", command.Passed ? WorkTask.Closed : WorkTask.Doing, WorkTask.Reported),
            t => (t.OwnerId, command.Passed ? $"任务“{t.Subject}”已检查通过。" : $"任务“{t.Subject}”检查未通过：{command.Note}"), ct);
        return default;
    }
}
