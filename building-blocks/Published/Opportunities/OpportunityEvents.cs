using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Opportunities;

/// <summary>An opportunity came into being: entered, imported, or made of a lead or a contact record.</summary>
/// <param name="RecordId">The contact record it was made of.</param>
public sealed record OpportunityCreated(long DocumentId, string Name, long CustomerId, long? OwnerId, long? LeadId, long? CampaignId, long? RecordId) : IIntegrationEvent;

/// <summary>An opportunity went on: <c>draft running paused won invalid</c>; the last two are final.</summary>
/// <param name="Amount">Yuan, as it stands now.</param>
public sealed record OpportunityStatusChanged(long DocumentId, string From, string To, long CustomerId, long? LeadId, long? CampaignId, decimal? Amount) : IIntegrationEvent;
