using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Events;

/// <summary>A customer goes to another with all that is open: its opportunities of the former owner go along.</summary>
internal sealed class HandOpportunitiesOver(IDocuments<Opportunity> opportunities, IOperations operations) : IEventHandler<CustomerOwnerChanged>
{
    private const string Why = "opportunities go along with their customer, whoever may see them";

    public async Task Handle(CustomerOwnerChanged e, CancellationToken ct)
    {
        if (e is not { Along: true, To: { } heir, From: { } from }) return;
        using var act = await operations.Join(e.OperationId, ct);
        if (act is null) return;
        await opportunities.ChangeWhere($"t.customer_id = {e.DocumentId} and t.owner_id = {from} and t.status in ({Opportunity.Draft}, {Opportunity.Running}, {Opportunity.Paused})", Why, c => c.Now.OwnerId = heir, ct);
    }
}

/// <summary>Two customers became one: what is told of each is told anew.</summary>
internal sealed class RetellMergedCustomers(CustomersActivity activity) : IEventHandler<CustomersMerged>
{
    public Task Handle(CustomersMerged e, CancellationToken ct) => activity.Tell([e.DocumentId, e.Lost], ct);
}

/// <summary>A merge was taken back: what is told of each is told anew.</summary>
internal sealed class RetellPartedCustomers(CustomersActivity activity) : IEventHandler<CustomersParted>
{
    public Task Handle(CustomersParted e, CancellationToken ct) => activity.Tell([e.DocumentId, e.Back], ct);
}
