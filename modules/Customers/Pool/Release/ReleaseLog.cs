using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool.Release;

/// <summary>What was released, by whom or by which rule (解锁日志); of customers the user sees now or that were the user's.</summary>
[Action("解锁日志", "customers.customers.read", Route = "release-log", Help = "已解锁的客户：谁或哪条规则、何时、为什么。新的在前。", Example = "{}")]
public sealed record ListReleaseLog([Label("auto 自动、release 手工，不给为全部")] string? Kind = null, [Label("最多几条，1 到 500")] int Take = 100, [Label("从这一条往前")] long? BeforeId = null) : IQuery<IReadOnlyList<ReleaseLogEntry>>;

/// <param name="Rule">The rule, where it was one.</param>
/// <param name="Now">Who owns it now.</param>
public sealed record ReleaseLogEntry(long Id, long CustomerId, string Customer, string Kind, DateTime At, string? From, string By, string? Reason, string? Pool, string? Now);

internal sealed class ListReleaseLogHandler(IDb db, IScope scope, ICurrentUser me, IOrganization organization, Pools pools) : IQueryHandler<ListReleaseLog, IReadOnlyList<ReleaseLogEntry>>
{
    public async Task<IReadOnlyList<ReleaseLogEntry>> Handle(ListReleaseLog query, CancellationToken ct)
    {
        IReadOnlyList<string> kinds = query.Kind switch { null or "" => [OwnerAct.Auto, OwnerAct.Release], OwnerAct.Auto or OwnerAct.Release => [query.Kind], _ => throw new Invalid("kind", "kind 只能是 auto 或 release。") };
        var below = organization.Subordinates(me.Id).Append(me.Id).ToList();
        var before = query.BeforeId ?? long.MaxValue;
        var take = Math.Clamp(query.Take, 1, 500);
        // What was one's own or one's people's by the index of whose it was; what is in sight now along the log.
        Task<IReadOnlyList<Row>> Some(Sql which) => db.Query<Row>($"""
            select l.id, l.customer_id, c.name as customer, l.kind, l.at, l.from_id, l.by_id, l.reason, l.pool_id, c.owner_id from customers.owner_log l join customers.customer c on c.id = l.customer_id
            where {db.Dialect.In(Sql.Trusted("l.kind"), kinds)} and l.id < {before} and {which} order by l.id desc {db.Dialect.Page(take)}
            """, ct);
        var (theirs, seen) = (await Some($"{db.Dialect.In(Sql.Trusted("l.from_id"), below)} and {scope.All("customer", "that it was released, told to whose it was")}"), await Some(scope.Of("customer", "c")));
        var rows = theirs.Concat(seen).DistinctBy(r => r.Id).OrderByDescending(r => r.Id).Take(take);
        var names = (await pools.All(ct)).ToDictionary(p => p.Id, p => p.Name);
        string? Who(long? id) => id is { } known ? organization.Person(known)?.Name : null;
        return [.. rows.Select(r => new ReleaseLogEntry(r.Id, r.CustomerId, r.Customer, r.Kind, r.At, Who(r.FromId), r.ById == 0 ? "系统" : Who(r.ById) ?? "", r.Reason, r.PoolId is { } p ? names.GetValueOrDefault(p) : null, Who(r.OwnerId)))];
    }

    private sealed record Row(long Id, long CustomerId, string Customer, string Kind, DateTime At, long? FromId, long ById, string? Reason, long? PoolId, long? OwnerId);
}
