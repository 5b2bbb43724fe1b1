using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Events;

/// <summary>Tells of each customer when an opportunity with it was last worked on, and whether one is under way (SET-8).</summary>
internal sealed class CustomersActivity(IDb db, IScope scope, IEvents events)
{
    public const string Kind = "opportunities.opportunity";

    public async Task Tell(IReadOnlyCollection<long> customers, CancellationToken ct)
    {
        foreach (var some in customers.Chunk(1000))
        {
            var known = (await db.Query<Row>($"""
                select o.customer_id, max(o.updated_at) as at, sum(case when o.status in ('draft', 'running', 'paused') then 1 else 0 end) as running from opportunities.opportunity o
                where {db.Dialect.In(Sql.Trusted("o.customer_id"), some)} and o.deleted_at is null and {scope.All("opportunity", "activity counts whoever works")} group by o.customer_id
                """, ct)).ToDictionary(r => r.CustomerId);
            foreach (var id in some) events.Publish(known.TryGetValue(id, out var r) ? new CustomerActivity(id, Kind, r.At, r.Running > 0) : new CustomerActivity(id, Kind, null));
        }
    }

    private sealed record Row(long CustomerId, DateTime At, long Running);
}
