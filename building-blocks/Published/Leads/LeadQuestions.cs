using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Leads;

/// <summary>What a campaign brought in leads, as far as the asking user may see them.</summary>
public sealed record CampaignLeads(long CampaignId) : IQuery<CampaignLeadFigures>;

/// <param name="May">Whether the user may see leads at all; the numbers are 0 where not.</param>
public sealed record CampaignLeadFigures(bool May, long Count, long Converted, long Invalid);
