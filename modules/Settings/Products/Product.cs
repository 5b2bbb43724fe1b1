using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Settings.Products;

/// <summary>Something the company sells (货品, SET-7).</summary>
internal sealed class Product : Document
{
    public const string OnSale = "on", Stopped = "off";

    public string? Code { get; set; }
    public string Name { get; set; } = "";
    public string? Initials { get; set; }
    public string? Specification { get; set; }
    public string? Category { get; set; }
    public string? Unit { get; set; }
    public decimal? RetailPrice { get; set; }
    public decimal? MemberPrice { get; set; }
    public decimal? WholesalePrice { get; set; }
    public string? Status { get; set; }
    public string? Remarks { get; set; }

    /// <summary>The price of a kind; null where none is set for it.</summary>
    public static decimal? Price(string? kind, decimal? retail, decimal? member, decimal? wholesale) => kind switch
    {
        Prices.Member => member,
        Prices.Wholesale => wholesale,
        _ => retail,
    };
}

/// <summary>The kinds of price: codes of the dictionary <c>price.kind</c>.</summary>
internal static class Prices
{
    public const string Dictionary = "price.kind", Retail = "retail", Member = "member", Wholesale = "wholesale";
}

internal sealed class ProductDocument : IDocument<Product>
{
    public void Declare(DocumentBuilder<Product> d)
    {
        d.Named("product", "products", "货品", "settings.product", "HP").Title(x => x.Name);
        d.Text(x => x.Name, "货品名称", 100).Required().Listed(220).Indexed("initials").Aliases("名称", "产品名称", "商品名称", "品名");
        d.Text(x => x.Code, "货品代码", 40).Listed(110).Aliases("代码", "产品代码", "商品编码", "货号", "物料编码");
        d.Text(x => x.Specification, "规格型号", 200).Listed(140).Aliases("规格", "型号");
        d.Choice(x => x.Category, "产品类别", "product.category").Tree().Listed(120).Batch().Aliases("类别", "分类", "产品分类");
        d.Choice(x => x.Unit, "计量单位", "product.unit").Listed(72).Batch().Aliases("单位");
        d.OneOf(x => x.Status, "状态", new(Product.OnSale, "在售", "On sale"), new(Product.Stopped, "停售", "Stopped")).Required().Listed(64).Batch().Default(_ => Product.OnSale);
        d.Section("售价");
        d.Money(x => x.RetailPrice, "零售售价").Listed(100).Range(0, null).NeedsEntry(Prices.Dictionary, Prices.Retail).Aliases("零售价", "单价", "价格", "售价");
        d.Money(x => x.MemberPrice, "会员售价").Listed(100).Range(0, null).NeedsEntry(Prices.Dictionary, Prices.Member).Aliases("会员价");
        d.Money(x => x.WholesalePrice, "批发售价").Listed(100).Range(0, null).NeedsEntry(Prices.Dictionary, Prices.Wholesale).Aliases("批发价");
        d.Section("其他");
        d.LongText(x => x.Remarks, "备注").Aliases("说明");
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly();
        d.With(x =>
        {
            (x.Owned, x.Importable, x.Attachments, x.Icon, x.MenuGroup, x.MenuOrder) = (false, true, true, "box-open", SettingsModule.BaseData, 34);
            (x.Status, x.Subtitle, x.CutBy) = (x.Field("status"), x.Field("specification"), x.Field("category"));
            x.UpdateKeys = ["number", "code", "name"];
            x.Views = [new("on", "在售货品", [new Filter("status", FilterOp.Is, Product.OnSale)])];
        });
    }
}

internal sealed class ProductRules(IDb db, IScope scope, IReferrers referrers) : IDocumentRule<Product>
{
    public string? SameAs(Product record) => record.Code is { Length: > 0 } code ? "code:" + code : null;

    public async Task Before(IReadOnlyList<Change<Product>> changes, CancellationToken ct)
    {
        foreach (var c in changes) c.Now.Initials = Pinyin.Initials(c.Now.Name);
        // What was offered or sold keeps its product: it is stopped, not deleted.
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Delete or ChangeKind.Purge))
            if (await referrers.Of("product", c.Now.Id, ct) is { Count: > 0 } used)
                c.Refuse("", $"货品“{c.Now.Name}”已被使用（{string.Join("、", used.Select(u => $"{u.Label} {u.Count}"))}），不能删除；请改为停售。");
        var coded = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Restore || c.Kind == ChangeKind.Update && c.Now.Code != c.Before?.Code).Where(c => c.Now.Code is { Length: > 0 }).ToList();
        if (coded.Count == 0) return;
        var taken = (await db.Query<Taken>($"""
            select p.id, p.code, p.name from settings.product p
            where {db.Dialect.In(Sql.Trusted("p.code"), [.. coded.Select(c => c.Now.Code!)])} and p.deleted_at is null and {scope.All("product", "a code is unique, whoever may see its product")}
            """, ct)).ToLookup(t => t.Code);
        foreach (var c in coded)
            if (taken[c.Now.Code!].FirstOrDefault(t => t.Id != c.Now.Id) is not null) c.Refuse("code", $"货品代码“{c.Now.Code}”已被使用。");
        foreach (var twice in coded.GroupBy(c => c.Now.Code).Where(g => g.Count() > 1))
            foreach (var c in twice.Skip(1)) c.Refuse("code", $"货品代码“{c.Now.Code}”重复。");
    }

    private sealed record Taken(long Id, string Code, string Name);
}
