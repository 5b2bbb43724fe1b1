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

    /// <summary>Two ways of one thing, called in turns so that both meet the same machine; warmed for three seconds, so that the compiler is done with both.</summary>
    public static async Task<((double P50, double P95) First, (double P50, double P95) Second)> InTurns(Func<Task> first, Func<Task> second, int times = 300)
    {
        for (var end = Stopwatch.GetTimestamp() + 3 * Stopwatch.Frequency; Stopwatch.GetTimestamp() < end;)
        {
            await first();
            await second();
        }
        var took = new[] { new double[times], new double[times] };
        for (var i = 0; i < times; i++)
            for (var turn = 0; turn < 2; turn++)
            {
                // Who comes first changes, or one would always find what the other left in the caches.
                var which = (i + turn) % 2;
                var began = Stopwatch.GetTimestamp();
                await (which == 0 ? first : second)();
                took[which][i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
        foreach (var t in took) Array.Sort(t);
        return ((took[0][times / 2], took[0][times * 95 / 100]), (took[1][times / 2], took[1][times * 95 / 100]));
    }

    public static string Ms((double P50, double P95) t) => string.Create(CultureInfo.InvariantCulture, $"{t.P50:0.00} / {t.P95:0.00} ms");

    public static string X(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture) + " ×";
}
