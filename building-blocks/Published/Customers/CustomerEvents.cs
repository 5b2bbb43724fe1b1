using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Customers;

/// <summary>A customer came into being: entered, imported or restored by an undo.</summary>
public sealed record CustomerCreated(long DocumentId, string Name, long? OwnerId) : IIntegrationEvent;

/// <summary>A customer's data changed; who reacts asks for what stands now.</summary>
/// <param name="Fields">Names of the declared fields that changed.</param>
public sealed record CustomerChanged(long DocumentId, IReadOnlyList<string> Fields) : IIntegrationEvent;

/// <summary>A customer got another owner, or none.</summary>
/// <param name="Along">What is open and tied to the customer in other modules, and owned by <paramref name="From"/>, shall go to <paramref name="To"/>, too.</param>
/// <param name="OperationId">The act it belongs to: what goes along is written within it (<see cref="IOperations.Join"/>), and is taken back with it.</param>
public sealed record CustomerOwnerChanged(long DocumentId, long? From, long? To, bool Along = false, long? OperationId = null) : IIntegrationEvent;

/// <summary>Something happened with a customer by which rules of release may count (CUS-12): an opportunity was worked on, a contract ended or runs. A module that publishes it declares the kind (<see cref="CustomerActivityKind"/>).</summary>
/// <param name="DocumentId">The customer.</param>
/// <param name="Kind">As declared.</param>
/// <param name="At">The newest moment known, UTC; null where there is none any more.</param>
/// <param name="Running">Whether something of the kind is running, for kinds that can.</param>
public sealed record CustomerActivity(long DocumentId, string Kind, DateTime? At, bool Running = false) : IIntegrationEvent;

/// <summary>Declared by a module (<see cref="ModuleDefinition.Declares"/>): what it tells of customers by <see cref="CustomerActivity"/>.</summary>
/// <param name="Kind">At most 40 characters, beginning with the module's id.</param>
/// <param name="Label">Chinese, as what days are counted from: 最近商机.</param>
/// <param name="Runs">Whether it can be running, as an exception from release.</param>
/// <param name="RunningLabel">Chinese, as that exception: 有进行中的商机.</param>
public sealed record CustomerActivityKind(string Kind, string Label, bool Runs = false, string? RunningLabel = null);

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
