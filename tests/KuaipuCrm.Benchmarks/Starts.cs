using System.Diagnostics;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure 5: from the start of the process to the first page, and its memory when idle.</summary>
internal static class Starts
{
    public static async Task Measure(Report report)
    {
        await Measure(report, "built", Built);
        // What is installed: compiled beforehand.
        var published = Path.Combine(Root, "artifacts", "publish", Dll);
        if (File.Exists(published)) await Measure(report, "published", published);
        else Console.WriteLine("The published host is not measured: dotnet cake --target=publish makes it.");
    }

    private const string Dll = "KuaipuCrm.Host.dll";

    private static async Task Measure(Report report, string what, string dll)
    {
        var data = Directory.CreateTempSubdirectory("kuaipu-start").FullName;
        var (times, idle) = (new List<double>(), 0L);
        for (var run = 0; run < 6; run++)
        {
            var began = Stopwatch.GetTimestamp();
            using var host = Host(["--Data", data, "--urls", "http://127.0.0.1:5192"], dll);
            await Answers(host, "http://127.0.0.1:5192/sign-in");
            // The first run makes the database; the others are warm.
            if (run > 0) times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(6000);
            host.Refresh();
            idle = host.WorkingSet64;
            host.Kill();
            await host.WaitForExitAsync();
        }
        Directory.Delete(data, true);
        var middle = times.Order().ElementAt(times.Count / 2);
        report.Add($"start to first page, warm, {what}", $"{middle:N0} ms", "", "", "≤ 2,500 ms", middle <= 2500);
        report.Add($"memory when idle, {what}", $"{idle >> 20} MB", "", "", "≤ 200 MB", idle >> 20 <= 200);
    }

    private static string Built => Path.Combine(Root, "host", "bin", "Release", "net10.0", Dll);

    private static string Root
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "KuaipuCrm.sln"))) root = root.Parent!;
            return root.FullName;
        }
    }

    /// <summary>The host as a process of its own, from its own folder: here it would take this assembly for a module's neighbour.</summary>
    public static Process Host(string[] arguments, string? dll = null)
    {
        var host = Process.Start(new ProcessStartInfo("dotnet", [dll ?? Built, .. arguments]) { RedirectStandardOutput = true })!;
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
