using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Who reviews lock requests (SET-8): the asker's superiors, the pool's managers or one person; where there is nobody, the administrators.</summary>
internal sealed class LockReviewers(IDb db, IOrganization organization, LockRulesInForce rules, Pools pools)
{
    /// <summary>Who is told of a request: the nearest.</summary>
    public async Task<IReadOnlyList<long>> Of(long asker, long? poolId, CancellationToken ct)
    {
        var all = await rules.Get(ct);
        IEnumerable<long> found = all.Reviewer switch
        {
            "person" => all.ReviewerId is { } one ? [one] : [],
            "pool" => poolId is { } pool ? await pools.Managers(pool, ct) : [],
            _ => Nearest(asker) is { } superior ? [superior] : [],
        };
        var enabled = found.Where(id => id != asker && organization.Person(id) is { Enabled: true }).ToList();
        return enabled.Count > 0 ? enabled : [.. organization.People.Where(p => p.Enabled && p.Id != asker && IsAdministrator(p)).Select(p => p.Id)];
    }

    /// <summary>The requests, aliased <c>r</c> beside their customers <c>c</c>, that a user may decide on.</summary>
    public async Task<Sql> Mine(long reviewer, CancellationToken ct)
    {
        Sql others = $"r.user_id <> {reviewer}";
        if (organization.Person(reviewer) is { } p && IsAdministrator(p)) return others;
        var all = await rules.Get(ct);
        return all.Reviewer switch
        {
            "person" => all.ReviewerId == reviewer ? others : Sql.Trusted("1 = 0"),
            "pool" => $"{others} and {db.Dialect.In(Sql.Trusted("c.pool_id"), [.. await pools.Of(reviewer, managed: true, ct)])}",
            _ => $"{others} and {db.Dialect.In(Sql.Trusted("r.user_id"), [.. organization.Subordinates(reviewer)])}",
        };
    }

    private long? Nearest(long asker) => organization.People.Where(p => p.Enabled && p.Id != asker).Select(p => (p.Id, Below: organization.Subordinates(p.Id)))
        .Where(p => p.Below.Contains(asker)).OrderBy(p => p.Below.Count).Select(p => (long?)p.Id).FirstOrDefault();

    private bool IsAdministrator(Person p) => p.RoleIds.Any(id => organization.Roles.Any(r => r.Id == id && r.Permissions.Contains(Permissions.Everything)));
}

/// <summary>Lock requests: those waiting for me (锁定审核), those I have decided, my own.</summary>
[Action("锁定申请", "customers.customers.read", Route = "lock-requests", Help = "锁定申请：box 为 waiting 待我审核的，decided 我审核过的，mine 我提交的。", Example = "{}")]
public sealed record ListLockRequests([Label("waiting、decided 或 mine")] string Box = "waiting") : IQuery<IReadOnlyList<LockRequestView>>;

/// <param name="State"><c>waiting approved rejected withdrawn queued told</c>; queued: someone else got it.</param>
/// <param name="Release">The customer the asker gives back for it.</param>
public sealed record LockRequestView(long Id, long CustomerId, string Customer, string? Pool, long UserId, string Who, string? Reason, string State, DateTime At, string? DecidedBy, DateTime? DecidedAt, string? Answer, string? Release);

internal sealed class ListLockRequestsHandler(IDb db, IScope scope, ICurrentUser me, IOrganization organization, LockReviewers reviewers) : IQueryHandler<ListLockRequests, IReadOnlyList<LockRequestView>>
{
    private const string Why = "who asks or decides sees what is asked for";

    public async Task<IReadOnlyList<LockRequestView>> Handle(ListLockRequests query, CancellationToken ct)
    {
        Sql which = query.Box switch
        {
            "mine" => $"r.user_id = {me.Id}",
            "decided" => $"r.decided_by = {me.Id} and r.user_id <> {me.Id}",
            "waiting" => $"r.state = {LockState.Waiting} and {await reviewers.Mine(me.Id, ct)}",
            _ => throw new Invalid("box", "box 只能是 waiting、decided 或 mine。"),
        };
        var rows = await db.Query<Row>($"""
            select r.id, r.customer_id, c.name as customer, c.pool_id, p.name as pool, r.user_id, r.reason, r.state, r.at, r.decided_by, r.decided_at, r.answer, x.name as gives_up from customers.lock_request r
            join customers.customer c on c.id = r.customer_id left join customers.pool p on p.id = c.pool_id left join customers.customer x on x.id = r.release_id
            where {which} and c.deleted_at is null and {scope.All("customer", Why)} and {scope.All("pool", Why)} order by {Sql.Trusted(query.Box == "waiting" ? "r.at, r.id" : "r.at desc, r.id desc")} {db.Dialect.Page(500)}
            """, ct);
        return [.. rows.Select(r => new LockRequestView(r.Id, r.CustomerId, r.Customer, r.Pool, r.UserId, organization.Person(r.UserId)?.Name ?? "", r.Reason, r.State, r.At, r.DecidedBy is { } by ? organization.Person(by)?.Name : null, r.DecidedAt, r.Answer, r.GivesUp))];
    }

    private sealed record Row(long Id, long CustomerId, string Customer, long? PoolId, string? Pool, long UserId, string? Reason, string State, DateTime At, long? DecidedBy, DateTime? DecidedAt, string? Answer, string? GivesUp);
}

internal static class ReviewLock
{
    public const string Permission = "customers.lock.review";
}

/// <summary>Approves requests waiting for one's review: each customer goes to the asker, if it is still open and the quota allows (CUS-10).</summary>
[Action("同意锁定", ReviewLock.Permission, Route = "lock-requests/approve", Help = "同意锁定申请：客户归申请人；其他申请人进入候补。只有审核人可以。", Example = "{\"ids\":[1]}")]
public sealed record ApproveLocks(IReadOnlyList<long> Ids) : ICommand<BatchResult>;

/// <summary>Rejects requests waiting for one's review; the asker is told why.</summary>
[Action("拒绝锁定", ReviewLock.Permission, Route = "lock-requests/reject", Help = "拒绝锁定申请，申请人会收到理由。只有审核人可以。", Example = "{\"ids\":[1],\"reason\":\"已有同事在跟\"}")]
public sealed record RejectLocks(IReadOnlyList<long> Ids, [Label("拒绝理由"), Required, MaxLength(500)] string Reason) : ICommand<BatchResult>;

/// <summary>Takes one's own request back, or leaves the queue.</summary>
[Action("撤回锁定申请", RequestLock.Permission, Route = "lock-requests/withdraw", Help = "撤回自己的锁定申请，或退出候补。", Example = "{\"ids\":[1]}")]
public sealed record WithdrawLocks(IReadOnlyList<long> Ids) : ICommand<Done>;

internal sealed class ReviewLockHandlers(IDb db, IScope scope, ICurrentUser me, LockReviewers reviewers, LockDesk desk, IMessages messages, IOperations operations, TimeProvider clock)
    : ICommandHandler<ApproveLocks, BatchResult>, ICommandHandler<RejectLocks, BatchResult>, ICommandHandler<WithdrawLocks, Done>
{
    public async Task<BatchResult> Handle(ApproveLocks command, CancellationToken ct)
    {
        var requests = await Mine(command.Ids, ct);
        var operation = await operations.Begin("lock", $"同意锁定客户 {requests.Count} 个", "customer", requests.Count, ct);
        var (done, problems) = (0, new List<RowProblem>());
        using (operations.Within(operation))
            foreach (var r in requests)
            {
                await desk.Begin(r.UserId, ct);
                var customer = new OpenCustomer(r.CustomerId, r.Customer, r.PoolId);
                if (await desk.WhyNot(customer, r.UserId, ct) is { } why)
                {
                    problems.Add(new(r.CustomerId, r.Customer, why));
                    continue;
                }
                // Nothing is given up for what is gone, and what the asker has not any more is told of this one request.
                if (r.ReleaseId is { } release && (await IsOpen(r.CustomerId, ct) ? await desk.Release(release, r.UserId, "为锁定其他客户腾出名额", ct) : "刚刚已被他人锁定。") is { } kept)
                {
                    problems.Add(new(r.CustomerId, r.Customer, kept));
                    continue;
                }
                var (locked, refused) = await desk.Lock([r.CustomerId], r.UserId, r.Reason, ct);
                problems.AddRange(refused.Select(p => p with { Title = r.Customer }));
                // Given up for nothing: the whole act goes back.
                if (locked == 0 && r.ReleaseId is not null) throw new RuleBroken($"{r.Customer}：{refused[0].Message}");
                done += locked;
                if (locked > 0) await messages.SendTo([r.UserId], "lock", $"您申请锁定的客户“{r.Customer}”已通过审核。", OwningRules.Link(r.CustomerId), ct);
            }
        await operations.End(operation, done, problems, null, ct);
        if (done == 0 && requests.Count == 1) throw new RuleBroken(problems[0].Message);
        return new(operation, done, problems);
    }

    public async Task<BatchResult> Handle(RejectLocks command, CancellationToken ct)
    {
        var requests = await Mine(command.Ids, ct);
        var (now, done) = (clock.GetUtcNow().UtcDateTime, 0);
        foreach (var r in requests)
        {
            if (await db.Execute($"update customers.lock_request set state = {LockState.Rejected}, decided_by = {me.Id}, decided_at = {now}, answer = {command.Reason.Trim()} where id = {r.Id} and state = {LockState.Waiting}", ct) == 0) continue;
            await messages.SendTo([r.UserId], "lock", $"您申请锁定的客户“{r.Customer}”未通过审核：{command.Reason.Trim()}", OwningRules.Link(r.CustomerId), ct);
            done++;
        }
        return new(0, done, []);
    }

    public async Task<Done> Handle(WithdrawLocks command, CancellationToken ct)
    {
        if (command.Ids.Count > 500) throw new Invalid("ids", "一次最多 500 个。");
        if (await db.Execute($"update customers.lock_request set state = {LockState.Withdrawn}, decided_at = {clock.GetUtcNow().UtcDateTime} where {db.Dialect.In(Sql.Trusted("id"), command.Ids)} and user_id = {me.Id} and state in ({LockState.Waiting}, {LockState.Queued}, {LockState.Told})", ct) == 0)
            throw new NotFound("锁定申请");
        return default;
    }

    private async Task<bool> IsOpen(long id, CancellationToken ct) => await db.First<long>($"select count(*) from customers.customer c where c.id = {id} and c.owner_id is null and c.deleted_at is null and {scope.All("customer", "who decides sees what is asked for")}", ct) > 0;

    /// <summary>The requests that still wait and are the user's to decide.</summary>
    private async Task<IReadOnlyList<Row>> Mine(IReadOnlyList<long> ids, CancellationToken ct)
    {
        if (ids.Count is 0 or > 200) throw new Invalid("ids", "请选择 1 到 200 个申请。");
        var rows = await db.Query<Row>($"""
            select r.id, r.customer_id, c.name as customer, c.pool_id, r.user_id, r.reason, r.release_id from customers.lock_request r join customers.customer c on c.id = r.customer_id
            where {db.Dialect.In(Sql.Trusted("r.id"), ids)} and r.state = {LockState.Waiting} and {await reviewers.Mine(me.Id, ct)} and c.deleted_at is null and {scope.All("customer", "who decides sees what is asked for")} order by r.at, r.id
            """, ct);
        return rows.Count > 0 ? rows : throw new NotFound("待您审核的锁定申请");
    }

    private sealed record Row(long Id, long CustomerId, string Customer, long? PoolId, long UserId, string? Reason, long? ReleaseId);
}
