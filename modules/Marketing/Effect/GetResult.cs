using KuaipuCrm.Published.Leads;
using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Effect;

/// <summary>What a campaign was meant to bring, what it brought, and what that cost (MKT-5).</summary>
[Action("活动效果", "marketing.campaigns.read", Route = "campaigns/{campaignId}/result", Help = "预算与实际费用，预计与实际的线索数、商机数、成交金额，每条线索和每个商机的成本，投资回报率；线索和商机只数您看得到的；还有您看不到的时 allLeads、allOpportunities 为 false，其成本与回报率不作计算。")]
public sealed record GetCampaignResult([Label("市场活动的编号")] long CampaignId) : IQuery<CampaignResult>;

/// <param name="Leads">Null where the user may not see leads at all; so with opportunities.</param>
/// <param name="Budget">Yuan, as all sums.</param>
/// <param name="CostPerLead">Null where there is no cost or no lead, and where the user sees only some: all of the cost by some of the leads is no figure. So with opportunities.</param>
/// <param name="Return">Won amount less cost, by cost; null without cost or sight of all opportunities.</param>
/// <param name="AllLeads">The user sees every lead of the campaign; so with opportunities.</param>
public sealed record CampaignResult(decimal? Budget, decimal? Cost, long? ExpectedLeads, long? Leads, long? ConvertedLeads, long? ExpectedOpportunities, long? Opportunities, long? WonOpportunities,
    decimal? ExpectedAmount, decimal? OpenAmount, decimal? WonAmount, decimal? CostPerLead, decimal? CostPerOpportunity, decimal? Return, bool AllLeads, bool AllOpportunities);

internal sealed class GetCampaignResultHandler(IDocuments<Campaign> campaigns, IMediator mediator) : IQueryHandler<GetCampaignResult, CampaignResult>
{
    public async Task<CampaignResult> Handle(GetCampaignResult query, CancellationToken ct)
    {
        var c = await campaigns.Get(query.CampaignId, ct);
        var (leads, deals) = (await mediator.Send(new CampaignLeads(c.Id), ct), await mediator.Send(new CampaignOpportunities(c.Id), ct));
        decimal? Per(bool whole, long many) => whole && many > 0 && c.Cost is > 0 and var cost ? Math.Round(cost / many, 2, MidpointRounding.AwayFromZero) : null;
        return new(c.Budget, c.Cost, c.ExpectedLeads, leads.May ? leads.Count : null, leads.May ? leads.Converted : null, c.ExpectedOpportunities, deals.May ? deals.Count : null, deals.May ? deals.Won : null,
            c.ExpectedAmount, deals.May ? deals.OpenAmount : null, deals.May ? deals.WonAmount : null, Per(leads.Whole, leads.Count), Per(deals.Whole, deals.Count),
            deals.Whole && c.Cost is > 0 and var spent ? Math.Round((deals.WonAmount - spent) / spent, 4, MidpointRounding.AwayFromZero) : null, leads.Whole, deals.Whole);
    }
}
