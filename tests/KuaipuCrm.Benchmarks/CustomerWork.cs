using System.Diagnostics;
using System.Globalization;
using Autofac;
using KuaipuCrm.Customers.Duplicates;
using KuaipuCrm.Customers.Merge;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>What people do with customers: the check while typing, the lists of the menu, a timeline of 5,000, a merge of 10,000 and 10,000.</summary>
internal static class CustomerWork
{
    public static async Task Measure(BenchCrm crm, Report report)
    {
        await Typing(crm, report);
        await WorkLists(crm, report);
        await MergeAndTimeline(crm, report);
    }

    private static async Task Typing(BenchCrm crm, Report report)
    {
        // Each letter that is typed asks once.
        const string name = "深圳华创远东方科技有限公司";
        foreach (var length in new[] { 4, 6, name.Length })
        {
            var time = await Report.Time(() => crm.Ask(crm.Seller, new FindDuplicates(name[..length], null, length == name.Length ? "0755-26543210" : null)), 60, 4);
            report.Add($"duplicate check while typing, {length} characters", Report.Ms(time), "", "", "p95 ≤ 100 ms", time.P95 <= 100);
        }
    }

    private static async Task WorkLists(BenchCrm crm, Report report)
    {
        foreach (var view in new[] { "mine", "key", "watched", "shared", "subordinates", "subwatched", "competitors" })
            foreach (var (user, who) in new[] { (crm.Seller, "sales person"), (crm.Manager, "manager"), (crm.Boss, "boss") })
            {
                var request = new ListRequest { Take = 50, View = view };
                var time = await Report.Time(() => crm.Ask(user, new ListDocuments("customer", request)), 40, 4);
                report.Add($"list {view}, {who}", Report.Ms(time), "", "", "p95 ≤ 50 ms", time.P95 <= 50);
            }
    }

    private static async Task MergeAndTimeline(BenchCrm crm, Report report)
    {
        var ids = new List<long>();
        foreach (var i in Enumerable.Range(0, 2))
            ids.Add((await crm.Ask(crm.Boss, new ListDocuments("customer", new ListRequest { Take = 2, Sort = "createdAt" }))).Rows[i].Id);
        foreach (var id in ids)
            for (var done = 0; done < 10_000; done += 2_500) await Contacts(crm, id, 2_500, done);
        // As autovacuum does a minute after so many new rows.
        if (crm.Engine.Name == "postgres")
        {
            await using var some = crm.Root.BeginLifetimeScope();
            await some.Resolve<Db>().Unit(() => some.Resolve<Db>().Execute($"analyze;"));
        }

        var timeline = await Report.Time(() => crm.Ask(crm.Boss, new GetTimeline("customer", ids[0])), 40, 4);
        report.Add("timeline, first page of 10,000 entries", Report.Ms(timeline), "", "", "p95 ≤ 100 ms", timeline.P95 <= 100);
        var versions = new List<long>();
        foreach (var id in ids) versions.Add((await crm.Ask(crm.Boss, new GetDocument("customer", id))).Version);
        await using var scope = crm.Root.BeginLifetimeScope();
        scope.Resolve<Caller>().ActAsSystem("bench");
        var began = Stopwatch.GetTimestamp();
        var merged = await scope.Resolve<MediatR.IMediator>().Send(new MergeCustomers(ids[0], ids[1], versions[0], versions[1]));
        var took = Stopwatch.GetElapsedTime(began);
        report.Add($"merge of two customers with 10,000 contacts each ({merged.Moved:N0} rows)", $"{took.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s", "", "", "≤ 10 s", took.TotalSeconds <= 10);
        await using var after = crm.Root.BeginLifetimeScope();
        after.Resolve<Caller>().ActAsSystem("bench");
        began = Stopwatch.GetTimestamp();
        await after.Resolve<Db>().Unit(async () => await after.Resolve<Platform.Merging.Merger>().Part(merged.OperationId, default));
        took = Stopwatch.GetElapsedTime(began);
        report.Add("its undo", $"{took.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s", "", "", "≤ 10 s", took.TotalSeconds <= 10);
    }

    private static async Task Contacts(BenchCrm crm, long customer, int count, int from)
    {
        await using var scope = crm.Root.BeginLifetimeScope();
        scope.Resolve<Caller>().ActAsSystem("bench");
        var store = scope.Resolve<Stores>().Of(crm.Root.Resolve<ModuleCatalog>().Document("contact"));
        await scope.Resolve<Db>().Unit(async () =>
        {
            var changes = await store.Prepare([.. Enumerable.Range(0, count).Select(i => new Draft(null, 0, new Dictionary<string, object?> { ["name"] = $"联系人{customer}-{from + i}", ["employerId"] = customer, ["ownerId"] = crm.Manager }))], new DraftKind(Imported: true, System: true), default);
            if (changes.FirstOrDefault(c => c.Errors.Count > 0) is { } refused) throw new InvalidOperationException(string.Join(" ", refused.Errors.Select(e => e.ToString())));
            await store.Write([.. changes], default);
            return 0;
        });
    }
}
