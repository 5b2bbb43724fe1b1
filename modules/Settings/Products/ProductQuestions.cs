using KuaipuCrm.Published.Customers;
using KuaipuCrm.Published.Settings;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Settings.Products;

/// <summary>Answers other modules' questions about products.</summary>
internal sealed class ProductsInBriefHandler(IDb db, IScope scope) : IQueryHandler<ProductsInBrief, IReadOnlyList<ProductBrief>>
{
    public async Task<IReadOnlyList<ProductBrief>> Handle(ProductsInBrief query, CancellationToken ct) => query.Ids.Count == 0 ? [] :
    [
        .. (await db.Query<Row>($"""
            select p.id, p.code, p.name, p.specification, p.category, p.unit, p.retail_price, p.member_price, p.wholesale_price, p.status from settings.product p
            where {db.Dialect.In(Sql.Trusted("p.id"), [.. query.Ids])} and p.deleted_at is null and {scope.All("product", "modules ask for their own rules; people see products through lists")}
            """, ct)).Select(r => new ProductBrief(r.Id, r.Code, r.Name, r.Specification, r.Category, r.Unit, Yuan(r.RetailPrice), Yuan(r.MemberPrice), Yuan(r.WholesalePrice), r.Status == Product.OnSale)),
    ];

    internal static decimal? Yuan(long? fen) => fen / 100m;

    private sealed record Row(long Id, string? Code, string Name, string? Specification, string? Category, string? Unit, long? RetailPrice, long? MemberPrice, long? WholesalePrice, string Status);
}

internal sealed class PricesForHandler(IMediator mediator, ICurrentUser me) : IQueryHandler<PricesFor, IReadOnlyList<ProductPrice>>
{
    public async Task<IReadOnlyList<ProductPrice>> Handle(PricesFor query, CancellationToken ct)
    {
        var wanted = query.CustomerId is { } customer ? (await mediator.Send(new CustomersInBrief([customer]), ct)).FirstOrDefault()?.PriceKind ?? Prices.Retail : Prices.Retail;
        var allowed = me.EntriesOf(Prices.Dictionary);
        return
        [
            .. from p in await mediator.Send(new ProductsInBrief(query.Products), ct)
               let kind = p.Price(wanted) is null ? Prices.Retail : wanted
               let seen = allowed is null || allowed.Contains(kind)
               select new ProductPrice(p.Id, kind, seen ? p.Price(kind) : null, !seen && p.Price(kind) is not null),
        ];
    }
}

/// <summary>What products cost, for a customer or in general: the look-up of whoever is on the phone.</summary>
[Action("查价", "settings.products.read", Route = "prices", Help = "按名称、代码、拼音首字母查在售货品的售价；给出客户时按客户的默认售价。只含可见的货品和可用的售价。")]
public sealed record LookUpPrices([Label("名称、代码或拼音首字母")] string? Text = null, [Label("客户的编号")] long? CustomerId = null) : IQuery<PriceList>;

/// <param name="Kind">The price kind that was asked for by the customer.</param>
public sealed record PriceList(string Kind, IReadOnlyList<PricedProduct> Products);

/// <param name="Kind">Which price it is: the retail price where the customer's kind has none.</param>
/// <param name="Hidden">There is one, and the user may not see it.</param>
public sealed record PricedProduct(long Id, string? Code, string Name, string? Specification, string? Unit, string Kind, decimal? Price, bool Hidden);

internal sealed class LookUpPricesHandler(IMediator mediator) : IQueryHandler<LookUpPrices, PriceList>
{
    private const int Most = 50;

    public async Task<PriceList> Handle(LookUpPrices query, CancellationToken ct)
    {
        if (query.Text?.Length > 100) throw new Invalid("text", "名称、代码或拼音首字母最多 100 个字。");
        // The customer must be one the user may see: its price kind is told.
        if (query.CustomerId is { } customer && (await mediator.Send(new ListDocuments("customer", new ListRequest { Ids = [customer], Take = 1, Columns = ["name"] }), ct)).Rows.Count == 0) throw new Invalid("customerId", "客户不存在，或您无权查看。");
        var all = new ListRequest { Take = Most, Sort = "name", Descending = false, Columns = ["code", "name", "specification", "unit"], Filters = [new Filter("status", FilterOp.Is, Product.OnSale)] };
        var found = (await mediator.Send(new ListDocuments("product", all with { Text = query.Text }), ct)).Rows.ToList();
        // By the code, too, which is what stands on the shelf.
        if (query.Text?.Trim() is { Length: > 0 } code)
            found = [.. (await mediator.Send(new ListDocuments("product", all with { Filters = [.. all.Filters, new Filter("code", FilterOp.StartsWith, code)] }), ct)).Rows.UnionBy(found, r => r.Id).Take(Most)];
        var prices = (await mediator.Send(new PricesFor([.. found.Select(r => r.Id)], query.CustomerId), ct)).ToDictionary(p => p.ProductId);
        var wanted = query.CustomerId is { } known ? (await mediator.Send(new CustomersInBrief([known]), ct)).FirstOrDefault()?.PriceKind ?? Prices.Retail : Prices.Retail;
        return new(wanted, [.. found.Select(r => new PricedProduct(r.Id, r.Values[0] as string, (string)r.Values[1]!, r.Values[2] as string, r.Values[3] as string, prices[r.Id].Kind, prices[r.Id].Price, prices[r.Id].Hidden))]);
    }
}
