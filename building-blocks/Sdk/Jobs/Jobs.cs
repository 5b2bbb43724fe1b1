namespace KuaipuCrm.Sdk;

/// <summary>Work by the clock that is more than one transaction: it sends commands. A job that is one transaction is a command itself.</summary>
public interface IJob
{
    /// <returns>What it did, for the jobs page; null for nothing to tell.</returns>
    Task<string?> Run(CancellationToken ct);
}

/// <summary>A job that runs by the clock, as the jobs page shows it (SET-18).</summary>
/// <param name="Cron">Five fields, in the account set's time zone.</param>
/// <param name="State"><c>never</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</param>
/// <param name="Result">What it did, or why it failed.</param>
public sealed record JobInfo(string Name, string Text, string Module, string Cron, bool Paused, string State, DateTime? StartedAt, DateTime? EndedAt, string? Result, DateTime? NextAt)
{
    public string Text { get => Texts.L(field); } = Text;
    public string Module { get => Texts.L(field); } = Module;
    public string? Result { get => field is null ? null : Texts.Retell(field); } = Result;
}

[Action("后台任务列表", "settings.jobs.manage", Route = "jobs")]
public sealed record ListJobs : IQuery<IReadOnlyList<JobInfo>>;

/// <summary>Runs a job as soon as a worker is free, paused or not.</summary>
[Action("立即运行后台任务", "settings.jobs.manage", Route = "jobs/run", Example = "{\"name\":\"platform.clean-logs\"}")]
public sealed record RunJob(string Name) : ICommand<Done>;

[Action("暂停或恢复后台任务", "settings.jobs.manage", Route = "jobs/pause", Example = "{\"name\":\"platform.clean-logs\",\"paused\":true}")]
public sealed record PauseJob(string Name, bool Paused) : ICommand<Done>;
