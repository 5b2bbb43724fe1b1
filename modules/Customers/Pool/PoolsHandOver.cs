using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>The place of someone who leaves in pools, as a member or a manager, is the heir's (SET-1); not in those in which the heir has one.</summary>
internal sealed class PoolsHandOver(IDb db) : IHandsOver
{
    public string Name => "pools";
    public string Label => "公海成员";

    public Task<long> Count(long personId, CancellationToken ct) => db.First<long>($"select count(*) from customers.pool_member m where m.user_id = {personId}", ct);

    /// <returns>The pools.</returns>
    public async Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct)
    {
        var pools = await db.Query<long>($"""
            select m.pool_id from customers.pool_member m where m.user_id = {from} {Sql.When(only is not null, $"and {db.Dialect.In(Sql.Trusted("m.pool_id"), only ?? [])}")}
            and not exists (select 1 from customers.pool_member x where x.pool_id = m.pool_id and x.user_id = {to})
            """, ct);
        if (pools.Count > 0) await db.Execute($"update customers.pool_member set user_id = {to} where user_id = {from} and {db.Dialect.In(Sql.Trusted("pool_id"), pools)}", ct);
        return pools;
    }
}
