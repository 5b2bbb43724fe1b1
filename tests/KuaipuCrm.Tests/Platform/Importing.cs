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

namespace KuaipuCrm.Tests.Platform;

/// <summary>The company's customer list comes in as people send it, and goes out again as they may see it.</summary>
public class Importing
{
    private const string Customers = "/api/customers/customers";
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "Data");

    [Theory, OnEveryEngine, Trait("req", "DOC-4")]
    public async Task A_trial_run_finds_exactly_the_faults_of_a_messy_file_and_writes_nothing(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var key = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Data, "customers-messy.key.json"))).RootElement;
        foreach (var file in new[] { "customers-messy.xlsx", "customers-messy-gbk.csv" })
        {
            var report = await Run(crm.Admin, await File.ReadAllBytesAsync(Path.Combine(Data, file)), ImportMode.DryRun);
            Assert.Equal(key.GetProperty("clean").GetInt32() + key.GetProperty("formula").GetArrayLength(), report.GetProperty("created").GetInt32());
            Assert.Equal(Expected(key, ("exact_duplicate", "duplicate"), ("near_duplicate", "duplicate"), ("no_name", "required"), ("bad_mobile", "invalid"), ("bad_email", "invalid"), ("unknown_owner", "reference"),
                ("formula", "formula"), ("too_long", "length"), ("unknown_type", "choice")), Found(report));
            Assert.All(report.GetProperty("findings").EnumerateArray(), f => Assert.Contains(f.GetProperty("message").GetString()!, c => c is >= '\u4e00' and <= '\u9fff'));
        }
        Assert.Equal(0, (await crm.Admin.Get(Customers + "/count")).Ok().Json.GetProperty("count").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-4"), Trait("req", "DOC-14")]
    public async Task Good_rows_come_in_the_others_are_mended_and_sent_again_and_all_of_it_can_be_undone(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var rows = Enumerable.Range(1, 300).Select(i => $"批量导入{i}号有限公司,{(i % 10 == 0 ? "12345" : $"1380000{i:0000}")},张{i}").ToList();
        var report = await Run(crm.Admin, Csv("客户名称,手机,联系人", rows), ImportMode.GoodRows);
        Assert.Equal((270, 30), (report.GetProperty("created").GetInt32(), report.GetProperty("operation").GetProperty("failed").GetInt32()));
        Assert.Equal(270, await Count(crm, "contacts"));

        var operation = report.GetProperty("operation").GetProperty("id").GetInt64();
        var errors = Read((await crm.Admin.Get($"/api/platform/operations/{operation}/errors")).Ok().Bytes);
        Assert.Equal(31, errors.Count);
        Assert.Contains("手机", errors[1][^1]);
        var mended = errors.Skip(1).Select(r => $"{r[0]},13900{r[2]![1..]:000000},{r[2]}".Replace("13900", "1390000")).Select((r, i) => $"{r.Split(',')[0]},139{i:00000000},{r.Split(',')[2]}").ToList();
        Assert.Equal(30, (await Run(crm.Admin, Csv("客户名称,手机,联系人", mended), ImportMode.GoodRows)).GetProperty("created").GetInt32());

        var kept = (await crm.Admin.Get($"{Customers}?text=批量导入7号&columns=name")).Ok().Json.GetProperty("items")[0].GetProperty("id").GetInt64();
        (await crm.Admin.Patch($"{Customers}/{kept}", new { address = "此后改过", version = 1 })).Ok();
        var undone = (await crm.Admin.Post($"/api/platform/operations/{operation}/undo", new { })).Ok().Json;
        Assert.Contains(undone.GetProperty("problems").EnumerateArray(), p => p.GetProperty("id").GetInt64() == kept);
        Assert.Equal(31, await Count(crm, "customers"));
        (await crm.Admin.Post($"/api/platform/operations/{operation}/undo", new { })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-4")]
    public async Task All_or_nothing_imports_nothing_when_a_row_has_a_fault(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var report = await Run(crm.Admin, Csv("客户名称,电话", ["全部甲有限公司,0755-12345678", ",0755-12345679"]), ImportMode.AllOrNothing);
        Assert.Equal("failed", report.GetProperty("operation").GetProperty("state").GetString());
        Assert.Equal(0, await Count(crm, "customers"));
    }

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

    [Theory, OnEveryEngine, Trait("req", "DOC-4")]
    public async Task Existing_rows_are_updated_by_the_chosen_key_and_come_back_by_undo(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var id = await crm.Admin.Customer("键值更新有限公司", new { address = "旧地址" });
        var report = await Run(crm.Admin, Csv("客户名称,地址", ["键值更新有限公司,新地址", "键值新增有限公司,别处"]), ImportMode.GoodRows, "name");
        Assert.Equal((1, 1), (report.GetProperty("updated").GetInt32(), report.GetProperty("created").GetInt32()));
        Assert.Equal("新地址", (await crm.Admin.View("customers", id)).GetProperty("address").GetString());
        (await crm.Admin.Post($"/api/platform/operations/{report.GetProperty("operation").GetProperty("id").GetInt64()}/undo", new { })).Ok();
        Assert.Equal("旧地址", (await crm.Admin.View("customers", id)).GetProperty("address").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-4"), Trait("req", "CUS-3")]
    public async Task A_customer_with_several_contacts_stands_in_several_rows_and_comes_in_once(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var report = await Run(crm.Admin, Csv("客户名称,地址,联系人,手机", [
            "多人有限公司,深圳,赵一,13800000001", "单人有限公司,广州,钱二,13800000002",
            // The same of the customer, or nothing: further contacts. The same contact, or another address: doubles.
            "多人有限公司,深圳,孙三,13800000003", "多人有限公司,,李四,13800000004", "多人有限公司,深圳,赵一,13800000005", "多人有限公司,北京,周五,13800000006",
            "电话错有限公司,深圳,吴六,123", "电话错有限公司,深圳,郑七,13800000007"]), ImportMode.GoodRows);
        Assert.Equal([(6, "duplicate"), (7, "duplicate"), (8, "invalid"), (9, "other")], Found(report));
        Assert.Equal((2L, 4L), (await Count(crm, "customers"), await Count(crm, "contacts")));
        var id = (await crm.Admin.List($"{Customers}?text=多人有限公司"))[0];
        Assert.Equal(3, (await crm.Admin.Get($"/api/customers/contacts?employerId.is={id}")).Ok().Json.GetProperty("items").GetArrayLength());
        (await crm.Admin.Post($"/api/platform/operations/{report.GetProperty("operation").GetProperty("id").GetInt64()}/undo", new { })).Ok();
        Assert.Equal((0L, 0L), (await Count(crm, "customers"), await Count(crm, "contacts")));
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-1")]
    public async Task Nobody_opens_anothers_upload_operation_or_error_file(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire([.. Employee.Sales, "customers.customers.import"]), await crm.Hire([.. Employee.Sales, "customers.customers.import"]));
        var file = await Upload(li, Csv("客户名称,电话", [$"{Crm.Name("别人的")},不是电话"]));
        (await wang.Get($"{Customers}/import/files/{file}")).Refused(404);
        var report = await Run(li, Csv("客户名称,电话", [$"{Crm.Name("别人的")},不是电话"]), ImportMode.GoodRows);
        var operation = report.GetProperty("operation").GetProperty("id").GetInt64();
        (await wang.Get($"{Customers}/import/{operation}")).Refused(404);
        (await wang.Get($"/api/platform/operations/{operation}/errors")).Refused(404);
        (await wang.Post($"/api/platform/operations/{operation}/undo", new { })).Refused(404);
        var sales = await crm.Hire(Employee.Sales);
        (await sales.Send(HttpMethod.Post, $"{Customers}/import/files?name=a.csv", new ByteArrayContent(Csv("客户名称", ["无权导入"])))).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-3"), Trait("req", "SEC-4"), Trait("req", "SEC-6")]
    public async Task An_export_holds_the_rows_one_may_see_masked_and_formulas_as_text(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales, ScopeKind.Own);
        var boss = await crm.Hire(Employee.Sales, ScopeKind.All);
        var name = Crm.Name("导出");
        await li.Customer(name, new { remarks = "=1+1", phone = "0755-87654321" });
        await crm.Admin.Customer(name + "他人");
        var own = Read((await li.Get($"{Customers}/export?text={name}&columns=name,phone,remarks")).Ok().Bytes);
        Assert.Equal([name, "0755-87654321", "=1+1"], own[1]);
        Assert.Equal(2, own.Count);
        var all = Read((await boss.Get($"{Customers}/export?text={name}&columns=name,phone&sort=name&format=csv")).Ok().Bytes);
        Assert.Equal(3, all.Count);
        Assert.DoesNotContain(all, r => r.Contains("0755-87654321"));
    }

    [Fact, Trait("req", "UI-12")]
    public async Task An_import_goes_on_where_it_was_when_the_host_is_stopped_and_started_again()
    {
        var database = await Databases.Fresh(Engines.Sqlite);
        var crm = await Crm.StartOn(Engines.Sqlite, database);
        // A fault at the beginning, and a second contact of the first customer at the end: both are known still after the stop.
        string[] rows = ["坏的有限公司,电话,张三", .. Enumerable.Range(2, 19_999).Select(i => $"续传{i}号有限公司,0755-{20_000_000 + i},张三"), "续传2号有限公司,0755-20000002,李四", "坏的有限公司,0755-20000003,王五"];
        var file = await Upload(crm.Admin, Csv("客户名称,电话,联系人", rows));
        var operation = (await crm.Admin.Post($"{Customers}/import", new { file, sheet = 0, columns = new Dictionary<string, string> { ["0"] = "name", ["1"] = "phone", ["2"] = "contact.name" }, mode = (int)ImportMode.GoodRows })).Ok().Json.GetInt64();
        while ((await crm.Admin.Get($"{Customers}/import/{operation}")).Ok().Json.GetProperty("operation").GetProperty("done").GetInt32() == 0) await Task.Delay(20);
        await crm.DisposeAsync();
        await using var again = await Crm.StartOn(Engines.Sqlite, database);
        var report = await Wait(again.Admin, operation);
        Assert.Equal((20_000, 2, "done"), (report.GetProperty("created").GetInt32(), report.GetProperty("operation").GetProperty("failed").GetInt32(), report.GetProperty("operation").GetProperty("state").GetString()));
        Assert.Equal(3, Read((await again.Admin.Get($"/api/platform/operations/{operation}/errors")).Ok().Bytes).Count);
        Assert.Equal(19_999, await again.Db.First<long>($"select count(*) from customers.customer c where {Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}")} 1 = 1"));
    }

    private static byte[] Csv(string header, IEnumerable<string> rows) => [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", rows.Prepend(header)))];

    private static async Task<long> Count(Crm crm, string type) => (await crm.Admin.Get($"/api/customers/{type}/count")).Ok().Json.GetProperty("count").GetInt64();

    private static async Task<string> Upload(Employee who, byte[] content) =>
        (await who.Send(HttpMethod.Post, $"{Customers}/import/files?name=test", new ByteArrayContent(content))).Ok().Json.GetProperty("file").GetString()!;

    private static async Task<JsonElement> Run(Employee who, byte[] content, ImportMode mode, string? updateKey = null)
    {
        var file = await Upload(who, content);
        var columns = (await who.Get($"{Customers}/import/files/{file}")).Ok().Json.GetProperty("columns").EnumerateArray().Where(c => c.GetProperty("target").GetString() is not null)
            .ToDictionary(c => c.GetProperty("index").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), c => c.GetProperty("target").GetString()!);
        return await Wait(who, (await who.Post($"{Customers}/import", new { file, sheet = 0, columns, updateKey, mode = (int)mode })).Ok().Json.GetInt64());
    }

    private static async Task<JsonElement> Wait(Employee who, long operation, string list = Customers)
    {
        for (var i = 0; i < 600; i++)
        {
            var report = (await who.Get($"{list}/import/{operation}")).Ok().Json;
            if (report.GetProperty("operation").GetProperty("state").GetString() is not ("waiting" or "running" or "cancelling")) return report;
            await Task.Delay(100);
        }
        throw new TimeoutException("The import did not end.");
    }

    private static List<(int Line, string Code)> Found(JsonElement report) => [.. report.GetProperty("findings").EnumerateArray().Select(f => (f.GetProperty("line").GetInt32(), f.GetProperty("code").GetString()!)).Order()];

    private static List<(int Line, string Code)> Expected(JsonElement key, params (string Fault, string Code)[] faults) => [.. faults.SelectMany(f => key.GetProperty(f.Fault).EnumerateArray().Select(l => (l.GetInt32(), f.Code))).Order()];

    private static List<string?[]> Read(byte[] file)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            using var sheet = SheetFile.Open(path, SheetLimits.Default);
            return [.. sheet.Rows().Select(r => r.Cells.ToArray())];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
