using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Opportunities;

/// <summary>What other modules may know of opportunities, whoever may see them; to be shown to nobody who may not.</summary>
/// <param name="Ids">At most 10,000.</param>
public sealed record OpportunitiesInBrief(IReadOnlyList<long> Ids) : IQuery<IReadOnlyList<OpportunityBrief>>;

/// <summary>A living opportunity in brief.</summary>
/// <param name="Status">As in <see cref="OpportunityStatusChanged"/>.</param>
public sealed record OpportunityBrief(long Id, string Name, long CustomerId, long? ContactId, long? OwnerId, string Status);
