using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Lists;

/// <summary>What someone who leaves watches is watched by the heir (SET-1), as far as the heir may: what is open, and what belongs to people below the heir or the leaver, whose team is often put under the heir later. Not what the heir watches already.</summary>
internal sealed class WatchHandOver(IDb db, IScope scope, IOrganization organization) : IHandsOver
{
    public string Name => "watched";
    public string Label => "关注的客户";

    public Task<long> Count(long personId, CancellationToken ct) => db.First<long>($"""
        select count(*) from customers.watch w join customers.customer c on c.id = w.customer_id
        where w.user_id = {personId} and c.deleted_at is null and {MayBeWatched(organization.Subordinates(personId))} and {scope.All("customer", "counted only")}
        """, ct);

    /// <returns>The customers.</returns>
    public async Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct)
    {
        var watched = await db.Query<long>($"select w.customer_id from customers.watch w where w.user_id = {from} {Sql.When(only is not null, $"and {db.Dialect.In(Sql.Trusted("w.customer_id"), only ?? [])}")}", ct);
        if (watched.Count == 0) return [];
        // The heir's own click waits at the customer, as two of one person do, and is seen below.
        await db.Execute($"update customers.customer set version = version where {db.Dialect.In(Sql.Trusted("id"), watched)} and {scope.All("customer", "held, not changed")}", ct);
        // Given back it is as it was, whosever the customer is by then.
        var below = organization.Subordinates(to).Union(organization.Subordinates(from)).Where(u => u != to).ToList();
        var customers = await db.Query<long>($"""
            select w.customer_id from customers.watch w where w.user_id = {from} and {db.Dialect.In(Sql.Trusted("w.customer_id"), watched)}
            and not exists (select 1 from customers.watch x where x.customer_id = w.customer_id and x.user_id = {to})
            {Sql.When(only is null, $"and exists (select 1 from customers.customer c where c.id = w.customer_id and c.deleted_at is null and {MayBeWatched(below)} and {scope.All("customer", "the heir's list shows what the heir sees")})")}
            """, ct);
        if (customers.Count > 0) await db.Execute($"update customers.watch set user_id = {to} where user_id = {from} and {db.Dialect.In(Sql.Trusted("customer_id"), customers)}", ct);
        return customers;
    }

    private Sql MayBeWatched(IReadOnlyCollection<long> below) => $"(c.owner_id is null or {db.Dialect.In(Sql.Trusted("c.owner_id"), below)})";
}
