using System.Diagnostics;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Benchmarks;

/// <summary>Where the time of a first page goes, step by step. Lower deciles: on a busy machine they tell what a step costs when it is left alone.</summary>
internal static class Profile
{
    public static async Task Measure(BenchCrm crm)
    {
        var d = crm.Root.Resolve<ModuleCatalog>().Document("customer");
        var request = new ListRequest { Take = 50 };
        foreach (var (who, user) in new[] { ("seller", crm.Seller), ("manager", crm.Manager), ("boss", crm.Boss) })
        {
            var floor = Lists.Floor(crm, who);
            await using var scope = crm.Root.BeginLifetimeScope();
            scope.Resolve<Caller>().ActAs(user, "bench");
            var (lists, db, names, mediator) = (scope.Resolve<ListSql>(), scope.Resolve<Db>(), scope.Resolve<NameResolver>(), scope.Resolve<IMediator>());
            var fields = ListSql.Fields(d, request);
            var sql = await lists.Page(d, request, fields, 51, 0, null, false, default);
            var places = ListSql.Places(d, request, fields);
            var page = await crm.Ask(user, new ListDocuments("customer", request));
            Console.WriteLine($"{who}: {crm.Engine.Finish(sql.Text)}");
            await Say("floor", () => Lists.RunFloor(crm, floor));
            await Say("whole", () => crm.Ask(user, new ListDocuments("customer", request)));
            await Say("  whole in a scope that is there", () => mediator.Send(new ListDocuments("customer", request)));
            await Say("  scope and a question that asks nothing", () => crm.Ask(user, new Nothing()));
            await Say("  the statement's text", () => lists.Page(d, request, fields, 51, 0, null, false, default));
            await Say("  finished text", () => { crm.Engine.Finish(sql.Text); return Task.CompletedTask; });
            await Say("  read and thrown away", () => db.Read(sql, static _ => 0));
            await Say("  read, all values as they come", () => db.Read(sql, r => { for (var i = 0; i < r.FieldCount; i++) r.GetValue(i); return 0; }));
            await Say("  read, converted", () => db.Read(sql, r => { for (var i = 0; i < fields.Count; i++) FieldCodec.FromDb(fields[i], r.GetValue(places[i])); return 0; }));
            await Say("  names", () => names.Of(page.Rows.SelectMany(r => r.Values).OfType<long>().Select(id => ("user", (long?)id)), default));
        }
    }

    private static async Task Say(string what, Func<Task> act)
    {
        var took = new double[3000];
        for (var i = 0; i < 500; i++) await act();
        for (var i = 0; i < took.Length; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await act();
            took[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        Array.Sort(took);
        Console.WriteLine($"{what,-45} {took[took.Length / 10],8:0.0} µs (10 %) {took[took.Length / 4],8:0.0} (25 %) {took[took.Length / 2],8:0.0} (50 %)");
    }
}

/// <summary>A question that asks nothing: what a message costs by itself.</summary>
[Action("空问", "")]
public sealed record Nothing : IQuery<string>;

internal sealed class NothingHandler : IQueryHandler<Nothing, string>
{
    public Task<string> Handle(Nothing query, CancellationToken ct) => Task.FromResult("");
}
