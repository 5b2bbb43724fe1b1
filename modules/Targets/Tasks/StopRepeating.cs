using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Ends a series: what was made of it stays, no more comes. From any of its tasks, done or not.</summary>
[Action("停止重复", "targets.tasks.read", On = "task", Route = "tasks/{taskId}/stop-repeating", Icon = "circle-stop", Where = typeof(WhereRepeating), Confirm = "不再产生新的任务？已产生的不变。", Help = "分派人停止重复：从第一项或其后产生的任何一项都可以，已完成的也可以。")]
public sealed record StopRepeating([Label("任务的编号")] long TaskId) : ICommand<Done>;

/// <summary>The first one of a series, and what was made of it.</summary>
internal sealed class WhereRepeating : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) =>
        values.GetValueOrDefault("seriesId") is not null || values.GetValueOrDefault("repeatBy") is not (null or WorkTask.Once) && values.GetValueOrDefault("status") is not WorkTask.Cancelled;
}

internal sealed class StopRepeatingHandler(IDocuments<WorkTask> tasks, TaskReports reports) : ICommandHandler<StopRepeating, Done>
{
    public async Task<Done> Handle(StopRepeating command, CancellationToken ct)
    {
        var task = await tasks.Get(command.TaskId, ct);
        var first = task.SeriesId is { } series ? await tasks.FindAny(series, "the series of a task the user sees", ct) : task;
        if (first is null or { RepeatBy: null or WorkTask.Once } or { Status: WorkTask.Cancelled }) throw new RuleBroken("这项任务不重复，或已停止重复。");
        if (!reports.Gives(first)) throw new RuleBroken("只有分派人可以这样处理。");
        first.RepeatBy = WorkTask.Once;
        await tasks.Keep([first], "whoever gave the series ends it", ct);
        return default;
    }
}
