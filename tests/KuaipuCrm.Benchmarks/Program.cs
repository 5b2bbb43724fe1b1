using KuaipuCrm.Benchmarks;

// dotnet run -c Release --project tests/KuaipuCrm.Benchmarks -- [--rows 1000000] [--engine sqlite|postgres --connection "…"] [--data folder] [--only release]
string Option(string name, string otherwise) => Array.IndexOf(args, "--" + name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
var rows = int.Parse(Option("rows", "1000000"), System.Globalization.CultureInfo.InvariantCulture);
var engine = Option("engine", "sqlite");
var data = Option("data", Path.Combine(Path.GetTempPath(), $"kuaipu-bench-{engine}-{rows}"));
var report = new Report(engine, rows);
if (Option("only", "") == "release")
{
    await using var night = await BenchCrm.Open(engine, data + "-release", Option("connection", ""), 0);
    await Releases.Measure(night, report, rows);
    report.Print();
    return;
}
await using var crm = await BenchCrm.Open(engine, data, Option("connection", ""), rows);
await Lists.Measure(crm, report);
await Searches.Measure(crm, report);
await Rest.Measure(crm, report);
await Imports.Measure(crm, report);
if (engine == "sqlite") await Starts.Measure(report);
report.Print();
