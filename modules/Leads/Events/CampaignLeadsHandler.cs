using KuaipuCrm.Published.Leads;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Events;

internal sealed class CampaignLeadsHandler(IDb db, IScope scope, ICurrentUser me) : IQueryHandler<CampaignLeads, CampaignLeadFigures>
{
    public async Task<CampaignLeadFigures> Handle(CampaignLeads query, CancellationToken ct)
    {
        if (!me.May("leads.leads.read")) return new(false, 0, 0, 0);
        var rows = await db.Query<Row>($"select l.status, count(*) as many from leads.lead l where l.campaign_id = {query.CampaignId} and l.deleted_at is null and {scope.Of("lead", "l")} group by l.status", ct);
        long Many(string status) => rows.Where(r => r.Status == status).Sum(r => r.Many);
        return new(true, rows.Sum(r => r.Many), Many(Lead.Converted), Many(Lead.Invalid));
    }

    private sealed record Row(string Status, long Many);
}
