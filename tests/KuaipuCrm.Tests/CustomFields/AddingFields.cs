using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.CustomFields;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.CustomFields;

/// <summary>An administrator gives customers fields of the company's own, while everyone works on (DOC-11, SET-15).</summary>
[Trait("req", "DOC-11"), Trait("req", "SET-15")]
public class AddingFields
{
    private const string Customers = "/api/customers/customers", Fields = "/api/platform/fields";
    private static readonly ConcurrentDictionary<string, Lazy<Task<Crm>>> Own = new();

    /// <summary>One for these tests alone: their fields would stand in everyone's lists.</summary>
    private static Task<Crm> Host(string engine) => Own.GetOrAdd(engine, e => new(() => Crm.Start(e))).Value;

    internal static async Task<(long Id, string Name)> Add(Crm crm, string label, FieldKind kind, object? more = null, string type = "customer")
    {
        var wish = new Dictionary<string, object?> { ["documentType"] = type, ["label"] = label, ["kind"] = kind.ToString() };
        foreach (var p in more?.GetType().GetProperties() ?? []) wish[p.Name] = p.GetValue(more);
        var id = (await crm.Admin.Post(Fields, wish)).Ok().Json.GetInt64();
        return (id, (await Field(crm, id, type)).GetProperty("name").GetString()!);
    }

    private static async Task<JsonElement> Field(Crm crm, long id, string type = "customer") =>
        (await crm.Admin.Get($"{Fields}?documentType={type}")).Ok().Json.EnumerateArray().Single(f => f.GetProperty("id").GetInt64() == id);

    [Theory, OnEveryEngine, Trait("req", "SET-6")]
    public async Task A_field_a_flow_goes_by_stays_and_what_runs_by_it_goes_on_whoever_decides(string engine)
    {
        var crm = await Host(engine);
        var li = await crm.Hire(Employee.Sales);
        var (field, name) = await Add(crm, Crm.Name("风险")[..10], FieldKind.Text);
        object Flow(params object[] steps) => new { steps, conditions = new object[] { new { field = "phone", op = "StartsWith", values = new[] { "0755" } } } };
        var plain = new { name = "审核", by = "Users", ids = new[] { crm.Admin.Id } };
        var risky = new { name = "加审", by = "Users", ids = new[] { crm.Admin.Id }, conditions = new[] { new { field = name, op = "Is", values = new[] { "高" } } } };
        var flow = (await crm.Admin.Post("/api/platform/flows", new { type = "customer", name = Crm.Name("流程"), definition = Flow(plain, risky) })).Ok().Json.GetInt64();
        var id = await li.Create(Customers, new Dictionary<string, object?> { ["name"] = Crm.Name("有风险"), ["phone"] = "0755-12345678", [name] = "低" });
        // Whoever hands it in may not see numbers in full; the flow goes by them all the same.
        (await li.Post($"{Customers}/{id}/submit", new { version = 1 })).Ok();
        foreach (var act in new[] { $"{Fields}/{field}/delete", $"{Fields}/{field}/switch" })
            Assert.Contains("流程", (await crm.Admin.Post(act, new { disabled = true })).Refused(422).Text, StringComparison.Ordinal);
        (await crm.Admin.Post("/api/platform/flows", new { type = "customer", id = flow, version = 1, name = Crm.Name("流程"), definition = Flow(plain) })).Ok();
        (await crm.Admin.Post($"{Fields}/{field}/delete", new { })).Ok();
        var task = (await crm.Admin.Get("/api/platform/approvals")).Ok().Json.EnumerateArray().Single(a => a.GetProperty("documentId").GetInt64() == id).GetProperty("taskId").GetInt64();
        (await crm.Admin.Post($"/api/platform/approval-tasks/{task}/decide", new { decision = "Approve" })).Ok();
        Assert.Equal("approved", (await li.View("customers", id)).GetProperty("approval").GetString());
        (await crm.Admin.Post($"/api/platform/flows/{flow}/delete", new { })).Ok();
    }

    [Theory, OnEveryEngine]
    public async Task A_field_of_each_kind_is_at_once_in_form_list_filter_sort_export_import_history_and_api(string engine)
    {
        var crm = await Host(engine);
        var li = await crm.Hire([.. Employee.Sales, "customers.customers.import"]);
        var dictionary = (await crm.Admin.Post("/api/settings/dictionaries", new { label = Crm.Name("意向"), entries = new[] { "强", "弱" } })).Ok().Json.GetString()!;
        var codes = (await crm.Admin.Get("/api/settings/dictionaries")).Ok().Json.EnumerateArray().Single(d => d.GetProperty("id").GetString() == dictionary).GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("code").GetString()!).ToList();
        var other = await li.Customer(Crm.Name("被引用"));
        var fields = new List<(string Name, object A, object B, string Shown)>();
        foreach (var (kind, a, b, shown, more) in new (FieldKind, object, object, string, object?)[]
                 {
                     (FieldKind.Text, "甲", "乙", "甲", null), (FieldKind.Number, 3, 5, "3", null), (FieldKind.Money, 12.5m, 1000.01m, "12.5", null), (FieldKind.Quantity, 0.0001m, 2.5m, "0.0001", null),
                     (FieldKind.Date, "2026-01-31", "2026-02-01", "2026-01-31", null), (FieldKind.Choice, codes[0], codes[1], "强", new { dictionary }),
                     (FieldKind.Reference, li.Id, crm.Admin.Id, li.Name, new { refersTo = "user" }), (FieldKind.Reference, other, 0L, "被引用", new { refersTo = "customer" }), (FieldKind.LongText, "一\n二", "三", "一\n二", null),
                 })
            fields.Add(((await Add(crm, Crm.Name("字段")[..10], kind, more)).Name, a, b is 0L ? null! : b, shown));
        var (_, flag) = await Add(crm, Crm.Name("是否")[..10], FieldKind.Flag);

        var first = new Dictionary<string, object?> { ["name"] = Crm.Name("有字段"), [flag] = true };
        var second = new Dictionary<string, object?> { ["name"] = Crm.Name("有字段") };
        foreach (var (name, a, b, _) in fields) (first[name], second[name]) = (a, b);
        var (x, y, z) = (await li.Create(Customers, first), await li.Create(Customers, second), await li.Customer(Crm.Name("没有字段")));
        var view = await li.View("customers", x);
        foreach (var (name, a, b, shown) in fields)
        {
            var kept = view.GetProperty(name);
            Assert.Equal(a.ToString(), kept.ValueKind == JsonValueKind.String ? kept.GetString() : a is decimal ? kept.GetDecimal().ToString() : kept.GetInt64().ToString(CultureInfo.InvariantCulture));
            if (shown == "一\n二")
            {
                (await li.Get($"{Customers}?sort={name}")).Refused(400);
                continue;
            }
            Assert.Equal([x], await li.List($"{Customers}?{name}={Uri.EscapeDataString(a.ToString()!)}"));
            Assert.Equal(new[] { other, x, y, z }.Order(), (await li.List($"{Customers}?sort=-{name}&columns=number,{name}&take=1")).Order());
            Assert.Equal(new[] { other, x, y, z }.Order(), (await li.List($"{Customers}?sort={name}&take=2")).Order());
            Assert.Equal(b is null ? [x] : [x, y], (await li.List($"{Customers}?{name}.notEmpty=")).Order());
            Assert.Equal(b is null ? [other, y, z] : [other, z], (await li.List($"{Customers}?{name}.empty=")).Order());
        }
        Assert.Equal([x], await li.List($"{Customers}?{flag}=true"));
        Assert.Equal(new[] { other, y, z }.Order(), (await li.List($"{Customers}?{flag}=false")).Order());
        Assert.False((await li.View("customers", z)).GetProperty(flag).GetBoolean());
        Assert.Equal([x, y], (await li.List($"{Customers}?{fields[1].Name}.from=3&sort=number")));
        Assert.Equal([y], await li.List($"{Customers}?{fields[2].Name}.from=12.51"));
        Assert.Equal([x], await li.List($"{Customers}?{fields[4].Name}.to=2026-01-31"));
        Assert.Equal([x], await li.List($"{Customers}?{fields[0].Name}.startsWith={Uri.EscapeDataString("甲")}"));

        // Export, as people read it.
        var sheet = (await li.Get($"{Customers}/export?format=csv&sort=number&columns=name,{string.Join(',', fields.Select(f => f.Name))},{flag}")).Ok().Text;
        foreach (var (_, _, _, shown) in fields.Where(f => f.Shown != "一\n二")) Assert.Contains(shown, sheet);
        // History: the change and the batch change, with labels; and back.
        var label = (await crm.Admin.Get($"{Fields}?documentType=customer")).Ok().Json.EnumerateArray().Single(f => f.GetProperty("name").GetString() == fields[0].Name).GetProperty("label").GetString();
        (await li.Patch($"{Customers}/{x}", new Dictionary<string, object> { [fields[0].Name] = "丙", ["version"] = 1 })).Ok();
        var change = (await li.Get($"{Customers}/{x}/history")).Ok().Json[0].GetProperty("changes")[0];
        Assert.Equal((label, "甲", "丙"), (change.GetProperty("label").GetString(), change.GetProperty("from").GetString(), change.GetProperty("to").GetString()));
        var batch = (await crm.Admin.Post($"{Customers}/change", new { ids = new[] { x, y }, values = new Dictionary<string, object> { [fields[1].Name] = 9 } })).Ok().Json;
        Assert.Equal(2, batch.GetProperty("done").GetInt32());
        Assert.Equal([x, y], (await li.List($"{Customers}?{fields[1].Name}=9&sort=number")));
        (await crm.Admin.Post($"/api/platform/operations/{batch.GetProperty("operationId").GetInt64()}/undo", new { })).Ok();
        Assert.Equal([x], await li.List($"{Customers}?{fields[1].Name}=3"));
        // Import, the heading recognized by the label.
        var file = (await li.Send(HttpMethod.Post, $"{Customers}/import/files?name=a.csv", new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes($"客户名称,{label}\n{Crm.Name("导入")},丁")))).Ok().Json.GetProperty("file").GetString()!;
        Assert.Equal(fields[0].Name, (await li.Get($"{Customers}/import/files/{file}")).Ok().Json.GetProperty("columns")[1].GetProperty("target").GetString());
        await crm.Admin.Post($"{Customers}/import", new { file, columns = new Dictionary<string, string> { ["0"] = "name", ["1"] = fields[0].Name }, mode = "GoodRows" });
        // The API's description names it.
        Assert.Contains(fields[0].Name, (await li.Get("/openapi/customers.json")).Ok().Text);
    }

    [Theory, OnEveryEngine]
    public async Task What_is_wrong_is_told_and_nothing_but_declared_fields_reaches_the_database(string engine)
    {
        var crm = await Host(engine);
        var li = await crm.Hire(Employee.Sales);
        foreach (var url in new[] { Fields, $"{Fields}/order", $"{Fields}/1/switch", $"{Fields}/1/delete", $"{Fields}/1/restore" }) (await li.Post(url, new { documentType = "customer", label = "偷偷", kind = "Text", ids = Array.Empty<long>(), disabled = true })).Refused(403);
        (await li.Get($"{Fields}?documentType=customer")).Refused(403);
        foreach (var name in new[] { "x_a'); drop table customers_customer; --", "x_大", "1", "x_" + new string('a', 60), "x_A" }) (await crm.Admin.Post(Fields, new { documentType = "customer", label = Crm.Name("注")[..8], kind = "Text", name })).Refused(400);
        foreach (var wish in new object[]
                 {
                     new { documentType = "customer", label = "客户名称", kind = "Text" }, new { documentType = "customer", label = " ", kind = "Text" }, new { documentType = "customer", label = new string('长', 21), kind = "Text" },
                     new { documentType = "customer", label = Crm.Name("选")[..8], kind = "Choice" }, new { documentType = "customer", label = Crm.Name("引")[..8], kind = "Reference", refersTo = "nothing" }, new { documentType = "customer", label = Crm.Name("时")[..8], kind = "Instant" },
                     new { documentType = "customer", label = Crm.Name("默")[..8], kind = "Number", start = "不是数" }, new { documentType = "customer", label = Crm.Name("长")[..8], kind = "LongText", indexed = true }, new { documentType = "customer", label = Crm.Name("系")[..8], kind = "Text", section = "系统信息" },
                 })
            (await crm.Admin.Post(Fields, wish)).Refused(400);
        (await crm.Admin.Post(Fields, new { documentType = "nothing", label = "无", kind = "Text" })).Refused(404);
        var (id, name2) = await Add(crm, Crm.Name("限")[..8], FieldKind.Text);
        (await li.Post(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("过长"), [name2] = new string('长', 201) })).Refused(400);
        foreach (var query in new[] { "x_nothing=1", $"{name2}' or 1=1=1", "sort=x_nothing", "columns=x_nothing", $"extra=1" }) (await li.Get($"{Customers}?{query}")).Refused(400);
        foreach (var value in new[] { "'", "\"", "%", "\\", "'; drop table customers_customer; --", "$.x" })
        {
            var mine = await li.Create(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("引号"), [name2] = value });
            Assert.Equal([mine], await li.List($"{Customers}?{name2}={Uri.EscapeDataString(value)}"));
        }
        // The kind stays: what is kept has it.
        (await crm.Admin.Post(Fields, new { documentType = "customer", label = "另一种", kind = "Number", id, version = 1 })).Refused(400);
    }

    [Theory, OnEveryEngine]
    public async Task Renaming_keeps_what_is_there_hiding_hides_it_and_the_trash_gives_it_back(string engine)
    {
        var crm = await Host(engine);
        var li = await crm.Hire(Employee.Sales);
        var (id, name) = await Add(crm, Crm.Name("旧名")[..8], FieldKind.Text);
        var x = await li.Create(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("留"), [name] = "留下的" });
        var renamed = Crm.Name("新名")[..8];
        (await crm.Admin.Post(Fields, new { documentType = "customer", label = renamed, kind = "Text", id, version = 1 })).Ok();
        Assert.Equal((name, renamed), ((await Field(crm, id)).GetProperty("name").GetString(), (await Field(crm, id)).GetProperty("label").GetString()));
        Assert.Equal("留下的", (await li.View("customers", x)).GetProperty(name).GetString());

        // Saved queries that go by it are named with whose they are, also those that reach it through what they refer to.
        var (own, through) = (Crm.Name("按它查"), Crm.Name("按单位查"));
        (await li.Post("/api/platform/queries/customer", new { name = own, shared = false, request = new { filters = new[] { new { field = name, op = "Is", values = new[] { "留下的" } } } } })).Ok();
        (await li.Post("/api/platform/queries/contact", new { name = through, shared = true, request = new { where = new { any = true, filters = new[] { new { field = $"employerId.{name}", op = "Is", values = new[] { "x" } } } } } })).Ok();
        (await li.Post("/api/platform/queries/customer", new { name = Crm.Name("别的"), shared = false, request = new { filters = Array.Empty<object>() } })).Ok();
        Assert.Equal([(through, li.Name), (own, li.Name)], (await crm.Admin.Get($"{Fields}/{id}/queries")).Ok().Json.EnumerateArray().Select(q => (q.GetProperty("name").GetString(), q.GetProperty("owner").GetString())));
        (await li.Get($"{Fields}/{id}/queries")).Refused(403);

        foreach (var (hide, show) in new (string, object, string, object)[] { ("switch", new { disabled = true }, "switch", new { disabled = false }), ("delete", new { }, "restore", new { }) }.Select(s => ((s.Item1, s.Item2), (s.Item3, s.Item4))))
        {
            (await crm.Admin.Post($"{Fields}/{id}/{hide.Item1}", hide.Item2)).Ok();
            Assert.False((await li.View("customers", x)).TryGetProperty(name, out _));
            Assert.Contains("已停用或删除", (await li.Get($"{Customers}?{name}=1")).Refused(400).Text);
            (await li.Post(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("晚"), [name] = "晚了" })).Refused(400);
            // Saved by someone whose form does not know the field: what it holds stays.
            var version = (await li.View("customers", x)).GetProperty("version").GetInt64();
            (await li.Patch($"{Customers}/{x}", new { address = Crm.Name("路"), version })).Ok();
            (await crm.Admin.Post($"{Fields}/{id}/{show.Item1}", show.Item2)).Ok();
            Assert.Equal("留下的", (await li.View("customers", x)).GetProperty(name).GetString());
        }
        // Its name is taken even in the trash, so that no other field comes upon what it holds.
        (await crm.Admin.Post($"{Fields}/{id}/delete", new { })).Ok();
        Assert.Equal(1, (await crm.Admin.Get($"{Fields}/{id}/use")).Ok().Json.GetProperty("count").GetInt64());
        (await crm.Admin.Post(Fields, new { documentType = "customer", label = Crm.Name("冒名")[..8], kind = "Number", name })).Refused(400);
        (await crm.Admin.Post($"{Fields}/{id}/delete", new { })).Refused(404);
    }

    [Theory, OnEveryEngine]
    public async Task A_field_required_from_now_on_is_asked_of_new_rows_and_does_not_hold_old_ones_back(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var li = await crm.Hire(Employee.Sales);
        var old = await li.Customer(Crm.Name("旧客户"));
        var (_, name) = await Add(crm, "等级说明", FieldKind.Text, new { required = true });
        (await li.Post(Customers, new { name = Crm.Name("新客户") })).Refused(400);
        (await li.Patch($"{Customers}/{old}", new { address = "深圳", version = 1 })).Ok();
        (await li.Patch($"{Customers}/{old}", new Dictionary<string, object> { [name] = "好", ["version"] = 2 })).Ok();
        (await li.Patch($"{Customers}/{old}", new Dictionary<string, object?> { [name] = null, ["version"] = 3 })).Refused(400);
        var (_, day) = await Add(crm, "登记日", FieldKind.Date, new { start = "@today", required = true });
        var x = await li.Create(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("带默认"), [name] = "好" });
        Assert.Equal(10, (await li.View("customers", x)).GetProperty(day).GetString()!.Length);
    }

    [Theory, OnEveryEngine]
    public async Task Of_two_administrators_at_one_field_one_is_told_and_saves_meanwhile_lose_nothing(string engine)
    {
        var crm = await Host(engine);
        var label = Crm.Name("同名")[..8];
        var added = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => crm.Admin.Post(Fields, new { documentType = "customer", label, kind = "Text", name = "x_same" + label[2..].ToLowerInvariant() })));
        Assert.Equal(1, added.Count(a => (int)a.Status == 200));
        Assert.All(added.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 400 or 409 or 422, a.Text));
        var id = added.Single(a => (int)a.Status == 200).Json.GetInt64();
        var changed = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => crm.Admin.Post(Fields, new { documentType = "customer", label, kind = "Text", help = $"说明{i}", id, version = 1 })));
        Assert.Equal(1, changed.Count(a => (int)a.Status == 200));

        // Saved while the field is taken away: each save either is refused or has kept its value; none is half done.
        var name = (await Field(crm, id)).GetProperty("name").GetString()!;
        var li = await crm.Hire(Employee.Sales);
        var saves = Enumerable.Range(0, 40).Select(async i =>
        {
            var answer = await li.Post(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("同时"), [name] = $"值{i}", ["confirmed"] = new[] { "duplicate" } });
            return (i, answer);
        }).ToList();
        var delete = crm.Admin.Post($"{Fields}/{id}/delete", new { });
        var done = await Task.WhenAll(saves);
        (await delete).Ok();
        Assert.All(done, d => Assert.True((int)d.answer.Status is 201 or 400, d.answer.Text));
        (await crm.Admin.Post($"{Fields}/{id}/restore", new { })).Ok();
        foreach (var (i, answer) in done.Where(d => (int)d.answer.Status == 201)) Assert.Equal($"值{i}", (await li.View("customers", answer.Json.GetProperty("id").GetInt64())).GetProperty(name).GetString());
    }

    [Theory, OnEveryEngine]
    public async Task An_indexed_field_is_filtered_and_paged_by_its_index_with_empty_values_too(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var (li, wu) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var (id, name) = await Add(crm, "年产值", FieldKind.Money, new { indexed = true });
        var (_, kind) = await Add(crm, "重点", FieldKind.Flag, new { indexed = true });
        await Build(crm);
        Assert.True((await Field(crm, id)).GetProperty("ready").GetBoolean());
        var ids = new List<long>();
        for (var i = 0; i < 12; i++) ids.Add(await li.Create(Customers, new Dictionary<string, object?> { ["name"] = Crm.Name("产值"), [name] = i % 4 == 3 ? null : i * 1.5m, [kind] = i % 2 == 0 }));
        await wu.Create(Customers, new Dictionary<string, object?> { ["name"] = Crm.Name("别人的"), [name] = 3m });
        var up = ids.OrderBy(i => ids.IndexOf(i) % 4 == 3 ? -1 : ids.IndexOf(i)).ToList();
        foreach (var who in new[] { li, crm.Admin })
        {
            Assert.Equal(up, (await who.List($"{Customers}?sort={name}&take=2")).Where(ids.Contains));
            Assert.Equal(up.AsEnumerable().Reverse(), (await who.List($"{Customers}?sort=-{name}&take=5")).Where(ids.Contains));
            Assert.Equal([ids[2]], (await who.List($"{Customers}?{name}=3")).Where(ids.Contains));
            Assert.Equal([ids[8], ids[9], ids[10]], (await who.List($"{Customers}?{name}.from=12&sort=number")).Where(ids.Contains));
            Assert.Equal(6, (await who.List($"{Customers}?{kind}=true")).Count(ids.Contains));
        }
        if (engine == Engines.Sqlite)
        {
            var plan = string.Join('\n', await crm.Db.Query<string>(Sql.Trusted($"select detail from pragma_index_list('customers_customer') l, (select 'x' as detail) where l.name like 'ix_x_%'")));
            Assert.Equal(3, plan.Split('\n').Length);
        }
        // Taken away with the wish for it.
        (await crm.Admin.Post(Fields, new { documentType = "customer", label = "年产值", kind = "Money", id, version = 1, indexed = false })).Ok();
        await Build(crm);
        Assert.DoesNotContain(CustomField.IndexName(id), (await crm.Db.Query<string>(Sql.Trusted($"select x.name from ({crm.Db.Engine.CustomIndexes}) x"))));
        Assert.Equal(up, (await li.List($"{Customers}?sort={name}&take=2")).Where(ids.Contains));
    }

    [Fact]
    public async Task A_field_without_index_is_not_read_out_of_very_many_rows()
    {
        await using var crm = await Crm.Start(Engines.Sqlite);
        var (id, name) = await Add(crm, "备用", FieldKind.Number);
        var some = await crm.Admin.Create(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("样本"), [name] = 1 });
        var db = crm.Db;
        var all = Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}");
        await db.Unit(() => db.Execute($"""
            insert into customers.customer (id, number, version, owner_id, department_id, created_by, created_at, updated_by, updated_at, nature, name, extra)
            select 900000000 + x.n, 'M' || x.n, 1, c.owner_id, c.department_id, c.created_by, c.created_at, c.updated_by, c.updated_at, c.nature, 'M' || x.n, json_object({name}, x.n)
            from customers.customer c, (with recursive n(n) as (select 1 union all select n + 1 from n where n < 100000) select n from n) x where c.id = {some} and {all} 1 = 1
            """));
        Assert.Contains("索引", (await crm.Admin.Get($"{Customers}?{name}=77")).Refused(400).Detail);
        (await crm.Admin.Get($"{Customers}?sort={name}")).Refused(400);
        (await crm.Admin.Get($"{Customers}?ids=1&columns={name}&take=1")).Is(400);
        // Whoever has few rows may.
        var li = await crm.Hire(Employee.Sales);
        var mine = await li.Create(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("少"), [name] = 77 });
        Assert.Equal([mine], await li.List($"{Customers}?{name}=77&sort={name}"));
        (await crm.Admin.Post(Fields, new { documentType = "customer", label = "备用", kind = "Number", id, version = 1, indexed = true })).Ok();
        await Build(crm);
        Assert.Equal(2, (await crm.Admin.List($"{Customers}?{name}=77")).Count);
        Assert.Equal(50, (await crm.Admin.Get($"{Customers}?{name}.from=10&sort=-{name}")).Ok().Json.GetProperty("items").GetArrayLength());
        Assert.Equal(50, (await crm.Admin.Get($"{Customers}?{name}.from=10")).Ok().Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Another_host_hears_of_a_field_within_seconds()
    {
        if (Engines.Address(Engines.Postgres) is null) Assert.Skip("no PostgreSQL");
        var database = await Databases.Fresh(Engines.Postgres);
        await using var one = await Crm.StartOn(Engines.Postgres, database);
        await using var two = await Crm.StartOn(Engines.Postgres, database);
        var (_, name) = await Add(one, "两台主机", FieldKind.Number, new { indexed = true });
        for (var i = 0; ; i++)
        {
            if ((int)(await two.Admin.Get($"{Customers}?{name}=1")).Status == 200) break;
            Assert.True(i < 100, "the other host does not know the field");
            await Task.Delay(100);
        }
        await Task.WhenAll(Build(one), Build(two));
        Assert.Single(await one.Db.Query<string>(Sql.Trusted($"select x.name from ({one.Db.Engine.CustomIndexes}) x")));
    }

    private static async Task Build(Crm crm)
    {
        for (var i = 0; i < 100; i++)
        {
            await crm.Services.GetAutofacRoot().Resolve<CustomIndexes>().Reconcile(TimeSpan.Zero, default);
            var wanted = (await CustomFieldKeeper.All(crm.Db, default)).Where(f => f is { Indexed: true, Active: true }).SelectMany(f => f.Indexes()).Select(x => x.Name).Order();
            if (wanted.SequenceEqual((await crm.Db.Query<string>(Sql.Trusted($"select x.name from ({crm.Db.Engine.CustomIndexes}) x"))).Order())) return;
            await Task.Delay(100);
        }
        Assert.Fail("the indexes were not built");
    }
}
