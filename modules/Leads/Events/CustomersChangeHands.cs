using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Events;

/// <summary>A customer goes to another with all that is open: the leads about it that are not over go along (CUS-13).</summary>
internal sealed class HandLeadsOver(IDocuments<Lead> leads, IOperations operations) : IEventHandler<CustomerOwnerChanged>
{
    private const string Why = "leads go along with their customer, whoever may see them";

    public async Task Handle(CustomerOwnerChanged e, CancellationToken ct)
    {
        if (e is not { Along: true, To: { } heir, From: { } from }) return;
        using var act = await operations.Join(e.OperationId, ct);
        if (act is null) return;
        await leads.ChangeWhere($"t.customer_id = {e.DocumentId} and t.owner_id = {from} and t.status in ({Lead.Open}, {Lead.Following})", Why, c => c.Now.OwnerId = heir, ct);
    }
}
