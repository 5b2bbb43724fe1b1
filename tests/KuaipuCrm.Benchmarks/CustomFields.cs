using System.Diagnostics;
using Autofac;
using KuaipuCrm.Platform.CustomFields;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure: filter and sort by custom fields marked as indexed (DOC-11), and an advanced query (UI-8).</summary>
internal static class CustomFields
{
    public static async Task Measure(BenchCrm crm, Report report)
    {
        var admin = crm.Root.Resolve<KuaipuCrm.Platform.Organization.Caches>().Organization.People.First(p => p.Login == "admin").Id;
        var fields = (await crm.Ask(admin, new ListCustomFields("customer"))).ToDictionary(f => f.Label, f => f.Name);
        if (!fields.ContainsKey("年产值"))
        {
            foreach (var (label, kind) in new[] { ("年产值", FieldKind.Money), ("到期日", FieldKind.Date), ("重点", FieldKind.Flag), ("备注码", FieldKind.Text) })
                await crm.Ask(admin, new SaveCustomField("customer", label, kind, Indexed: true));
            fields = (await crm.Ask(admin, new ListCustomFields("customer"))).ToDictionary(f => f.Label, f => f.Name);
            await Fill(crm, fields);
        }
        var indexes = crm.Root.Resolve<CustomIndexes>();
        var began = Stopwatch.GetTimestamp();
        await indexes.Reconcile(TimeSpan.Zero, default);
        report.Add("the indexes of four custom fields built", $"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s", "", "", "", null);
        var (money, day, flag, text) = (fields["年产值"], fields["到期日"], fields["重点"], fields["备注码"]);
        foreach (var (who, user) in new[] { ("sales person", crm.Seller), ("manager", crm.Manager), ("boss", crm.Boss) })
        {
            await Page($"sorted by a custom amount, {who}", user, new ListRequest { Sort = money });
            await Page($"custom amount in 1 %, {who}", user, new ListRequest { Filters = [new Filter(money, FilterOp.From, "990000")] });
            await Page($"custom amount in 50 %, {who}", user, new ListRequest { Filters = [new Filter(money, FilterOp.From, "500000")] });
            await Page($"custom flag in 10 %, {who}", user, new ListRequest { Filters = [new Filter(flag, FilterOp.Is, "true")] });
            await Page($"custom date of a month, sorted by it, {who}", user, new ListRequest { Sort = day, Filters = [new Filter(day, FilterOp.From, "2026-03-01"), new Filter(day, FilterOp.To, "2026-03-31")] });
            await Page($"custom text begins with, {who}", user, new ListRequest { Filters = [new Filter(text, FilterOp.StartsWith, "码123")] });
            await Page($"level A or (level B and customer type direct), {who}", user, new ListRequest
            {
                Where = new ConditionGroup(true, [new Filter("level", FilterOp.Is, "A")], [new ConditionGroup(false, [new Filter("level", FilterOp.Is, "B"), new Filter("customerType", FilterOp.Is, "direct")])]),
            });
        }

        async Task Page(string what, long user, ListRequest request)
        {
            var page = await Report.Time(() => crm.Ask(user, new ListDocuments("customer", request with { Take = 50 })), 30, 3);
            var count = await Report.Time(() => crm.Ask(user, new CountDocuments("customer", request)), 10, 1);
            report.Add(what, Report.Ms(page), Report.Ms(count) + " (count)", "", "≤ 200 ms", page.P50 <= 200);
        }
    }

    /// <summary>Values for all rows, by one statement: as many saves would take an hour.</summary>
    private static async Task Fill(BenchCrm crm, Dictionary<string, string> fields)
    {
        await using var scope = crm.Root.BeginLifetimeScope();
        var db = scope.Resolve<Db>();
        var all = Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}");
        string M(string label) => fields[label];
        await db.Unit(() => db.Execute(crm.Engine.Name == "sqlite"
            ? (Sql)$"update customers.customer set extra = json_object({M("年产值")}, abs(random()) % 100000000, {M("到期日")}, date('2024-01-01', '+' || (id % 1400) || ' days'), {M("重点")}, case when id % 10 = 0 then 1 else null end, {M("备注码")}, '码' || (id % 100000)) where {all} 1 = 1"
            : (Sql)$"update customers.customer set extra = json_build_object({M("年产值")}::text, (random() * 100000000)::bigint, {M("到期日")}::text, to_char(date '2024-01-01' + (id % 1400)::int, 'YYYY-MM-DD'), {M("重点")}::text, case when id % 10 = 0 then 1 else null end, {M("备注码")}::text, '码' || (id % 100000))::text where {all} 1 = 1"));
    }
}
