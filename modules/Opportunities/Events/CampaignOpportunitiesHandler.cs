using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Events;

internal sealed class CampaignOpportunitiesHandler(IDb db, IScope scope, ICurrentUser me) : IQueryHandler<CampaignOpportunities, CampaignOpportunityFigures>
{
    public async Task<CampaignOpportunityFigures> Handle(CampaignOpportunities query, CancellationToken ct)
    {
        if (!me.May(OpportunitiesModule.Read)) return new(false, 0, 0, 0, 0, 0, false);
        var rows = await db.Query<Row>($"""
            select o.status, count(*) as many, coalesce(sum(o.amount), 0) as amount from opportunities.opportunity o
            where o.campaign_id = {query.CampaignId} and o.deleted_at is null and {scope.Of("opportunity", "o")} group by o.status
            """, ct);
        long Many(string status) => rows.Where(r => r.Status == status).Sum(r => r.Many);
        decimal Yuan(params string[] states) => rows.Where(r => states.Contains(r.Status)).Sum(r => r.Amount) / 100m;
        var all = await db.First<long>($"select count(*) from opportunities.opportunity o where o.campaign_id = {query.CampaignId} and o.deleted_at is null and {scope.All("opportunity", "told is only whether there are more than the user sees")}", ct);
        return new(true, rows.Sum(r => r.Many), Yuan(Opportunity.Draft, Opportunity.Running, Opportunity.Paused), Many(Opportunity.Won), Yuan(Opportunity.Won), Many(Opportunity.Invalid), rows.Sum(r => r.Many) == all);
    }

    private sealed record Row(string Status, long Many, long Amount);
}
