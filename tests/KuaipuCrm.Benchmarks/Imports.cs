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
        foreach (var contacts in new[] { false, true })
        {
            var path = Path.GetTempFileName();
            await using (var file = new StreamWriter(path, false, new System.Text.UTF8Encoding(true)))
            {
                await file.WriteLineAsync($"客户名称,客户性质,客户类型,行业,省份,城市,电话,来源,备注{(contacts ? ",联系人,职务,手机,邮箱" : "")}");
                var stamp = DateTime.UtcNow.Ticks.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
                for (var i = 0; i < Rows; i++)
                    await file.WriteLineAsync($"深圳导入测试{stamp[^5..]}{i}号电子有限公司,单位客户,直接客户,软件服务,广东,深圳,0755-{20000000 + i},展会,第{i}条{(contacts ? $",王小{"明芳伟娜"[i % 4]},总经理,138{i:00000000},u{i}@example.com" : "")}");
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
            report.Add($"import of {Rows:N0} rows{(contacts ? " with a contact each" : "")}", $"{rate:N0} rows/s", "", "", "≥ 8,000 rows/s", rate >= 8000);
            report.Add("… memory above idle", $"{(peak - idle) >> 20} MB", "", "", "≤ 300 MB", (peak - idle) >> 20 <= 300);
        }
    }
}
