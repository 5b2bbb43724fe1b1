using System.Diagnostics;
using System.Globalization;

namespace KuaipuCrm.Benchmarks;

/// <summary>Collects figures and prints them as a table, with the machine they were got on.</summary>
internal sealed class Report(string engine, int rows)
{
    private readonly List<string> lines = [];

    /// <param name="aim">What was aimed at, in words.</param>
    /// <param name="met">Whether it was reached.</param>
    public void Add(string measure, string value, string floor, string ratio, string aim, bool? met)
    {
        var line = $"| {measure} | {value} | {floor} | {ratio} | {aim} | {(met is null ? "" : met.Value ? "yes" : "**no**")} |";
        lines.Add(line);
        Console.WriteLine(line);
    }

    public void Print()
    {
        var cpu = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        Console.WriteLine($"\n{engine}, {rows:N0} customers, 1,000 users; {Environment.ProcessorCount} cores ({cpu}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, .NET {Environment.Version}\n");
        Console.WriteLine("| measure | p50 / p95 | floor p50 | ratio | aim | met |\n|---|---|---|---|---|---|");
        lines.ForEach(Console.WriteLine);
    }

    /// <summary>Milliseconds at the median and at the 95th percentile.</summary>
    public static async Task<(double P50, double P95)> Time(Func<Task> act, int times = 150, int warm = 15)
    {
        for (var i = 0; i < warm; i++) await act();
        var took = new double[times];
        for (var i = 0; i < times; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await act();
            took[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        Array.Sort(took);
        return (took[times / 2], took[times * 95 / 100]);
    }

    public static string Ms((double P50, double P95) t) => string.Create(CultureInfo.InvariantCulture, $"{t.P50:0.00} / {t.P95:0.00} ms");

    public static string X(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture) + " ×";
}
