using System.Diagnostics;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure 5: from the start of the process to the first page, and its memory when idle.</summary>
internal static class Starts
{
    public static async Task Measure(Report report)
    {
        // The host's own folder: here it would take this assembly for a module's neighbour.
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "KuaipuCrm.sln"))) root = root.Parent!;
        var dll = Path.Combine(root.FullName, "host", "bin", "Release", "net10.0", "KuaipuCrm.Host.dll");
        var data = Directory.CreateTempSubdirectory("kuaipu-start").FullName;
        var (times, idle) = (new List<double>(), 0L);
        using var client = new HttpClient();
        for (var run = 0; run < 4; run++)
        {
            var began = Stopwatch.GetTimestamp();
            using var host = Process.Start(new ProcessStartInfo("dotnet", [dll, "--Data", data, "--urls", "http://127.0.0.1:5192"]) { RedirectStandardOutput = true })!;
            while (true)
            {
                try
                {
                    if ((await client.GetAsync("http://127.0.0.1:5192/sign-in")).IsSuccessStatusCode) break;
                }
                catch (HttpRequestException)
                {
                    await Task.Delay(10);
                }
            }
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
}
