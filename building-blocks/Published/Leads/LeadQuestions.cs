using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Leads;

/// <summary>What a campaign brought in leads, as far as the asking user may see them.</summary>
public sealed record CampaignLeads(long CampaignId) : IQuery<CampaignLeadFigures>;

/// <param name="May">Whether the user may see leads at all; the numbers are 0 where not.</param>
/// <param name="Whole">They are all there are: the user sees every lead of the campaign.</param>
public sealed record CampaignLeadFigures(bool May, long Count, long Converted, long Invalid, bool Whole);

/// <summary>Which campaigns leads came from: what is made of a lead carries it on, whether or not whoever makes it sees the campaign.</summary>
public sealed record CampaignsOfLeads(IReadOnlyList<long> Leads) : IQuery<IReadOnlyDictionary<long, long>>;
