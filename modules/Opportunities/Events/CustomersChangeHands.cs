using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Events;

/// <summary>A customer goes to another with all that is open: its opportunities of the former owner go along.</summary>
internal sealed class HandOpportunitiesOver(IDb db, IScope scope, IDocuments<Opportunity> opportunities, IOrganization organization, IOperations operations) : IEventHandler<CustomerOwnerChanged>
{
    private const string Why = "opportunities go along with their customer, whoever may see them";

    public async Task Handle(CustomerOwnerChanged e, CancellationToken ct)
    {
        if (e is not { Along: true, To: { } heir, From: { } from }) return;
        using var act = await operations.Join(e.OperationId, ct);
        if (act is null) return;
        var moved = new List<Opportunity>();
        foreach (var id in await db.Query<long>($"select o.id from opportunities.opportunity o where o.customer_id = {e.DocumentId} and o.owner_id = {from} and o.status in ('draft', 'running', 'paused') and o.deleted_at is null and {scope.All("opportunity", Why)} order by o.id", ct))
            if (await opportunities.FindAny(id, Why, ct) is { } o)
            {
                (o.OwnerId, o.DepartmentId) = (heir, organization.Person(heir)?.DepartmentId);
                moved.Add(o);
            }
        if (moved.Count > 0) await opportunities.Keep(moved, Why, ct);
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
