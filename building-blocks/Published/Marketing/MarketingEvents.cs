using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Marketing;

/// <summary>Someone from outside has filled in a campaign's public form: a lead shall come of it. What was filled in is anybody's word.</summary>
/// <param name="DocumentId">The campaign.</param>
/// <param name="OwnerId">The campaign's owner, to whom a lead goes that no rule assigns.</param>
/// <param name="At">UTC.</param>
/// <param name="Name">At most 40 characters.</param>
/// <param name="Mobile">A valid number, normalized.</param>
/// <param name="Company">At most 100 characters.</param>
/// <param name="Email">At most 120 characters.</param>
/// <param name="Content">At most 1,000 characters.</param>
public sealed record WebFormFilled(long DocumentId, long? OwnerId, DateTime At, string Name, string? Mobile, string? Company, string? Email, string? Content) : IIntegrationEvent;
