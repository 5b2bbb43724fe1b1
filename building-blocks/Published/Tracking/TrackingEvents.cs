using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Tracking;

/// <summary>What is known of a customer's contact records has changed: one was written, changed, deleted, restored or moved.</summary>
/// <param name="DocumentId">The customer.</param>
/// <param name="LastAt">The newest contact, UTC; null where there is none left.</param>
/// <param name="LastBy">Who made it.</param>
/// <param name="Count">Contact records there are.</param>
/// <param name="NextAt">The earliest open appointment, UTC; null where there is none.</param>
public sealed record CustomerContacted(long DocumentId, DateTime? LastAt, long? LastBy, long Count, DateTime? NextAt) : IIntegrationEvent;

/// <summary>The contact records tied to a lead or an opportunity have changed.</summary>
/// <param name="DocumentId">The lead or opportunity.</param>
/// <param name="Type">Its document type.</param>
/// <param name="LastAt">The newest contact, UTC; null where there is none left.</param>
/// <param name="NextAt">What was arranged last and is later than the newest contact, UTC; null where nothing is.</param>
/// <param name="Count">Contact records there are.</param>
public sealed record TiedContacted(long DocumentId, string Type, DateTime? LastAt, DateTime? NextAt, long Count) : IIntegrationEvent;
