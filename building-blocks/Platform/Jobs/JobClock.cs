using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KuaipuCrm.Platform.Jobs;

/// <summary>Hangfire as clock and workers: in memory on SQLite, on servers in a schema of its own, so that of several hosts one runs a job. What must last stands in <c>platform.job</c>.</summary>
internal sealed class JobClock(Engine engine, JobCatalog jobs, Caches caches, IRecurringJobManager clock, IBackgroundJobClient now, JobStorage storage, TimeProvider time) : IHostedService
{
    public static void Add(IServiceCollection services, Engine engine)
    {
        services.AddHangfire(c => _ = engine.Name switch
        {
            "sqlite" => (object)c.UseInMemoryStorage(),
            "postgres" => c.UsePostgreSqlStorage(o => o.UseNpgsqlConnection(engine.ConnectionString), new PostgreSqlStorageOptions { SchemaName = "hangfire", InvisibilityTimeout = TimeSpan.FromMinutes(5) }),
            _ => c.UseSqlServerStorage(engine.ConnectionString, new Hangfire.SqlServer.SqlServerStorageOptions { SchemaName = "hangfire", SlidingInvisibilityTimeout = TimeSpan.FromMinutes(5) }),
        });
        services.AddSingleton<IHostedService, JobClock>();
        services.AddHangfireServer(o => (o.WorkerCount, o.SchedulePollingInterval, o.ShutdownTimeout) = (2, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)));
    }

    public async Task StartAsync(CancellationToken ct)
    {
        var (db, zone, at) = (new Db(engine), Zones.Find(caches.Company.TimeZone), time.GetUtcNow().UtcDateTime);
        var known = (await db.Query<Row>($"select name, started_at, paused, state, result from platform.job", ct)).ToDictionary(r => r.Name);
        foreach (var name in jobs.All.Select(j => j.Name).Where(n => !known.ContainsKey(n)))
            await db.Unit(() => db.Execute($"insert into platform.job (name, paused, state) select {name}, {false}, 'never' where not exists (select 1 from platform.job where name = {name})", ct), ct);
        using (var connection = storage.GetConnection())
            foreach (var gone in connection.GetRecurringJobs().Where(r => jobs.Find(r.Id) is null)) clock.RemoveIfExists(gone.Id);
        var cut = engine is SqliteEngine ? await CutOff(db, known.Values, ct) : [];
        foreach (var job in jobs.All)
        {
            clock.AddOrUpdate(job.Name, Job.FromExpression<JobRunner>(r => r.Hand(job.Name, false, CancellationToken.None)), job.Cron, new RecurringJobOptions { TimeZone = zone });
            // The memory of the clock was lost with the last process: what should have run meanwhile runs once.
            if (engine is SqliteEngine && known.GetValueOrDefault(job.Name) is { StartedAt: { } last, Paused: false } && (cut.Contains(job.Name) || Next(job.Cron, DateTime.SpecifyKind(last, DateTimeKind.Utc), zone) < at)) Enqueue(job.Name, false);
        }
    }

    /// <summary>There is one host, and it begins: what was running was cut off, and runs anew whatever the hour.</summary>
    private static async Task<HashSet<string>> CutOff(Db db, IEnumerable<Row> known, CancellationToken ct)
    {
        var cut = known.Where(r => r.State == "running" || r is { State: "failed", Result: JobRunner.CutOff }).Select(r => r.Name).ToHashSet();
        if (cut.Count > 0) await db.Unit(() => db.Execute($"update platform.job set state = 'failed', result = {JobRunner.CutOff} where state = 'running'", ct), ct);
        return cut;
    }

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;

    public void Enqueue(string name, bool asked) => now.Create(Job.FromExpression<JobRunner>(r => r.Hand(name, asked, CancellationToken.None)), new Hangfire.States.EnqueuedState());

    internal static DateTime? Next(string cron, DateTime after, TimeZoneInfo zone) => Cronos.CronExpression.Parse(cron).GetNextOccurrence(after, zone);

    private sealed record Row(string Name, DateTime? StartedAt, bool Paused, string State, string? Result);
}
