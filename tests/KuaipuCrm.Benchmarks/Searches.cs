using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure 3: names by piece, under each scope.</summary>
internal static class Searches
{
    public static async Task Measure(BenchCrm crm, Report report)
    {
        foreach (var (text, what) in new[] { ("科技", "frequent word 科技"), ("麒麟瑞兽", "rare word, 10 hits"), ("霹雳雷电", "no hit"), ("鼎盛", "two characters"), ("szhc", "pinyin initials szhc"), ("sz", "pinyin, two letters") })
            foreach (var (user, who) in new[] { (crm.Seller, "sales person"), (crm.Manager, "manager"), (crm.Boss, "boss") })
            {
                var time = await Report.Time(() => crm.Ask(user, new ListDocuments("customer", new ListRequest { Take = 50, Text = text })), 60, 4);
                report.Add($"search {what}, {who}", Report.Ms(time), "", "", "p95 ≤ 100 ms", time.P95 <= 100);
            }
    }
}
