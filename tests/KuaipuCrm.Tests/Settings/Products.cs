using KuaipuCrm.Published.Settings;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Settings;

/// <summary>What the company sells, and who may see which of it at which price (SET-7, SEC-8).</summary>
[Trait("req", "SET-7")]
public class Products
{
    private const string All = "/api/settings/products", Prices = "/api/settings/prices";
    private static readonly string[] Reader = ["settings.products.read", "settings.products.export", "customers.customers.read", "customers.customers.create"];

    [Theory, OnEveryEngine]
    public async Task A_product_has_a_code_of_its_own_a_category_in_a_tree_and_three_prices(string engine)
    {
        var crm = await Crm.Shared(engine);
        var code = Crm.Name("P");
        var id = await crm.Admin.Create(All, new { name = Crm.Name("激光打印机"), code, category = "hardware", unit = "tai", specification = "A4", retailPrice = 1999.99m, memberPrice = 1899, wholesalePrice = 1500.5m });
        (await crm.Admin.Post(All, new { name = "另一台", code })).Refused(400);
        (await crm.Admin.Post(All, new { name = "负价", retailPrice = -1 })).Refused(400);
        (await crm.Admin.Post(All, new { name = "三位小数", retailPrice = 1.234m })).Refused(400);
        (await crm.Admin.Post(All, new { name = "没有这类", category = "gibtesnicht" })).Refused(400);
        // A category stands for those below it; the export shows the way down.
        Assert.Contains(id, await crm.Admin.List($"{All}?category=goods&code={code}"));
        Assert.Equal(id, (await crm.Admin.Get($"{Prices}?text={code}")).Ok().Json.GetProperty("products")[0].GetProperty("id").GetInt64());
        Assert.Contains("商品 / 硬件", (await crm.Admin.Get($"{All}/export?format=csv&columns=name,category&category=hardware")).Ok().Text);
        var twenty = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => crm.Admin.Post(All, new { name = "抢代码", code = code + "x" })));
        Assert.Equal(1, twenty.Count(a => (int)a.Status == 201));
        Assert.All(twenty.Where(a => (int)a.Status != 201), a => Assert.True((int)a.Status is 400 or 409 or 422, a.Text));
        // A category can't be below itself.
        (await crm.Admin.Post("/api/settings/dictionaries/product.category/entries", new { code = "goods", label = "商品", parent = "hardware", disabled = false })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-8")]
    public async Task A_role_sees_and_chooses_only_its_categories_and_price_kinds(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("权限货品");
        var hardware = await crm.Admin.Create(All, new { name = name + "硬件", category = "hardware", retailPrice = 100, memberPrice = 90, wholesalePrice = 77.77m });
        var software = await crm.Admin.Create(All, new { name = name + "软件", category = "licence", retailPrice = 200, wholesalePrice = 55.55m });
        var role = await crm.Role([.. Reader, "settings.products.create", "settings.products.update"], ScopeKind.Own, null, new Dictionary<string, string[]> { ["product.category"] = ["hardware"], ["price.kind"] = ["retail", "member"] });
        var li = await crm.Hire(await crm.Department("部门"), role);
        Assert.Equal([hardware], await li.List($"{All}?text={Uri.EscapeDataString(name)}"));
        (await li.Get($"{All}/{software}")).Refused(404);
        Assert.Equal((true, false), ((await crm.Send(crm.Admin, new WhyOfRecord("product", hardware, li.Id))).Sees, (await crm.Send(crm.Admin, new WhyOfRecord("product", software, li.Id))).Sees));
        Assert.Equal(1, (await li.Get($"{All}/count?name.startsWith={Uri.EscapeDataString(name)}")).Ok().Json.GetProperty("count").GetInt64());
        Assert.DoesNotContain((await li.Get($"/api/platform/search?text={Uri.EscapeDataString(name)}")).Ok().Json.EnumerateArray(), f => f.GetProperty("id").GetInt64() == software);
        foreach (var text in new[]
                 {
                     (await li.Get($"{All}/{hardware}")).Ok().Text, (await li.Get($"{All}?text={Uri.EscapeDataString(name)}&columns=name,wholesalePrice,retailPrice")).Ok().Text,
                     (await li.Get($"{All}/export?format=csv&text={Uri.EscapeDataString(name)}&columns=name,wholesalePrice,retailPrice")).Ok().Text, (await li.Get($"{All}/{hardware}/history")).Ok().Text,
                 })
        {
            Assert.DoesNotContain("77.77", text);
            Assert.DoesNotContain("软件", text);
        }
        Assert.Equal(100, (await li.Get($"{All}/{hardware}")).Ok().Json.GetProperty("retailPrice").GetDecimal());
        foreach (var query in new[] { "sort=wholesalePrice", "wholesalePrice.from=50", "wholesalePrice.notEmpty=" }) (await li.Get($"{All}?{query}")).Refused(400);
        (await li.Patch($"{All}/{hardware}", new { wholesalePrice = 1, version = 1 })).Refused(400);
        (await li.Post(All, new { name = Crm.Name("越权"), category = "licence" })).Refused(400);
        // What one does not see is not lost by saving the rest.
        (await li.Patch($"{All}/{hardware}", new { memberPrice = 91, version = 1 })).Ok();
        Assert.Equal(77.77m, (await crm.Admin.Get($"{All}/{hardware}")).Ok().Json.GetProperty("wholesalePrice").GetDecimal());
    }

    [Theory, OnEveryEngine]
    public async Task The_price_looked_up_is_the_customers_kind_else_retail_and_never_one_not_allowed(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("查价货品");
        var (both, only) = (await crm.Admin.Create(All, new { name = name + "甲", retailPrice = 100, wholesalePrice = 80 }), await crm.Admin.Create(All, new { name = name + "乙", retailPrice = 50 }));
        await crm.Admin.Create(All, new { name = name + "停", retailPrice = 1, status = "off" });
        var li = await crm.Hire(await crm.Department("部门"), await crm.Role(Reader));
        var customer = await li.Customer(Crm.Name("批发客户"), new { priceKind = "wholesale" });
        async Task<List<(long, string, decimal?)>> Look(Employee who, string more) =>
            [.. (await who.Get($"{Prices}?text={Uri.EscapeDataString(name)}{more}")).Ok().Json.GetProperty("products").EnumerateArray().Select(p => (p.GetProperty("id").GetInt64(), p.GetProperty("kind").GetString()!, p.GetProperty("price").ValueKind == System.Text.Json.JsonValueKind.Null ? (decimal?)null : p.GetProperty("price").GetDecimal())).OrderBy(p => p.Item1)];
        Assert.Equal([(both, "retail", 100), (only, "retail", 50)], await Look(li, ""));
        Assert.Equal([(both, "wholesale", 80), (only, "retail", 50)], await Look(li, $"&customerId={customer}"));
        var narrow = await crm.Hire(await crm.Department("部门"), await crm.Role(Reader, ScopeKind.All, null, new Dictionary<string, string[]> { ["price.kind"] = ["retail"] }));
        Assert.Equal([(both, "wholesale", null), (only, "retail", 50)], await Look(narrow, $"&customerId={customer}"));
        // Someone else's customer does not tell its price kind.
        var other = await crm.Hire(await crm.Department("部门"), await crm.Role(Reader));
        (await other.Get($"{Prices}?customerId={customer}")).Refused(400);
        (await (await crm.Hire([])).Get(Prices)).Refused(403);
        var brief = (await crm.Send(li, new ProductsInBrief([both, only, 1]))).OrderBy(p => p.Id).ToList();
        Assert.Equal([(80m, true), (50m, true)], brief.Select(p => (p.Price("wholesale") ?? p.Price(null)!.Value, p.OnSale)));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-4")]
    public async Task Products_come_in_from_a_sheet_and_are_updated_by_their_code(string engine)
    {
        var crm = await Crm.Shared(engine);
        var code = Crm.Name("I");
        async Task Import(string text, string? key)
        {
            var file = (await crm.Admin.Send(HttpMethod.Post, $"{All}/import/files?name=a.csv", new ByteArrayContent([0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(text)]))).Ok().Json.GetProperty("file").GetString()!;
            var columns = (await crm.Admin.Get($"{All}/import/files/{file}")).Ok().Json.GetProperty("columns").EnumerateArray().ToDictionary(c => c.GetProperty("index").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), c => c.GetProperty("target").GetString()!);
            var operation = (await crm.Admin.Post($"{All}/import", new { file, columns, updateKey = key, mode = "GoodRows" })).Ok().Json.GetInt64();
            for (var i = 0; i < 300 && (await crm.Admin.Get($"{All}/import/{operation}")).Ok().Json.GetProperty("operation").GetProperty("state").GetString() is "waiting" or "running"; i++) await Task.Delay(100);
        }
        await Import($"品名,货号,规格,分类,单位,零售价,批发价\n{code}甲,{code}1,A4,硬件,台,\"1,999.00\",1500\n{code}乙,{code}2,,没有的类别,个,1,1", null);
        var made = (await crm.Admin.Get($"{All}?code={code}1")).Ok().Json.GetProperty("items")[0].GetProperty("id").GetInt64();
        Assert.Equal(1999, (await crm.Admin.Get($"{All}/{made}")).Ok().Json.GetProperty("retailPrice").GetDecimal());
        Assert.Empty(await crm.Admin.List($"{All}?code={code}2"));
        await Import($"品名,货号,零售价\n{code}甲,{code}1,1888", "code");
        Assert.Equal(1888, (await crm.Admin.Get($"{All}/{made}")).Ok().Json.GetProperty("retailPrice").GetDecimal());
    }
}
