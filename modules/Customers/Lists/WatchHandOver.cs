using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Lists;

/// <summary>What someone who leaves watches is watched by the heir (SET-1); not what the heir watches already or owns.</summary>
internal sealed class WatchHandOver(IDb db, IScope scope) : IHandsOver
{
    public string Name => "watched";
    public string Label => "关注的客户";

    public Task<long> Count(long personId, CancellationToken ct) => db.First<long>($"select count(*) from customers.watch w where w.user_id = {personId}", ct);

    /// <returns>The customers.</returns>
    public async Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct)
    {
        // Given back it is as it was, whosever the customer is by then.
        var customers = await db.Query<long>($"""
            select w.customer_id from customers.watch w where w.user_id = {from} {Sql.When(only is not null, $"and {db.Dialect.In(Sql.Trusted("w.customer_id"), only ?? [])}")}
            and not exists (select 1 from customers.watch x where x.customer_id = w.customer_id and x.user_id = {to})
            {Sql.When(only is null, $"and not exists (select 1 from customers.customer c where c.id = w.customer_id and c.owner_id = {to} and {scope.All("customer", "one's own is not watched")})")}
            """, ct);
        if (customers.Count > 0) await db.Execute($"update customers.watch set user_id = {to} where user_id = {from} and {db.Dialect.In(Sql.Trusted("customer_id"), customers)}", ct);
        return customers;
    }
}
