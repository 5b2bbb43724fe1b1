using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Parts;

/// <summary>What is spent on one thing: as planned, and in truth (MKT-1).</summary>
internal sealed class BudgetItem : Document, IOfCampaign
{
    public string Subject { get; set; } = "";
    public long? CampaignId { get; set; }
    public string? Category { get; set; }
    public decimal? Planned { get; set; }
    public decimal? Actual { get; set; }
    public string? Remarks { get; set; }
}

internal sealed class BudgetItemDocument : IDocument<BudgetItem>
{
    public void Declare(DocumentBuilder<BudgetItem> d)
    {
        d.Named("campaignbudget", "budgets", "活动预算", "marketing.budget_item", "YS").Title(x => x.Subject);
        d.Text(x => x.Subject, "预算项目", 100).Required().Listed(200).Aliases("项目", "费用项目", "名称");
        d.Reference(x => x.CampaignId, "市场活动", "campaign").Required().Fixed().OpensWithOwner().Listed(200).Aliases("活动名称", "活动");
        d.Choice(x => x.Category, "费用类别", "expense.category").Listed(110).Batch();
        d.Money(x => x.Planned, "预算金额").Range(0, 1_000_000_000_000).Listed(110).Aliases("预算");
        d.Money(x => x.Actual, "实际费用").Range(0, 1_000_000_000_000).Listed(110).Aliases("实际金额");
        d.LongText(x => x.Remarks, "备注", 500);
        d.With(x => (x.Importable, x.Searchable, x.Attachments, x.Icon, x.Subtitle, x.MenuGroup) = (true, false, true, "coins", x.Field("campaignId"), "明细"));
    }
}

/// <summary>What the items come to; what was approved as a budget stays as it was approved.</summary>
internal sealed class BudgetItemRules(IDb db, IScope scope, Hub hub, IMediator mediator) : IDocumentRule<BudgetItem>
{
    private const string Why = "all items are summed, whoever may see them";

    public async Task Before(IReadOnlyList<Change<BudgetItem>> changes, CancellationToken ct)
    {
        var standing = await hub.Check(changes, ct);
        foreach (var c in changes.Where(c => c.Errors.Count == 0 && c.Now.CampaignId is { } id && standing.GetValueOrDefault(id)?.Approval == ApprovalState.Approved))
        {
            if (Planned(c)) c.Refuse(c.Kind is ChangeKind.Create or ChangeKind.Update ? "planned" : "", "预算已审核通过，不能再改；只能填写实际费用。");
        }
    }

    public async Task After(IReadOnlyList<Change<BudgetItem>> changes, CancellationToken ct)
    {
        foreach (var id in await hub.Written("campaignbudget", changes, null, ct))
            await db.Execute($"""
                update marketing.campaign set
                budget = (select sum(b.planned) from marketing.budget_item b where b.campaign_id = {id} and b.deleted_at is null and {scope.All("campaignbudget", Why)}),
                cost = (select sum(b.actual) from marketing.budget_item b where b.campaign_id = {id} and b.deleted_at is null and {scope.All("campaignbudget", Why)})
                where id = {id} and {scope.All("campaign", Why)}
                """, ct);
        // A budget that grows past what goes without approval would never be looked at once the campaign runs.
        foreach (var s in await hub.Standings([.. changes.Where(c => c.Drafted && Planned(c)).Select(c => c.Now.CampaignId!.Value).Distinct()], ct))
            if (s.Status != Campaign.Draft && await mediator.Send(new NeedsApproval("campaign", s.Id), ct)) throw new RuleBroken("这样的预算需要审核，活动开始后不能再这样修改。");
    }

    private static bool Planned(Change<BudgetItem> c) => (c.Kind is ChangeKind.Delete ? 0 : c.Now.Planned ?? 0) != (c.Kind is ChangeKind.Create or ChangeKind.Restore ? 0 : c.Before?.Planned ?? 0);
}
