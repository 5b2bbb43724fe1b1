using System.Diagnostics;
using Autofac;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure 5: the memory of the host while 200 people, each signed in as themselves, have a list open.</summary>
internal static class People
{
    private const int Many = 200;
    private const string Address = "http://127.0.0.1:5193";

    public static async Task Measure(string engine, string data, string connection, int rows, Report report)
    {
        var cookies = new List<string>();
        await using (var crm = await BenchCrm.Open(engine, data, connection, rows))
            foreach (var person in crm.Root.Resolve<IOrganization>().People.Where(p => p.Login.StartsWith('u') && p.RoleIds.Count > 0).Take(Many))
                cookies.Add($"{SessionAuthentication.Cookie}={await crm.Root.Resolve<Sessions>().Start(person.Id, "127.0.0.1", "bench", default)}");
        if (cookies.Count < Many) throw new InvalidOperationException($"Only {cookies.Count} people were found.");

        var host = Starts.Host(["--Engine", engine, "--Data", data, "--Connection", connection, "--urls", Address, "--Logging:LogLevel:Default", "Warning"]);
        var circuits = new List<Circuit>();
        using var stop = new CancellationTokenSource();
        try
        {
            await Starts.Answers(host, Address + "/sign-in");
            var idle = await Settled(host);
            var began = Stopwatch.GetTimestamp();
            foreach (var cookie in cookies)
            {
                // One after the other, as people come in the morning, faster.
                var circuit = await Circuit.Open(new Uri(Address), "/customers/customers", cookie, "有限公司", stop.Token);
                circuits.Add(circuit);
                await circuit.Drawn.WaitAsync(TimeSpan.FromMinutes(2));
                if (circuits.Count % 50 == 0) Console.WriteLine($"{circuits.Count} lists open: {Memory(host)} MB");
            }
            var opened = Stopwatch.GetElapsedTime(began);
            var open = await Settled(host);
            var alive = circuits.Count(c => c.IsOpen);
            report.Add($"host's memory with {alive} people's lists open (idle before: {idle} MB; opened in {opened.TotalSeconds:N0} s)", $"{open} MB", "", "", "≤ 1,024 MB", open <= 1024 && alive == Many);
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var circuit in circuits) await circuit.DisposeAsync();
            if (!host.HasExited) host.Kill();
            await host.WaitForExitAsync();
            host.Dispose();
        }
    }

    private static long Memory(Process host)
    {
        host.Refresh();
        return host.WorkingSet64 >> 20;
    }

    /// <summary>The most of ten seconds at rest.</summary>
    private static async Task<long> Settled(Process host)
    {
        var most = 0L;
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(500);
            most = Math.Max(most, Memory(host));
        }
        return most;
    }
}
