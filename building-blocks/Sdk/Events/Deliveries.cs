namespace KuaipuCrm.Sdk;

/// <summary>An event on its way to one handler.</summary>
/// <param name="State"><c>waiting</c> until its time comes, <c>blocked</c> behind an earlier one of the same document, <c>parked</c> until an administrator sends it again.</param>
/// <param name="Module">The handler's module.</param>
/// <param name="Error">Why the last attempt failed.</param>
public sealed record Delivery(long EventId, string Handler, string Module, string Event, long DocumentId, string? Title, string? Url, DateTime At, int Attempts, DateTime? NextAt, string State, string? Error)
{
    public string Module { get => Texts.L(field); } = Module;
    public string? Error { get => field is null ? null : Texts.Retell(field); } = Error;
}

/// <summary>Events not handled yet, oldest first (EVT-3).</summary>
/// <param name="State"><c>parked</c>, <c>waiting</c>; none for all.</param>
[Action("事件：未处理的", "settings.events.manage", Route = "events")]
public sealed record ListDeliveries(string? State = null, int Take = 100, long? AfterId = null) : IQuery<IReadOnlyList<Delivery>>;

/// <summary>Names one delivery.</summary>
public sealed record DeliveryRef(long EventId, string Handler);

/// <summary>Sends events again that rest after too many failures.</summary>
/// <param name="Deliveries">None: all that rest.</param>
/// <returns>How many.</returns>
[Action("事件：重新处理", "settings.events.manage", Route = "events/replay")]
public sealed record ReplayDeliveries(IReadOnlyList<DeliveryRef>? Deliveries = null) : ICommand<int>;

/// <summary>Gives events up for a handler: it will never hear of them. Later ones of the same document go on.</summary>
[Action("事件：放弃处理", "settings.events.manage", Route = "events/drop")]
public sealed record DropDeliveries(IReadOnlyList<DeliveryRef> Deliveries) : ICommand<int>;
