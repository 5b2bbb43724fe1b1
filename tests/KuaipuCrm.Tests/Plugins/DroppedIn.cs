using System.Text.Json;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Plugins;

/// <summary>Partners' modules, dropped into the plug-in folder of an installed host.</summary>
[Trait("size", "large")]
public class DroppedIn
{
    private const string Customers = "/api/customers/customers";
    private const string Repairs = "/api/aftersales/repairs";

    [Theory, OnEveryEngine, Trait("req", "PLG-1"), Trait("req", "PLG-2")]
    public async Task The_sample_module_brings_documents_tab_action_page_files_rights_and_hears_events(string engine)
    {
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), plugins: new PluginFolder().Sample().Folder);
        var sample = Module(await crm.Admin.Get("/api/platform/modules"), "aftersales");
        Assert.Equal(("Running", "1.0.0", 1), (sample.GetProperty("state").GetString(), sample.GetProperty("version").GetString(), sample.GetProperty("documents").GetInt32()));

        string[] all = [.. Employee.Sales, "aftersales.repairs.read", "aftersales.repairs.create", "aftersales.repairs.update", "aftersales.repairs.export"];
        var (li, wang) = (await crm.Hire(all), await crm.Hire(Employee.Sales));
        var customer = await li.Customer("售后客户");
        // The action on the customer, then the related tab, the list with filter and export, the document's own rights.
        var repair = (await li.Post($"/api/aftersales/customers/{customer}/register", new { product = "打印机", fault = "卡纸" })).Ok().Json.GetInt64();
        (await li.Post($"/api/aftersales/customers/{customer}/register", new { product = "" })).Refused(400);
        (await wang.Post($"/api/aftersales/customers/{customer}/register", new { product = "打印机" })).Refused(403);
        Assert.Equal([repair], await li.List($"{Repairs}?tiedTo={customer}&tiedBy=repairs&state=waiting"));
        Assert.Contains("打印机 维修", (await li.Get($"{Repairs}/export?format=csv&columns=subject,customerId")).Ok().Text);
        (await li.Patch($"{Repairs}/{repair}", new { state = "working", fee = 120.5, version = 1 })).Ok();
        // Sums of the money fields: of what one may see and filters for.
        await crm.Admin.Create(Repairs, new { subject = "别人的维修", customerId = await crm.Admin.Customer("合计客户"), fee = 1000.05m });
        decimal Fees(Answer a) => a.Ok().Json.GetProperty("sums").GetProperty("fee").GetDecimal();
        Assert.Equal((120.5m, 0m, 1120.55m), (Fees(await li.Get($"{Repairs}/totals")), Fees(await li.Get($"{Repairs}/totals?state=closed")), Fees(await crm.Admin.Get($"{Repairs}/totals"))));
        (await wang.Get($"{Repairs}/totals")).Refused(403);
        Assert.Equal("售后客户", (await li.Get($"{Repairs}/{repair}")).Ok().Json.GetProperty("customerIdName").GetString());
        Assert.Contains("\"update\"", (await li.Get($"{Repairs}/{repair}/history")).Ok().Text);
        (await li.Post($"{Repairs}/{repair}/comments", new { text = "已联系客户" })).Ok();
        (await wang.Get(Repairs)).Refused(403);
        // A repair for a customer one may not see is not made.
        var foreign = await crm.Admin.Customer("别人的客户");
        (await li.Post($"/api/aftersales/customers/{foreign}/register", new { product = "打印机" })).Refused(400);
        // The customer goes: the plug-in hears of it.
        (await li.Delete($"{Customers}/{customer}")).Ok();
        for (var i = 0; i < 100 && (await li.Get($"{Repairs}/{repair}")).Json.GetProperty("state").GetString() != "suspended"; i++) await Task.Delay(50);
        Assert.Equal("suspended", (await li.Get($"{Repairs}/{repair}")).Json.GetProperty("state").GetString());
        // Files for browsers, the page, the OpenAPI document.
        Assert.Contains(".repair-board", (await crm.Stranger().Get("/_content/aftersales/aftersales.css")).Ok().Text);
        Assert.Contains("/_content/aftersales/aftersales.css?v=1.0.0", (await li.Get("/aftersales/board")).Ok().Text);
        Assert.Equal(302, (int)(await crm.Stranger().Get("/aftersales/board")).Status);
        Assert.Contains("/api/aftersales/repairs", (await crm.Admin.Get("/openapi/aftersales.json")).Ok().Text);
    }

    [Fact, Trait("req", "PLG-1")]
    public async Task A_plug_in_is_switched_off_and_on_its_data_stay()
    {
        var (database, plugins) = (await Databases.Fresh(Engines.Sqlite), new PluginFolder().Sample().Folder);
        long repair;
        await using (var crm = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins))
        {
            var customer = await crm.Admin.Customer("停用客户");
            repair = await crm.Admin.Create(Repairs, new { subject = "维修", customerId = customer });
            (await crm.Admin.Post("/api/platform/modules/aftersales/switch", new { on = false })).Ok();
            (await crm.Admin.Post("/api/platform/modules/customers/switch", new { on = false })).Refused(422);
            (await crm.Admin.Post("/api/platform/modules/nothing/switch", new { on = false })).Refused(404);
            (await crm.Admin.Get($"{Repairs}/{repair}")).Ok();
        }
        await using (var crm = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins))
        {
            Assert.Equal("Off", Module(await crm.Admin.Get("/api/platform/modules"), "aftersales").GetProperty("state").GetString());
            (await crm.Admin.Get(Repairs)).Is(404);
            (await crm.Admin.Get(Customers)).Ok();
            (await crm.Admin.Post("/api/platform/modules/aftersales/switch", new { on = true })).Ok();
        }
        await using (var crm = await Crm.StartOn(Engines.Sqlite, database, plugins: plugins)) (await crm.Admin.Get($"{Repairs}/{repair}")).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "PLG-3")]
    public async Task Broken_ones_are_left_out_whole_with_the_reason_and_all_others_run_on(string engine)
    {
        var text = System.Text.Encoding.UTF8.GetBytes("no assembly");
        const string document = "public sealed class Thing : Document { public string Title { get; set; } = \"\"; } internal sealed class ThingDocument : IDocument<Thing> { public void Declare(DocumentBuilder<Thing> d) => d.Named(\"TYPE\", \"things\", \"东西\", \"SCHEMA.thing\", \"DX\").Title(x => x.Title).Text(x => x.Title, \"名称\"); }";
        string Document(string type, string schema) => document.Replace("TYPE", type).Replace("SCHEMA", schema);
        const string table = "[Migration(1, \"first\")] public sealed class V001 : SchemaStep { public override void Up() { CreateDocumentTable(\"badmigration.thing\").Text(\"title\", 100).NotNullable(); Execute.Sql(\"this is no sql\"); } }";
        var plugins = new PluginFolder().Sample()
            .Files("empty")
            .Files("garbled", ("plugin.json", text))
            .Files("lacking", ("plugin.json", "{\"id\":\"lacking\"}"u8.ToArray()))
            .Files("nodll", ("plugin.json", System.Text.Encoding.UTF8.GetBytes(PluginFolder.Manifest("nodll"))))
            .Files("noassembly", ("plugin.json", System.Text.Encoding.UTF8.GetBytes(PluginFolder.Manifest("noassembly"))), ("noassembly.dll", text))
            .Files("outside", ("plugin.json", System.Text.Encoding.UTF8.GetBytes(PluginFolder.Manifest("outside").Replace("outside.dll", "../AfterSales/AfterSales.dll"))))
            .Module("newsdk", sdk: "0.2").Module("oldsdk", sdk: "9.0").Module("otherid", manifest: PluginFolder.Manifest("otherid").Replace("\"id\":\"otherid\"", "\"id\":\"another\""))
            .Module("throws", "throw new InvalidOperationException(\"启动异常样本\");")
            .Module("statics", "_ = Bad.Value;", "static class Bad { public static readonly int Value = int.Parse(\"静态构造\"); }")
            .Module("badmigration", more: Document("badthing", "badmigration") + table)
            .Module("customers").Module("taken", more: Document("customer", "taken")).Module("schema", more: Document("schemathing", "customers"))
            .Module("right", "module.Permissions[\"customers.everything\"] = \"冒充\";")
            .Module("service", "Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddScoped<IScope, AllSeeing>(module.Services);", "sealed class AllSeeing : IScope { public Sql Of(string d, string a) => Sql.Trusted(\"1 = 1\"); public Sql ToChange(string d, string a) => Sql.Trusted(\"1 = 1\"); public Sql ToDispose(string d, string a) => Sql.Trusted(\"1 = 1\"); public Sql All(string d, string r) => Sql.Trusted(\"1 = 1\"); }")
            .Module("page", more: "[Microsoft.AspNetCore.Components.Route(\"/customers/customers\")] public sealed class Page : Microsoft.AspNetCore.Components.ComponentBase { }")
            .Module("tab", "module.Tabs.Add(new RelatedTab(\"customer\", \"contacts\", \"冒充\", \"contact\", (a, id) => Sql.Trusted(\"1 = 1\"), 1));")
            .Module("missing", "_ = PrivateLibrary.Told.Version();", beside: ("PrivateLibrary.dll", PluginFolder.Library("1.0.0.0")));
        File.Delete(Path.Combine(plugins.Folder, "missing", "PrivateLibrary.dll"));
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), plugins: plugins.Folder);
        var modules = (await crm.Admin.Get("/api/platform/modules")).Ok();
        var refused = modules.Json.EnumerateArray().Where(m => m.GetProperty("state").GetString() == "Refused").ToDictionary(m => $"{m.GetProperty("id").GetString()}", m => m.GetProperty("why").GetString()!);
        Assert.Equal(["another", "badmigration", "customers", "empty", "garbled", "lacking", "missing", "newsdk", "noassembly", "nodll", "oldsdk", "outside", "page", "right", "schema", "service", "statics", "tab", "taken", "throws"], refused.Keys.Order(StringComparer.Ordinal));
        Assert.All(refused.Values, why => Assert.Contains(why, c => c is >= '\u4e00' and <= '\u9fff'));
        foreach (var (id, says) in new[] { ("newsdk", "0.2"), ("throws", "启动异常样本"), ("badmigration", "数据表升级失败"), ("missing", "PrivateLibrary"), ("garbled", "plugin.json"), ("outside", "文件夹") }) Assert.Contains(says, refused[id]);
        // Nothing of them is half there; all others run.
        Assert.Equal("Running", Module(modules, "aftersales").GetProperty("state").GetString());
        (await crm.Admin.Get(Repairs)).Ok();
        (await crm.Admin.Get("/api/badmigration/things")).Is(404);
        Assert.DoesNotContain("badthing", (await crm.Admin.Get("/api/settings/numbering")).Text);
        Assert.Equal(0, await crm.Db.First<long>(engine == "sqlite" ? $"select count(*) from sqlite_master where name = 'badmigration_thing'" : (KuaipuCrm.Sdk.Sql)$"select count(*) from information_schema.tables where table_name = 'thing'"));
        Assert.True(await crm.Admin.Customer("其他照常") > 0);
        Assert.DoesNotContain("冒充", (await crm.Admin.Get("/customers/customers")).Text);
    }

    [Fact, Trait("req", "PLG-3")]
    public async Task What_fails_in_use_fails_alone()
    {
        var plugins = new PluginFolder().Module("inuse", "module.Endpoints.Add(g => throw new InvalidOperationException(\"接口样本\"));", """
            [Action("出错的查询", "", Route = "bang")] public sealed record Bang : IQuery<int>;
            internal sealed class BangHandler : IQueryHandler<Bang, int> { public Task<int> Handle(Bang q, CancellationToken ct) => throw new InvalidOperationException("秘密"); }
            public sealed class BadSeed : ISeed { public BadSeed() => throw new InvalidOperationException("种子样本"); }
            internal sealed class BadHandler : IEventHandler<KuaipuCrm.Published.Customers.CustomerCreated> { public Task Handle(KuaipuCrm.Published.Customers.CustomerCreated e, CancellationToken ct) => throw new InvalidOperationException("处理样本"); }
            """);
        await using var crm = await Crm.StartOn(Engines.Sqlite, await Databases.Fresh(Engines.Sqlite), plugins: plugins.Folder);
        var module = Module(await crm.Admin.Get("/api/platform/modules"), "inuse");
        Assert.Equal("Impaired", module.GetProperty("state").GetString());
        var answer = await crm.Admin.Get("/api/inuse/bang");
        answer.Refused(500);
        Assert.DoesNotContain("秘密", answer.Text);
        Assert.True(await crm.Admin.Customer("事件出错也保存") > 0);
        for (var i = 0; i < 100 && await crm.Db.First<long>($"select count(*) from platform.delivery where attempts > 0") == 0; i++) await Task.Delay(50);
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.delivery where attempts > 0"));
        (await crm.Admin.Get(Customers)).Ok();
    }

    [Fact, Trait("req", "PLG-1")]
    public async Task Two_plug_ins_with_different_versions_of_one_library_of_their_own_work_side_by_side()
    {
        string Asks(string name) => $$"""[Action("库版本", "", Route = "version")] public sealed record {{name}} : IQuery<string>; internal sealed class H : IQueryHandler<{{name}}, string> { public Task<string> Handle({{name}} q, CancellationToken ct) => Task.FromResult(PrivateLibrary.Told.Version()); }""";
        var plugins = new PluginFolder().Module("first", more: Asks("FirstVersion"), beside: ("PrivateLibrary.dll", PluginFolder.Library("1.2.0.0")))
            .Module("second", more: Asks("SecondVersion"), beside: ("PrivateLibrary.dll", PluginFolder.Library("7.0.0.0")));
        await using var crm = await Crm.StartOn(Engines.Sqlite, await Databases.Fresh(Engines.Sqlite), plugins: plugins.Folder);
        Assert.Equal(("1.2.0.0", "7.0.0.0"), ((await crm.Admin.Get("/api/first/version")).Ok().Json.GetString(), (await crm.Admin.Get("/api/second/version")).Ok().Json.GetString()));
    }

    private static JsonElement Module(Answer answer, string id) => answer.Ok().Json.EnumerateArray().Single(m => m.GetProperty("id").GetString() == id);
}
