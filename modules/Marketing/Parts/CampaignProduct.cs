using KuaipuCrm.Published.Settings;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Parts;

/// <summary>A product the campaign is for, and what of it is to be sold (MKT-1).</summary>
internal sealed class CampaignProduct : Document, IOfCampaign
{
    public string Subject { get; set; } = "";
    public long? CampaignId { get; set; }
    public long? ProductId { get; set; }
    public decimal? Quantity { get; set; }
    public decimal? Amount { get; set; }
    public string? Remarks { get; set; }
}

internal sealed class CampaignProductDocument : IDocument<CampaignProduct>
{
    public void Declare(DocumentBuilder<CampaignProduct> d)
    {
        d.Named("campaignproduct", "products", "活动产品", "marketing.campaign_product", "HP").Title(x => x.Subject);
        d.Reference(x => x.CampaignId, "市场活动", "campaign").Required().Fixed().OpensWithOwner().Listed(200).Aliases("活动名称", "活动");
        d.Reference(x => x.ProductId, "货品", "product").Required().Listed(200).Aliases("产品", "货品名称", "产品名称");
        d.Quantity(x => x.Quantity, "计划销量").Range(0, 100_000_000).Listed(90).Total();
        d.Money(x => x.Amount, "计划销售额").Range(0, 1_000_000_000_000).Listed(120);
        d.LongText(x => x.Remarks, "备注", 500);
        d.Text(x => x.Subject, "名称", 100).ReadOnly();
        d.With(x => (x.Importable, x.Searchable, x.Icon, x.Subtitle, x.MenuGroup) = (true, false, "boxes-stacked", x.Field("campaignId"), "明细"));
    }
}

/// <summary>A product stands once in a campaign; what all are to bring stands on the campaign.</summary>
internal sealed class CampaignProductRules(IDb db, IScope scope, Hub hub, IMediator mediator) : IDocumentRule<CampaignProduct>
{
    private const string Why = "one of each, and all are summed, whoever may see them";

    public string? SameAs(CampaignProduct record) => $"{record.CampaignId}/{record.ProductId}";

    public async Task Before(IReadOnlyList<Change<CampaignProduct>> changes, CancellationToken ct)
    {
        await hub.Check(changes, ct);
        var saved = changes.Where(c => c.Errors.Count == 0 && c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore && c.Now is { CampaignId: not null, ProductId: not null }).ToList();
        if (saved.Count == 0) return;
        var names = (await mediator.Send(new ProductsInBrief([.. saved.Select(c => c.Now.ProductId!.Value).Distinct()]), ct)).ToDictionary(p => p.Id, p => p.Name);
        var there = (await db.Query<Row>($"select p.id, p.campaign_id, p.product_id from marketing.campaign_product p where {db.Dialect.In(Sql.Trusted("p.campaign_id"), [.. saved.Select(c => c.Now.CampaignId!.Value).Distinct()])} and p.deleted_at is null and {scope.All("campaignproduct", Why)}", ct)).ToLookup(r => (r.CampaignId, r.ProductId), r => r.Id);
        foreach (var c in saved)
        {
            c.Now.Subject = names.GetValueOrDefault(c.Now.ProductId!.Value, c.Now.Subject);
            if (there[(c.Now.CampaignId!.Value, c.Now.ProductId!.Value)].Any(id => id != c.Now.Id)) c.Refuse("productId", "这种货品已在市场活动中。");
        }
    }

    public async Task After(IReadOnlyList<Change<CampaignProduct>> changes, CancellationToken ct)
    {
        foreach (var id in await hub.Written("campaignproduct", changes, ("product_id", p => p.ProductId), ct))
            await db.Execute($"""
                update marketing.campaign set planned_sales = (select sum(p.amount) from marketing.campaign_product p where p.campaign_id = {id} and p.deleted_at is null and {scope.All("campaignproduct", Why)})
                where id = {id} and {scope.All("campaign", Why)}
                """, ct);
    }

    private sealed record Row(long Id, long CampaignId, long ProductId);
}
