using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Events;

/// <summary>What runs by the clock (SET-18).</summary>
[Trait("size", "large")]
public class ByTheClock
{
    private const string Jobs = "/api/platform/jobs";

    [Theory, OnEveryEngine, Trait("req", "SET-18")]
    public async Task A_modules_job_is_listed_run_paused_and_its_result_is_kept(string engine)
    {
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), plugins: Counting.Folder(), jobs: true);
        var job = await Job(crm, "counting.tick");
        Assert.Equal(("数一下", "never", "0 4 * * *"), (job.Text, job.State, job.Cron));
        Assert.Equal(4, TimeZoneInfo.ConvertTimeFromUtc(job.NextAt!.Value, TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")).Hour);
        // Two clicks at once are one run.
        await Task.WhenAll(crm.Admin.Post(Jobs + "/run", new { name = job.Name }), crm.Admin.Post(Jobs + "/run", new { name = job.Name }));
        await Delivering.Until(async () => (await Job(crm, job.Name)).State == "done", 30);
        await Task.Delay(1000);
        Assert.InRange(await crm.Db.First<long>($"select n from counting.ticks"), 1, 2);
        (await crm.Admin.Post(Jobs + "/pause", new { name = job.Name, paused = true })).Ok();
        Assert.Null((await Job(crm, job.Name)).NextAt);
        (await crm.Admin.Post(Jobs + "/run", new { name = "platform.clean-logs" })).Ok();
        await Delivering.Until(async () => (await Job(crm, "platform.clean-logs")).State == "done", 30);
        Assert.Contains("清理了", (await Job(crm, "platform.clean-logs")).Result);
        (await crm.Admin.Post(Jobs + "/run", new { name = "nothing" })).Refused(404);
        var sales = await crm.Hire(Employee.Sales);
        (await sales.Get(Jobs)).Refused(403);
        (await sales.Post(Jobs + "/run", new { name = job.Name })).Refused(403);
        Assert.Equal(200, (int)(await crm.Admin.Get("/hangfire")).Status);
        Assert.NotEqual(200, (int)(await sales.Get("/hangfire")).Status);
        Assert.Equal(302, (int)(await crm.Stranger().Get("/hangfire")).Status);
    }

    [Fact, Trait("req", "SET-18")]
    public async Task A_job_that_was_cut_off_runs_again_at_the_next_start_whatever_the_hour()
    {
        var (database, plugins) = (await Databases.Fresh(Engines.Sqlite), Counting.Folder());
        await using (var crm = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins, jobs: true))
        {
            (await crm.Admin.Post(Jobs + "/run", new { name = "counting.tick" })).Ok();
            await Delivering.Until(async () => (await Job(crm, "counting.tick")).State == "done", 30);
        }
        // As the host left it that was killed at its work a moment ago.
        await using (var crm = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins))
        {
            var (db, now) = (crm.Db, DateTime.UtcNow);
            await db.Unit(() => db.Execute($"update platform.job set state = 'running', started_at = {now}, seen_at = {now}, ended_at = {(DateTime?)null} where name like 'counting%'"));
        }
        await using var again = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins, jobs: true);
        await Delivering.Until(async () => await again.Db.First<long>($"select n from counting.ticks") == 2, 30);
    }

    [Fact, Trait("req", "OPS-3")]
    public async Task Of_two_hosts_one_runs_a_job()
    {
        Assert.SkipWhen(!Engines.IsThere(Engines.Postgres), "no PostgreSQL given");
        var (database, plugins) = (await Databases.Fresh(Engines.Postgres), Counting.Folder());
        await using var one = await Crm.StartOn(Engines.Postgres, database, plugins: plugins, jobs: true);
        await using var two = await Crm.StartOn(Engines.Postgres, database, plugins: plugins, jobs: true);
        // While it runs on one, it is not begun on the other.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? one : two).Admin.Post(Jobs + "/run", new { name = "counting.tick" })));
        await Delivering.Until(async () => (await Job(one, "counting.tick")) is { State: "done" }, 30);
        await Task.Delay(2500);
        var ran = await one.Db.First<long>($"select n from counting.ticks");
        Assert.InRange(ran, 1, 5);
        Assert.Equal("done", (await Job(two, "counting.tick")).State);
    }

    [Fact, Trait("req", "OPS-3")]
    public async Task What_is_due_every_minute_runs_once_a_minute_however_many_hosts_there_are()
    {
        Assert.SkipWhen(!Engines.IsThere(Engines.Postgres), "no PostgreSQL given");
        var plugins = new Plugins.PluginFolder().Module("minutely", "module.Jobs.Add(new(\"tick\", \"每分钟\", typeof(Tick), \"* * * * *\"));", """
            public sealed record Tick : ICommand<Done>;
            internal sealed class TickHandler(IDb db, TimeProvider clock) : ICommandHandler<Tick, Done> { public async Task<Done> Handle(Tick c, CancellationToken ct) { await db.Insert("minutely.ticks", new[] { "at" }, new[] { new object[] { clock.GetUtcNow().UtcDateTime } }, ct); return default; } }
            [Migration(1, "ticks")] public sealed class V001 : SchemaStep { public override void Up() { CreateTable("minutely.ticks").Instant("at").NotNullable(); } }
            """).Folder;
        var database = await Databases.Fresh(Engines.Postgres);
        await using var one = await Crm.StartOn(Engines.Postgres, database, plugins: plugins, jobs: true);
        await using var two = await Crm.StartOn(Engines.Postgres, database, plugins: plugins, jobs: true);
        await Delivering.Until(async () => await one.Db.First<long>($"select count(*) from minutely.ticks") > 0, 100);
        // Had the other host a tick of its own for this minute, it would come with its next look.
        await Task.Delay(12_000);
        var minutes = (await one.Db.Query<DateTime>($"select at from minutely.ticks order by at")).Select(t => t.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(minutes.Distinct(), minutes);
    }

    private static async Task<JobInfo> Job(Crm crm, string name) =>
        System.Text.Json.JsonSerializer.Deserialize<List<JobInfo>>((await crm.Admin.Get(Jobs)).Ok().Bytes, System.Text.Json.JsonSerializerOptions.Web)!.Single(j => j.Name == name);
}
