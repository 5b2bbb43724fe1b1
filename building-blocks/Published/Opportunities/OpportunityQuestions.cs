using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Opportunities;

/// <summary>What other modules may know of opportunities, whoever may see them; to be shown to nobody who may not.</summary>
/// <param name="Ids">At most 10,000.</param>
public sealed record OpportunitiesInBrief(IReadOnlyList<long> Ids) : IQuery<IReadOnlyList<OpportunityBrief>>;

/// <summary>A living opportunity in brief.</summary>
/// <param name="Status">As in <see cref="OpportunityStatusChanged"/>.</param>
public sealed record OpportunityBrief(long Id, string Name, long CustomerId, long? ContactId, long? OwnerId, string Status);

/// <summary>What a campaign brought in opportunities, as far as the asking user may see them.</summary>
public sealed record CampaignOpportunities(long CampaignId) : IQuery<CampaignOpportunityFigures>;

/// <param name="May">Whether the user may see opportunities at all; the numbers are 0 where not.</param>
/// <param name="OpenAmount">Yuan, of those that are drafts, running or paused.</param>
/// <param name="WonAmount">Yuan.</param>
/// <param name="Whole">They are all there are: the user sees every opportunity of the campaign.</param>
public sealed record CampaignOpportunityFigures(bool May, long Count, decimal OpenAmount, long Won, decimal WonAmount, long Invalid, bool Whole);

/// <summary>The asking user's own running opportunities that are to be signed up to a day, those overdue among them; none where the user may not see opportunities.</summary>
public sealed record DealsToSign(DateOnly Until) : IQuery<IReadOnlyList<DealToSign>>;

/// <summary>The earliest of a customer's.</summary>
public sealed record DealToSign(long CustomerId, string Name, DateOnly SignDate);
