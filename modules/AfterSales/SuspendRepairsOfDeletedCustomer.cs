using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace AfterSales;

/// <summary>Nobody repairs for a customer that is gone: what is not closed rests.</summary>
internal sealed class SuspendRepairsOfDeletedCustomer(IDb db, IScope scope, IDocuments<Repair> repairs) : IEventHandler<CustomerDeleted>
{
    public async Task Handle(CustomerDeleted fact, CancellationToken ct)
    {
        foreach (var id in await db.Query<long>($"select r.id from aftersales.repair r where r.customer_id = {fact.DocumentId} and r.state <> {Repair.Closed} and r.deleted_at is null and {scope.All("repair", "the customer is gone for everyone")} order by r.id", ct))
            if (await repairs.FindAny(id, "the customer is gone for everyone", ct) is { } repair)
            {
                repair.State = Repair.Suspended;
                await repairs.Update(repair, null, ct);
            }
    }
}
