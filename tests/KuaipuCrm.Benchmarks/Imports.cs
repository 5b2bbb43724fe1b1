using System.Diagnostics;
using Autofac;
using KuaipuCrm.Platform.Import;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure 4: 100,000 rows with validation and duplicate check.</summary>
internal static class Imports
{
    private const int Rows = 100_000;

    public static async Task Measure(BenchCrm crm, Report report)
    {
        var admin = crm.Root.Resolve<IOrganization>().People.First(p => p.Login == "admin").Id;
        foreach (var (what, contacts, ordered) in new[] { ("new rows in the order of their names and phones", false, true), ("names and phones in any order", false, false), ("in any order, with a contact each", true, false) })
        {
            var path = Path.GetTempFileName();
            await using (var file = new StreamWriter(path, false, new System.Text.UTF8Encoding(true)))
            {
                await file.WriteLineAsync($"客户名称,客户性质,客户类型,行业,省份,城市,电话,来源,备注{(contacts ? ",联系人,职务,手机,邮箱" : "")}");
                // In any order each row goes to a page of its own in each index of names and phones, as with a list that was kept over years.
                var (random, stamp) = (new Random(), DateTime.UtcNow.Ticks.ToString("x", System.Globalization.CultureInfo.InvariantCulture)[^5..]);
                for (var i = 0; i < Rows; i++)
                    await file.WriteLineAsync($"{(ordered ? $"深圳{stamp}{i:000000}号电子有限公司" : BenchCrm.CompanyName(random, 4))},单位客户,直接客户,软件服务,广东,深圳,0755-{(ordered ? 20000000 + i : random.Next(20000000, 89999999))},展会,第{i}条{(contacts ? $",王小{"明芳伟娜"[i % 4]},总经理,138{random.Next(100_000_000):00000000},u{i}@example.com" : "")}");
            }
            string token;
            await using (var stream = File.OpenRead(path)) token = await crm.Ask(admin, new TakeImportFile("customer", "bench.csv", stream));
            File.Delete(path);
            var columns = (await crm.Ask(admin, new InspectImport("customer", token))).Columns.Where(c => c.Target is not null).ToDictionary(c => c.Index, c => c.Target!);
            GC.Collect();
            var idle = Environment.WorkingSet;
            var peak = idle;
            await crm.Ask(admin, new StartImport("customer", new ImportPlan(token, 0, columns, null, ImportMode.GoodRows)));
            using var watch = new Timer(_ => peak = Math.Max(peak, Environment.WorkingSet), null, 0, 50);
            var began = Stopwatch.GetTimestamp();
            await crm.Root.Resolve<ImportRunner>().RunOne(default);
            var rate = Rows / Stopwatch.GetElapsedTime(began).TotalSeconds;
            report.Add($"import of {Rows:N0} rows, {what}", $"{rate:N0} rows/s", "", "", "≥ 8,000 rows/s", rate >= 8000);
            report.Add("… memory above idle", $"{(peak - idle) >> 20} MB", "", "", "≤ 300 MB", (peak - idle) >> 20 <= 300);
        }
    }
}
