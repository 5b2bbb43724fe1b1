using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Jobs;

/// <summary>Runs a job as the system and writes down how it went. Called by the clock; of two hosts, or two clicks, one runs it.</summary>
internal sealed class JobRunner(ILifetimeScope root, Engine engine, JobCatalog jobs, IProblems problems, TimeProvider clock, ILogger<JobRunner> log)
{
    /// <summary>A run that says nothing for so long belongs to a host that is gone.</summary>
    internal static readonly TimeSpan Silent = TimeSpan.FromMinutes(2);

    /// <summary>How a run ended that the host's stop cut off: it is made up for at the next start.</summary>
    internal const string CutOff = "系统停止，任务中断；重新启动后再运行。";

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Called by the clock. That of the servers hands out again what the host's stop has cut off.</summary>
    public async Task Hand(string name, bool asked, CancellationToken ct)
    {
        if (!await Run(name, asked, ct)) ct.ThrowIfCancellationRequested();
    }

    /// <param name="asked">Someone asked for it now, paused or not.</param>
    /// <returns>False where it was cut off.</returns>
    public async Task<bool> Run(string name, bool asked, CancellationToken ct)
    {
        // Stays in the clock's memory when a module goes; the start removes it.
        if (jobs.Find(name) is not { } job || !await Claim(name, asked, ct)) return true;
        using var alive = new Timer(_ => Seen(name), null, Silent / 4, Silent / 4);
        var (state, result) = ("done", (string?)null);
        try
        {
            await using var scope = root.BeginLifetimeScope();
            scope.Resolve<Caller>().ActAsSystem($"job {name}");
            if (typeof(IJob).IsAssignableFrom(job.Type)) result = await ((IJob)scope.Resolve(job.Type)).Run(ct);
            else await Carry(scope.Resolve<IMediator>(), job.Type, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            (state, result) = ("failed", CutOff);
        }
        catch (Exception e)
        {
            log.LogError(e, "Job {Job} failed", name);
            (state, result) = ("failed", problems.Message(e));
        }
        var (db, ended) = (new Db(engine), Now);
        if (result?.Length > 500) result = result[..500];
        await db.Unit(() => db.Execute($"update platform.job set state = {state}, ended_at = {ended}, result = {result} where name = {name}"), CancellationToken.None);
        return result != CutOff;
    }

    private static Task Carry(IMediator mediator, Type command, CancellationToken ct) => (Task)typeof(IMediator).GetMethods().Single(m => m.Name == nameof(IMediator.Send) && m.IsGenericMethod)
        .MakeGenericMethod(command.GetInterfaces().Single(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>)).GetGenericArguments()[0]).Invoke(mediator, [Activator.CreateInstance(command), ct])!;

    private Task<bool> Claim(string name, bool asked, CancellationToken ct)
    {
        var (db, now, gone) = (new Db(engine), Now, Now - Silent);
        return db.Unit(async () => await db.Execute($"update platform.job set state = 'running', started_at = {now}, seen_at = {now}, ended_at = {(DateTime?)null} where name = {name} {Sql.When(!asked, $"and paused = {false}")} and (state <> 'running' or seen_at < {gone})", ct) > 0, ct);
    }

    private void Seen(string name)
    {
        var (db, now) = (new Db(engine), Now);
        try
        {
            db.Unit(() => db.Execute($"update platform.job set seen_at = {now} where name = {name} and state = 'running'")).GetAwaiter().GetResult();
        }
        catch (Exception e) when (engine.Trouble(e) is not null)
        {
            // The next beat tries again; a database that is away for longer is another host's business then.
        }
    }
}
