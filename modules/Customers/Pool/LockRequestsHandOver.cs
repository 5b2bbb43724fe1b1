using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>What someone who leaves has asked for and not got yet is asked for by the heir (SET-1); a place in a queue is kept.</summary>
internal sealed class LockRequestsHandOver(IDb db) : IHandsOver
{
    public string Name => "lock-requests";
    public string Label => "锁定申请";

    public Task<long> Count(long personId, CancellationToken ct) => db.First<long>($"select count(*) from customers.lock_request where user_id = {personId} and state in ({LockState.Waiting}, {LockState.Queued})", ct);

    public async Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct)
    {
        // Who asks for the same customer already asks once.
        var ids = await db.Query<long>($"""
            select r.id from customers.lock_request r where r.user_id = {from} and r.state in ({LockState.Waiting}, {LockState.Queued}) {Sql.When(only is not null, $"and {db.Dialect.In(Sql.Trusted("r.id"), only ?? [])}")}
            and not exists (select 1 from customers.lock_request x where x.customer_id = r.customer_id and x.user_id = {to} and x.state in ({LockState.Waiting}, {LockState.Queued}))
            """, ct);
        if (ids.Count > 0) await db.Execute($"update customers.lock_request set user_id = {to}, release_id = {(long?)null} where {db.Dialect.In(Sql.Trusted("id"), ids)}", ct);
        return ids;
    }
}
