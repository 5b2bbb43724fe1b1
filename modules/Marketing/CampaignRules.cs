using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Marketing;

/// <summary>What must hold of a campaign: it begins before it ends, what is final stays, and what was approved is approved anew after a change.</summary>
internal sealed class CampaignRules(IDb db) : IDocumentRule<Campaign>
{
    private static readonly string[] Beside = ["participant", "web_form", "web_answer"];

    public string? SameAs(Campaign record) => $"{record.Name}/{record.StartDate:yyyy-MM-dd}";

    public Task Before(IReadOnlyList<Change<Campaign>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            c.Now.Initials = Pinyin.Initials(c.Now.Name);
            if (c.Kind == ChangeKind.Create) (c.Now.Status, c.Now.StartedAt, c.Now.EndedAt) = (Campaign.Draft, null, null);
            if (c.Now.EndDate < c.Now.StartDate) c.Refuse("endDate", "结束日期不能早于开始日期。");
            // Changed after the approval and before the start: it has to be approved again.
            if (c is { Drafted: true, Before: { Status: Campaign.Approved, Approval: ApprovalState.Approved }, Now.Approval: not ApprovalState.Approved }) c.Now.Status = Campaign.Draft;
        }
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Delete && c.Now.IsOver)) c.Refuse("", $"市场活动已是“{c.Now.StatusText}”，不能删除。");
        return Task.CompletedTask;
    }

    public async Task After(IReadOnlyList<Change<Campaign>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge))
            foreach (var table in Beside) await db.Execute($"delete from {Sql.Trusted($"marketing.{table}")} where campaign_id = {c.Now.Id}", ct);
    }
}
