using KuaipuCrm.Published.Leads;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Events;

internal sealed class CampaignLeadsHandler(IDb db, IScope scope, ICurrentUser me) : IQueryHandler<CampaignLeads, CampaignLeadFigures>, IQueryHandler<CampaignsOfLeads, IReadOnlyDictionary<long, long>>
{
    public async Task<CampaignLeadFigures> Handle(CampaignLeads query, CancellationToken ct)
    {
        if (!me.May("leads.leads.read")) return new(false, 0, 0, 0, false);
        var rows = await db.Query<Row>($"select l.status, count(*) as many from leads.lead l where l.campaign_id = {query.CampaignId} and l.deleted_at is null and {scope.Of("lead", "l")} group by l.status", ct);
        long Many(string status) => rows.Where(r => r.Status == status).Sum(r => r.Many);
        var all = await db.First<long>($"select count(*) from leads.lead l where l.campaign_id = {query.CampaignId} and l.deleted_at is null and {scope.All("lead", "told is only whether there are more than the user sees")}", ct);
        return new(true, rows.Sum(r => r.Many), Many(Lead.Converted), Many(Lead.Invalid), rows.Sum(r => r.Many) == all);
    }

    public async Task<IReadOnlyDictionary<long, long>> Handle(CampaignsOfLeads query, CancellationToken ct) =>
        (await db.Query<Origin>($"select l.id, l.campaign_id from leads.lead l where {db.Dialect.In(Sql.Trusted("l.id"), query.Leads)} and l.campaign_id is not null and {scope.All("lead", "where an opportunity came from, whoever sees it")}", ct)).ToDictionary(o => o.Id, o => o.CampaignId);

    private sealed record Origin(long Id, long CampaignId);
    private sealed record Row(string Status, long Many);
}
