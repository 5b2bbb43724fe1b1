using KuaipuCrm.Benchmarks;

// dotnet run -c Release --project tests/KuaipuCrm.Benchmarks -- [--only lists,search,fields,rest,customers,events,import,start,people,tracking,deals,volume,profile,release] [--rows 1000000] [--engine sqlite|postgres --connection "…"] [--data folder]
string Option(string name, string otherwise) => Array.IndexOf(args, "--" + name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
var rows = int.Parse(Option("rows", "1000000"), System.Globalization.CultureInfo.InvariantCulture);
var engine = Option("engine", "sqlite");
var data = Option("data", Path.Combine(Path.GetTempPath(), $"kuaipu-bench-{engine}-{rows}"));
var only = Option("only", "lists,search,fields,rest,customers,events,import,start,people,tracking,deals,volume").Split(',');
var report = new Report(engine, rows);
// The host in a process of its own, before this one takes the machine's memory.
if (only.Contains("start") && engine == "sqlite") await Starts.Measure(report);
if (only.Contains("people")) await People.Measure(engine, data, Option("connection", ""), rows, report);
if (only.Contains("release"))
{
    await using var night = await BenchCrm.Open(engine, data + "-release", Option("connection", ""), 0);
    await Releases.Measure(night, report, rows);
}
if (only.Any(o => o is "lists" or "profile" or "search" or "fields" or "rest" or "customers" or "events" or "import" or "tracking" or "deals" or "funnel" or "volume"))
{
    await using var crm = await BenchCrm.Open(engine, data, Option("connection", ""), rows);
    if (only.Contains("lists")) await Lists.Measure(crm, report);
    if (only.Contains("profile")) await Profile.Measure(crm);
    if (only.Contains("search")) await Searches.Measure(crm, report);
    if (only.Contains("fields")) await CustomFields.Measure(crm, report);
    if (only.Contains("rest")) await Rest.Measure(crm, report);
    if (only.Contains("customers")) await CustomerWork.Measure(crm, report);
    if (only.Contains("tracking")) await WorkLists.Measure(crm, report);
    if (only.Any(o => o is "deals" or "funnel")) await Deals.Measure(crm, report, lists: only.Contains("deals"));
    if (only.Contains("volume")) await Volume.Measure(crm, report);
    if (only.Contains("events")) await Events.Measure(crm, report);
    if (only.Contains("import")) await Imports.Measure(crm, report);
}

report.Print();
