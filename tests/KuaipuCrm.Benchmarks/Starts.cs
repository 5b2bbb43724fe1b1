using System.Diagnostics;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure 5: from the start of the process to the first page, and its memory when idle.</summary>
internal static class Starts
{
    public static async Task Measure(Report report)
    {
        var data = Directory.CreateTempSubdirectory("kuaipu-start").FullName;
        var (times, idle) = (new List<double>(), 0L);
        for (var run = 0; run < 4; run++)
        {
            var began = Stopwatch.GetTimestamp();
            using var host = Host(["--Data", data, "--urls", "http://127.0.0.1:5192"]);
            await Answers(host, "http://127.0.0.1:5192/sign-in");
            // The first run makes the database; the others are warm.
            if (run > 0) times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(5000);
            host.Refresh();
            idle = host.WorkingSet64;
            host.Kill();
            await host.WaitForExitAsync();
        }
        Directory.Delete(data, true);
        report.Add("start to first page, warm", $"{times.Order().ElementAt(1):N0} ms", "", "", "≤ 2,500 ms", times.Order().ElementAt(1) <= 2500);
        report.Add("memory when idle", $"{idle >> 20} MB", "", "", "≤ 200 MB", idle >> 20 <= 200);
    }

    /// <summary>The host as a process of its own, from its own folder: here it would take this assembly for a module's neighbour.</summary>
    public static Process Host(string[] arguments)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "KuaipuCrm.sln"))) root = root.Parent!;
        var dll = Path.Combine(root.FullName, "host", "bin", "Release", "net10.0", "KuaipuCrm.Host.dll");
        var host = Process.Start(new ProcessStartInfo("dotnet", [dll, .. arguments]) { RedirectStandardOutput = true })!;
        host.OutputDataReceived += (_, _) => { };
        host.BeginOutputReadLine();
        return host;
    }

    /// <summary>Waits until a page is there.</summary>
    public static async Task Answers(Process host, string url)
    {
        using var client = new HttpClient();
        while (!host.HasExited)
        {
            try
            {
                if ((await client.GetAsync(url)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(10);
            }
        }
        throw new InvalidOperationException("The host did not start.");
    }
}
