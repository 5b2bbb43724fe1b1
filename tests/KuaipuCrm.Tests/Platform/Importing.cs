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

    [Theory, OnEveryEngine, Trait("req", "DOC-4"), Trait("req", "DOC-14"), Trait("req", "CUS-7")]
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

    [Theory, OnEveryEngine, Trait("req", "DOC-3"), Trait("req", "SEC-4"), Trait("req", "SEC-6"), Trait("req", "CUS-7")]
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

    internal static byte[] Csv(string header, IEnumerable<string> rows) => [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", rows.Prepend(header)))];

    internal static async Task<long> Count(Crm crm, string type) => (await crm.Admin.Get($"/api/customers/{type}/count")).Ok().Json.GetProperty("count").GetInt64();

    internal static async Task<string> Upload(Employee who, byte[] content) =>
        (await who.Send(HttpMethod.Post, $"{Customers}/import/files?name=test", new ByteArrayContent(content))).Ok().Json.GetProperty("file").GetString()!;

    internal static async Task<JsonElement> Run(Employee who, byte[] content, ImportMode mode, string? updateKey = null)
    {
        var file = await Upload(who, content);
        var columns = (await who.Get($"{Customers}/import/files/{file}")).Ok().Json.GetProperty("columns").EnumerateArray().Where(c => c.GetProperty("target").GetString() is not null)
            .ToDictionary(c => c.GetProperty("index").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), c => c.GetProperty("target").GetString()!);
        return await Wait(who, (await who.Post($"{Customers}/import", new { file, sheet = 0, columns, updateKey, mode = (int)mode })).Ok().Json.GetInt64());
    }

    internal static async Task<JsonElement> Wait(Employee who, long operation, string list = Customers)
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

    internal static List<string?[]> Read(byte[] file)
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
