using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Figures;

namespace KuaipuCrm.Tracking.Events;

/// <summary>Records and appointments have followed by themselves; the figures of both customers are counted anew.</summary>
internal sealed class CountMerged(Recount recount) : IEventHandler<CustomersMerged>
{
    public Task Handle(CustomersMerged e, CancellationToken ct) => recount.Of([e.DocumentId, e.Lost], [], ct);
}

/// <summary>The merge was taken back: so are the figures.</summary>
internal sealed class CountParted(Recount recount) : IEventHandler<CustomersParted>
{
    public Task Handle(CustomersParted e, CancellationToken ct) => recount.Of([e.DocumentId, e.Back], [], ct);
}
