using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Events;

/// <summary>The host is killed at random moments in a stream of commands with events: nothing is lost, nothing doubled (EVT-2).</summary>
[Trait("size", "large")]
public class Killing
{
    private const int Clients = 8;

    /// <summary>In the inner loop a few; <c>KUAIPU_TEST_KILLS</c> asks for more.</summary>
    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("KUAIPU_TEST_KILLS"), out var n) ? n : 4;

    [Theory, OnEveryEngine, Trait("req", "EVT-2")]
    public async Task Nothing_is_lost_and_nothing_doubled_when_the_host_is_killed_again_and_again(string engine)
    {
        var (database, plugins) = (await Databases.Fresh(engine), Counting.Folder());
        string cookie;
        await using (var crm = await Crm.StartOn(engine, database, plugins: plugins)) cookie = await crm.SessionOf(crm.Admin.Id);
        var (random, answered, next) = (new Random(), new ConcurrentBag<long>(), 0L);
        var port = FreePort();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var host = Start(engine, database, plugins, port);
            using var stop = new CancellationTokenSource();
            try
            {
                await Listening(port);
                var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
                {
                    using var http = Client(port, cookie);
                    while (!stop.IsCancellationRequested)
                    {
                        var n = Interlocked.Increment(ref next);
                        try
                        {
                            using var answer = await http.PostAsJsonAsync(Counting.Path, new { n, document = n % 20 }, stop.Token);
                            if (answer.StatusCode == HttpStatusCode.OK) answered.Add(n);
                        }
                        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
                        {
                            // Whether it was carried out is for the database to tell.
                            if (stop.IsCancellationRequested) return;
                            await Task.Delay(5);
                        }
                    }
                })).ToArray();
                // Every other kill comes while commands are being answered, however slow the machine; the others at any moment after the start.
                var before = answered.Count;
                if (kill % 2 == 0) await Delivering.Until(() => Task.FromResult(answered.Count > before), 60);
                await Task.Delay(random.Next(150, 900));
                // SIGKILL: no goodbye, no flush.
                host.Kill(entireProcessTree: true);
                await host.WaitForExitAsync();
                await stop.CancelAsync();
                await Task.WhenAll(clients);
            }
            finally
            {
                if (!host.HasExited) host.Kill(entireProcessTree: true);
            }
        }
        Assert.True(answered.Count > Kills, $"Only {answered.Count} commands were answered before the kills.");
        await using var after = await Crm.StartOn(engine, database, plugins: plugins);
        await Delivering.Until(async () => await after.Db.First<long>($"select count(*) from platform.delivery") == 0, 900);
        var done = (await after.Db.Query<long>($"select n from counting.counted")).ToHashSet();
        Assert.True(done.IsSupersetOf(answered), "A command that was answered is gone.");
        Assert.Equal(0, await after.Db.First<long>($"select count(*) from counting.counted where first <> 1 or second <> 1"));
        Assert.Equal(done.Count, await after.Db.First<long>($"select count(*) from platform.event"));
        Assert.Equal(done.Count, await after.Db.First<long>($"select count(*) from counting.heard"));
        Assert.Empty(await Delivering.OutOfOrder(after));
    }

    [Fact, Trait("req", "OPS-5")]
    public async Task Asked_to_stop_the_host_finishes_what_it_is_at_and_leaves()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals as on Linux");
        var (database, plugins) = (await Databases.Fresh(Engines.Sqlite), Counting.Folder());
        string cookie;
        await using (var crm = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins)) cookie = await crm.SessionOf(crm.Admin.Id);
        var port = FreePort();
        using var host = Start(Engines.Sqlite, database, plugins, port);
        await Listening(port);
        var answered = new ConcurrentBag<long>();
        using var stop = new CancellationTokenSource();
        var client = Task.Run(async () =>
        {
            using var http = Client(port, cookie);
            for (var n = 1L; !stop.IsCancellationRequested; n++)
                try
                {
                    using var answer = await http.PostAsJsonAsync(Counting.Path, new { n, document = n % 20 });
                    if (answer.StatusCode == HttpStatusCode.OK) answered.Add(n);
                }
                catch (HttpRequestException)
                {
                    return;
                }
        });
        await Task.Delay(700);
        Process.Start("kill", $"-TERM {host.Id}").WaitForExit();
        Assert.True(host.WaitForExit(25_000), "The host did not leave.");
        await stop.CancelAsync();
        await client;
        Assert.Equal(0, host.ExitCode);
        await using var after = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins);
        Assert.True((await after.Db.Query<long>($"select n from counting.counted")).ToHashSet().IsSupersetOf(answered));
        Assert.NotEmpty(answered);
    }

    internal static Process Start(string engine, string database, string plugins, int port, params string[] more)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../host/bin", built.Parent!.Name, built.Name, "KuaipuCrm.Host.dll"));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(program)! };
        start.ArgumentList.Add(program);
        foreach (var (key, value) in Crm.Settings(engine, database)) start.ArgumentList.Add($"--{key}={value}");
        foreach (var a in new[] { $"--Plugins={plugins}", "--Jobs=off", $"--urls=http://127.0.0.1:{port}", "--Logging:LogLevel:Default=Error" }.Concat(more)) start.ArgumentList.Add(a);
        var host = Process.Start(start)!;
        host.OutputDataReceived += (_, _) => { };
        host.ErrorDataReceived += (_, _) => { };
        host.BeginOutputReadLine();
        host.BeginErrorReadLine();
        return host;
    }

    internal static HttpClient Client(int port, string? cookie)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };
        if (cookie is not null) http.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={cookie}");
        return http;
    }

    internal static async Task Listening(int port)
    {
        using var http = Client(port, null);
        for (var end = DateTime.UtcNow.AddMinutes(2); DateTime.UtcNow < end;)
            try
            {
                if ((await http.GetAsync("/health")).IsSuccessStatusCode) return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(50);
            }
        throw new TimeoutException("The host did not start.");
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
