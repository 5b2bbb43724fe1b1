using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Leads;

/// <summary>A lead came into being: entered, imported, or made of a contact record.</summary>
/// <param name="RecordId">The contact record it was made of.</param>
public sealed record LeadCreated(long DocumentId, string Subject, long? OwnerId, long? CampaignId, long? RecordId) : IIntegrationEvent;

/// <summary>What someone typed into a campaign's public form is a lead now, or stands in one.</summary>
/// <param name="DocumentId">The campaign.</param>
public sealed record WebFormTaken(long DocumentId, long AnswerId, long LeadId) : IIntegrationEvent;

/// <summary>A lead became an opportunity, or was tied to one; once at most.</summary>
public sealed record LeadConverted(long DocumentId, long OpportunityId, long CustomerId, long? ContactId, long? CampaignId) : IIntegrationEvent;
