using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Hosting;

namespace KuaipuCrm.Platform.Jobs;

/// <summary>The jobs page: what runs when, how it went, run now, pause (SET-18).</summary>
internal sealed class JobHandlers(Db db, JobCatalog jobs, Caches caches, ILifetimeScope scope, TimeProvider clock)
    : IQueryHandler<ListJobs, IReadOnlyList<JobInfo>>, ICommandHandler<RunJob, Done>, ICommandHandler<PauseJob, Done>
{
    public async Task<IReadOnlyList<JobInfo>> Handle(ListJobs query, CancellationToken ct)
    {
        var rows = (await db.Query<Row>($"select name, paused, state, started_at, ended_at, result from platform.job", ct)).ToDictionary(r => r.Name);
        var (zone, now) = (Zones.Find(caches.Company.TimeZone), clock.GetUtcNow().UtcDateTime);
        return [.. jobs.All.Select(j => rows.TryGetValue(j.Name, out var r)
            ? new JobInfo(j.Name, j.Text, j.Module, j.Cron, r.Paused, r.State, r.StartedAt, r.EndedAt, r.Result, r.Paused ? null : JobClock.Next(j.Cron, now, zone))
            : new JobInfo(j.Name, j.Text, j.Module, j.Cron, false, "never", null, null, null, JobClock.Next(j.Cron, now, zone)))];
    }

    public async Task<Done> Handle(RunJob command, CancellationToken ct)
    {
        var job = jobs.Find(command.Name) ?? throw new NotFound("后台任务");
        if (!scope.TryResolve<IEnumerable<IHostedService>>(out var services) || services.OfType<JobClock>().FirstOrDefault() is not { } alarm) throw new RuleBroken("这台服务器没有启用后台任务。");
        var gone = clock.GetUtcNow().UtcDateTime - JobRunner.Silent;
        if (await db.First<long>($"select count(*) from platform.job where name = {job.Name} and state = 'running' and seen_at >= {gone}", ct) > 0) throw new RuleBroken("该任务正在运行。");
        db.OnCommit(() => alarm.Enqueue(job.Name, true));
        return default;
    }

    public async Task<Done> Handle(PauseJob command, CancellationToken ct)
    {
        var job = jobs.Find(command.Name) ?? throw new NotFound("后台任务");
        if (await db.Execute($"update platform.job set paused = {command.Paused} where name = {job.Name}", ct) == 0)
            await db.Insert("platform.job", ["name", "paused", "state"], [[job.Name, command.Paused, "never"]], ct);
        return default;
    }

    private sealed record Row(string Name, bool Paused, string State, DateTime? StartedAt, DateTime? EndedAt, string? Result);
}
