using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Events;

/// <summary>A customer goes to another with all that is open: the leads about it that are not over go along (CUS-13).</summary>
internal sealed class HandLeadsOver(IDb db, IScope scope, IDocuments<Lead> leads, IOrganization organization, IOperations operations) : IEventHandler<CustomerOwnerChanged>
{
    private const string Why = "leads go along with their customer, whoever may see them";

    public async Task Handle(CustomerOwnerChanged e, CancellationToken ct)
    {
        if (e is not { Along: true, To: { } heir, From: { } from }) return;
        using var act = await operations.Join(e.OperationId, ct);
        if (act is null) return;
        var moved = new List<Lead>();
        foreach (var id in await db.Query<long>($"select l.id from leads.lead l where l.customer_id = {e.DocumentId} and l.owner_id = {from} and l.status in ({Lead.Open}, {Lead.Following}) and l.deleted_at is null and {scope.All("lead", Why)} order by l.id", ct))
            if (await leads.FindAny(id, Why, ct) is { } lead)
            {
                (lead.OwnerId, lead.DepartmentId) = (heir, organization.Person(heir)?.DepartmentId);
                moved.Add(lead);
            }
        if (moved.Count > 0) await leads.Keep(moved, Why, ct);
    }
}
