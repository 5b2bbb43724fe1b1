using KuaipuCrm.Published.Customers;
using KuaipuCrm.Published.Tracking;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Events;

/// <summary>Keeps on the customer when it was last contacted, how often, and when it is to be contacted next: what lists show and rules of release count from.</summary>
/// <remarks>Written beside the version and the history: a call someone notes must not make the form stale that a colleague has open (see decision 051).</remarks>
internal sealed class TouchCustomerOnContact(IDb db, IScope scope) : IEventHandler<CustomerContacted>
{
    public Task Handle(CustomerContacted fact, CancellationToken ct) => db.Execute($"""
        update customers.customer set last_contact_at = {fact.LastAt}, contact_count = {fact.Count}, next_contact_at = {fact.NextAt},
            idle_since = case when owner_id is null then null when {fact.LastAt} > locked_at then {fact.LastAt} else locked_at end
        where id = {fact.DocumentId} and {scope.All("customer", "what another module tells is noted, whoever sees the customer")}
        """, ct);
}

/// <summary>Keeps what other modules tell of a customer, for rules of release that count from it.</summary>
internal sealed class NoteCustomerActivity(IDb db) : IEventHandler<CustomerActivity>
{
    public async Task Handle(CustomerActivity fact, CancellationToken ct)
    {
        if (await db.Execute($"update customers.activity set at = {fact.At}, running = {fact.Running} where customer_id = {fact.DocumentId} and kind = {fact.Kind}", ct) == 0)
            await db.Insert("customers.activity", ["customer_id", "kind", "at", "running"], [[fact.DocumentId, fact.Kind, fact.At, fact.Running]], ct);
    }
}
