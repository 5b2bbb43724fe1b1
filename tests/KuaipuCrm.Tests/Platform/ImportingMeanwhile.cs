using System.Text.Json;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Platform.Importing;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Others work while an import, an export or an undo is at work: nothing is lost, nothing done by halves (DOC-3, DOC-4, DOC-14).</summary>
public class ImportingMeanwhile
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "DOC-4")]
    public async Task All_or_nothing_takes_back_what_was_written_when_a_later_row_has_no_room(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var li = await crm.Hire(Employee.Sales);
        (await crm.Admin.Post("/api/customers/lock-quotas", new { userId = li.Id, held = 200 })).Ok();
        // Each part of the file fits for itself; together they don't.
        var rows = Enumerable.Range(1, 8_000).Select(i => $"分批{i}号有限公司,{(i % 4_000 < 150 ? li.Login : "")}");
        var file = await Upload(crm.Admin, Csv("客户名称,负责人", rows));
        var report = await Wait(crm.Admin, (await crm.Admin.Post($"{Customers}/import", new { file, sheet = 0, columns = new Dictionary<string, string> { ["0"] = "name", ["1"] = "ownerId" }, mode = (int)ImportMode.AllOrNothing })).Ok().Json.GetInt64());
        var operation = report.GetProperty("operation");
        Assert.Equal(("failed", 0, false), (operation.GetProperty("state").GetString(), operation.GetProperty("done").GetInt32(), operation.GetProperty("canUndo").GetBoolean()));
        Assert.InRange(operation.GetProperty("failed").GetInt32(), 1, 300);
        Assert.Equal(0, await Count(crm, "customers"));
        Assert.Contains("上限", Read((await crm.Admin.Get($"/api/platform/operations/{operation.GetProperty("id").GetInt64()}/errors")).Ok().Bytes)[1][^1]);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-14"), Trait("req", "UI-12")]
    public async Task An_undoing_that_is_stopped_leaves_the_rest_to_be_undone_later(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var report = await Run(crm.Admin, Csv("客户名称,联系人", Enumerable.Range(1, 6_000).Select(i => $"停下{i}号有限公司,张{i}")), ImportMode.GoodRows);
        var operation = report.GetProperty("operation").GetProperty("id").GetInt64();
        async Task<JsonElement> Look(long id) => (await crm.Admin.Get($"/api/platform/operations/{id}")).Ok().Json;
        async Task<long> Undo() => (await crm.Admin.Post($"/api/platform/operations/{operation}/undo", new { })).Ok().Json.GetProperty("operationId").GetInt64();
        async Task<JsonElement> Ended(long id)
        {
            for (var i = 0; i < 1200 && (await Look(id)).GetProperty("state").GetString() is "waiting" or "running" or "cancelling"; i++) await Task.Delay(50);
            return await Look(id);
        }

        var first = await Undo();
        (await crm.Admin.Post($"/api/platform/operations/{operation}/undo", new { })).Refused(422);
        while ((await Look(first)).GetProperty("done").GetInt32() == 0) await Task.Delay(10);
        (await crm.Admin.Post($"/api/platform/operations/{first}/cancel", new { })).Ok();
        var stopped = await Ended(first);
        Assert.Equal("cancelled", stopped.GetProperty("state").GetString());
        Assert.Equal(("done", true), ((await Look(operation)).GetProperty("state").GetString(), (await Look(operation)).GetProperty("canUndo").GetBoolean()));
        var rest = await Ended(await Undo());
        Assert.Equal(("done", 0), (rest.GetProperty("state").GetString(), rest.GetProperty("failed").GetInt32()));
        Assert.Equal(12_000, stopped.GetProperty("done").GetInt32() + rest.GetProperty("done").GetInt32());
        Assert.Equal((0L, 0L, "undone"), (await Count(crm, "customers"), await Count(crm, "contacts"), (await Look(operation)).GetProperty("state").GetString()));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-4")]
    public async Task An_import_of_rows_that_others_save_all_the_time_ends_with_every_row_written_or_told(string engine)
    {
        await using var crm = await Crm.Start(engine);
        await Run(crm.Admin, Csv("客户名称", Enumerable.Range(1, 5_000).Select(i => $"抢改{i}号有限公司")), ImportMode.GoodRows);
        var guard = Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}");
        var known = await crm.Db.Query<Known>($"select c.id, c.number from customers.customer c where {guard} 1 = 1 order by c.id");
        var (saved, stop) = (new System.Collections.Concurrent.ConcurrentDictionary<long, string>(), false);
        // Each saver keeps to rows of its own, so that the last it was told of is the last there is.
        var savers = Enumerable.Range(0, 3).Select(n => Task.Run(async () =>
        {
            for (var i = n; !Volatile.Read(ref stop); i = (i + 3 * 37) % known.Count)
            {
                var (id, text) = (known[i / 3 * 3 % 4_998 + n].Id, Crm.Name("备"));
                var version = await crm.Db.First<long>($"select c.version from customers.customer c where {guard} c.id = {id}");
                if ((int)(await crm.Admin.Patch($"{Customers}/{id}", new { remarks = text, version })).Status == 200) saved[id] = text;
            }
        })).ToList();
        var report = await Run(crm.Admin, Csv("编号,地址", known.Select(k => $"{k.Number},新地址")), ImportMode.GoodRows, "number");
        Volatile.Write(ref stop, true);
        await Task.WhenAll(savers);
        Assert.Equal("done", report.GetProperty("operation").GetProperty("state").GetString());
        Assert.Equal((known.Count, known.Count), (report.GetProperty("updated").GetInt32() + report.GetProperty("operation").GetProperty("failed").GetInt32(), (int)await Count(crm, "customers")));
        Assert.Equal(report.GetProperty("updated").GetInt32(), await crm.Db.First<long>($"select count(*) from customers.customer c where {guard} c.address = {"新地址"}"));
        Assert.True(saved.Count > 10, "Nobody saved meanwhile.");
        foreach (var (id, text) in saved) Assert.Equal(text, await crm.Db.First<string>($"select c.remarks from customers.customer c where {guard} c.id = {id}"));
    }

    private sealed record Known(long Id, string Number);

    [Theory, OnEveryEngine, Trait("req", "DOC-4")]
    public async Task A_row_that_is_refused_only_when_it_is_written_fails_alone_with_its_reason(string engine)
    {
        var plugins = new Plugins.PluginFolder().Module("shelf", "", """
            public sealed class Book : Document { public string Name { get; set; } = ""; }
            internal sealed class BookDocument : IDocument<Book>
            {
                public void Declare(DocumentBuilder<Book> d)
                {
                    d.Named("book", "books", "书", "shelf.book", "SH").Title(x => x.Name);
                    d.Text(x => x.Name, "书名", 100).Required();
                    d.With(x => x.Importable = true);
                }
            }
            internal sealed class BookRules(IDb db, IScope scope) : IDocumentRule<Book>
            {
                public Task Before(IReadOnlyList<Change<Book>> changes, CancellationToken ct) => Task.CompletedTask;
                public async Task After(IReadOnlyList<Change<Book>> changes, CancellationToken ct)
                {
                    if (changes.FirstOrDefault(c => c.Now.Name.StartsWith("禁书")) is { } bad) throw new RuleBroken($"“{bad.Now.Name}”刚刚被禁。");
                    if (await db.First<long>($"select count(*) from shelf.book b where {scope.All("book", "all share the shelf")}", ct) > 20) throw new RuleBroken("书架刚刚满了。");
                }
            }
            [Migration(1, "books")] public sealed class V001 : SchemaStep { public override void Up() { CreateDocumentTable("shelf.book").Text("name", 100).NotNullable(); DocumentIndexes("shelf.book"); } }
            """).Folder;
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), plugins: plugins);
        async Task<JsonElement> Import(IEnumerable<string> names)
        {
            var file = (await crm.Admin.Send(HttpMethod.Post, "/api/shelf/books/import/files?name=test", new ByteArrayContent(Csv("书名", names)))).Ok().Json.GetProperty("file").GetString();
            var id = (await crm.Admin.Post("/api/shelf/books/import", new { file, sheet = 0, columns = new Dictionary<string, string> { ["0"] = "name" }, mode = (int)ImportMode.GoodRows })).Ok().Json.GetInt64();
            return await Wait(crm.Admin, id, "/api/shelf/books");
        }

        var report = await Import(["甲", "乙", "禁书一", "丙", "丁", "禁书二", "戊"]);
        Assert.Equal((5, "done"), (report.GetProperty("created").GetInt32(), report.GetProperty("operation").GetProperty("state").GetString()));
        Assert.Equal([(4, "“禁书一”刚刚被禁。"), (7, "“禁书二”刚刚被禁。")], report.GetProperty("findings").EnumerateArray().Select(f => (f.GetProperty("line").GetInt32(), f.GetProperty("message").GetString()!)).Order());
        // Room for fifteen more: each would fit alone, together they don't.
        report = await Import(Enumerable.Range(1, 18).Select(i => $"书{i}"));
        Assert.Equal((15, "done"), (report.GetProperty("created").GetInt32(), report.GetProperty("operation").GetProperty("state").GetString()));
        Assert.Equal([(17, "书架刚刚满了。"), (18, "书架刚刚满了。"), (19, "书架刚刚满了。")], report.GetProperty("findings").EnumerateArray().Select(f => (f.GetProperty("line").GetInt32(), f.GetProperty("message").GetString()!)).Order());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-3")]
    public async Task An_export_lacks_no_row_that_is_saved_while_it_is_written(string engine)
    {
        await using var crm = await Crm.Start(engine);
        await Run(crm.Admin, Csv("客户名称,备注", Enumerable.Range(1, 3_000).Select(i => $"导出中{i}号有限公司,{new string('长', 600)}")), ImportMode.GoodRows);
        var last = (await crm.Admin.List($"{Customers}?take=200"))[^1];
        var number = (await crm.Admin.View("customers", last)).GetProperty("number").GetString()!;
        await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope();
        scope.Resolve<Caller>().ActAs(crm.Admin.Id, "test");
        // The first rows are in the file; the last one, not reached yet, is saved and would stand before them now.
        using var file = new Tapped(async () => (await crm.Admin.Patch($"{Customers}/{last}", new { address = "其间修改", version = 1 })).Ok());
        await scope.Resolve<Exporter>().Write(scope.Resolve<ModuleCatalog>().Document("customer"), new ListRequest { Columns = ["number", "name", "remarks"] }, null, true, false, file, default);
        var rows = Read(file.ToArray());
        Assert.Equal((3_001, 2), (rows.Count, (await crm.Admin.View("customers", last)).GetProperty("version").GetInt32()));
        Assert.Contains(rows, r => r[0] == number);
    }

    /// <summary>Does something when the first bytes arrive.</summary>
    private sealed class Tapped(Func<Task> first) : MemoryStream
    {
        private bool tapped;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Tap();
            await base.WriteAsync(buffer, cancellationToken);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Tap().GetAwaiter().GetResult();
            base.Write(buffer, offset, count);
        }

        private async Task Tap()
        {
            // The head of the file comes before its rows.
            if (tapped || Length < 100_000) return;
            tapped = true;
            await first();
        }
    }
}
