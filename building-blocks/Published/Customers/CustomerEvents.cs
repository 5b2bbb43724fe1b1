using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Customers;

/// <summary>A customer came into being: entered, imported or restored by an undo.</summary>
public sealed record CustomerCreated(long DocumentId, string Name, long? OwnerId) : IIntegrationEvent;

/// <summary>A customer's data changed; who reacts asks for what stands now.</summary>
/// <param name="Fields">Names of the declared fields that changed.</param>
public sealed record CustomerChanged(long DocumentId, IReadOnlyList<string> Fields) : IIntegrationEvent;

/// <summary>A customer got another owner, or none.</summary>
public sealed record CustomerOwnerChanged(long DocumentId, long? From, long? To) : IIntegrationEvent;

/// <summary>A customer went to the recycle bin.</summary>
public sealed record CustomerDeleted(long DocumentId) : IIntegrationEvent;

/// <summary>A customer came back out of the recycle bin.</summary>
public sealed record CustomerRestored(long DocumentId) : IIntegrationEvent;

/// <summary>Two customers became one. Fields declared as references to customers follow by themselves; a module moves what else it keeps about <paramref name="Lost"/>.</summary>
/// <param name="DocumentId">The customer that stays.</param>
/// <param name="Lost">The customer that went to the recycle bin.</param>
/// <param name="OperationId">The act, to be undone as a whole.</param>
public sealed record CustomersMerged(long DocumentId, long Lost, long OperationId) : IIntegrationEvent;

/// <summary>A merge was undone.</summary>
/// <param name="DocumentId">The customer that stayed.</param>
/// <param name="Back">The customer that is back.</param>
/// <param name="OperationId">The act that was undone.</param>
public sealed record CustomersParted(long DocumentId, long Back, long OperationId) : IIntegrationEvent;
