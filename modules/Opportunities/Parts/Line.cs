using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Published.Settings;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Parts;

/// <summary>A product the opportunity is about (OPP-1).</summary>
internal sealed class Line : Document, IOfOpportunity
{
    public string Subject { get; set; } = "";
    public long? OpportunityId { get; set; }
    public long? ProductId { get; set; }
    public decimal? Quantity { get; set; }
    /// <summary>Yuan for a unit.</summary>
    public decimal? Price { get; set; }
    public decimal? Amount { get; set; }
    public string? Remarks { get; set; }
}

internal sealed class LineDocument : IDocument<Line>
{
    public void Declare(DocumentBuilder<Line> d)
    {
        d.Named("opportunityline", "lines", "商机产品", "opportunities.line", "CP").Title(x => x.Subject);
        d.Reference(x => x.OpportunityId, "商机", "opportunity").Required().Fixed().OpensWithOwner().Listed(200).Aliases("商机名称");
        d.Reference(x => x.ProductId, "货品", "product").Required().Listed(200).Aliases("产品", "货品名称", "产品名称");
        d.Quantity(x => x.Quantity, "数量").Required().Range(0.0001m, 100_000_000).Listed(80).Total().Default(_ => 1m);
        d.Money(x => x.Price, "单价").Range(0, 1_000_000_000).Listed(100).Total(false).Help("不填则按客户的默认售价");
        d.Money(x => x.Amount, "小计").ReadOnly().Listed(110);
        d.LongText(x => x.Remarks, "备注", 200);
        d.Text(x => x.Subject, "名称", 100).ReadOnly();
        d.With(x => (x.Importable, x.Searchable, x.Icon, x.Subtitle, x.MenuGroup) = (true, false, "boxes-stacked", x.Field("opportunityId"), "过程"));
    }
}

/// <summary>What a line costs, and what all lines of the opportunity cost together.</summary>
internal sealed class LineRules(IDb db, IScope scope, Hub hub, IMediator mediator) : IDocumentRule<Line>
{
    private const string Why = "all lines are summed, whoever may see them";

    public async Task Before(IReadOnlyList<Change<Line>> changes, CancellationToken ct)
    {
        await hub.Check(changes, ct);
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update && c.Now.ProductId is not null).ToList();
        if (saved.Count == 0) return;
        var products = (await mediator.Send(new ProductsInBrief([.. saved.Select(c => c.Now.ProductId!.Value).Distinct()]), ct)).ToDictionary(p => p.Id);
        foreach (var c in saved)
        {
            if (products.GetValueOrDefault(c.Now.ProductId!.Value) is not { } product) continue;
            c.Now.Subject = product.Name;
            if (!product.OnSale && c.Drafted && c.Before?.ProductId != product.Id) c.Refuse("productId", $"货品“{product.Name}”已停售。");
        }
        foreach (var group in saved.Where(c => c.Now.Price is null).GroupBy(c => c.Now.OpportunityId!.Value))
        {
            var customer = await db.First<long?>($"select o.customer_id from opportunities.opportunity o where o.id = {group.Key} and {scope.All("opportunity", Why)}", ct);
            var prices = new Dictionary<long, decimal?>();
            foreach (var some in group.Select(c => c.Now.ProductId!.Value).Distinct().Chunk(1000))
                foreach (var p in await mediator.Send(new PricesFor(some, customer), ct)) prices[p.ProductId] = p.Price;
            foreach (var c in group) c.Now.Price = prices.GetValueOrDefault(c.Now.ProductId!.Value);
        }
        foreach (var c in saved) c.Now.Amount = c.Now is { Price: { } price, Quantity: { } quantity } ? Math.Round(price * quantity, 2, MidpointRounding.AwayFromZero) : null;
    }

    public async Task After(IReadOnlyList<Change<Line>> changes, CancellationToken ct)
    {
        await hub.Written("opportunityline", changes, null, ct);
        var touched = changes.Select(c => c.Now.OpportunityId).OfType<long>().Distinct().ToList();
        await hub.Hold(touched, ct);
        foreach (var id in touched)
            await db.Execute($"""
                update opportunities.opportunity set lines_amount = (select sum(l.amount) from opportunities.line l where l.opportunity_id = {id} and l.deleted_at is null and {scope.All("opportunityline", Why)})
                where id = {id} and {scope.All("opportunity", Why)}
                """, ct);
    }
}
