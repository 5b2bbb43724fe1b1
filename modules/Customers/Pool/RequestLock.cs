using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>States of a lock request.</summary>
internal static class LockState
{
    public const string Waiting = "waiting", Approved = "approved", Rejected = "rejected", Withdrawn = "withdrawn";
    /// <summary>Someone else got the customer; the asker is told when it falls free.</summary>
    public const string Queued = "queued";
    /// <summary>Was queued and has been told; queues again if someone else was faster.</summary>
    public const string Told = "told";
}

/// <summary>Where buttons for open customers stand.</summary>
internal sealed class WhereOpen : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("ownerId") is null;
    public bool InList(string? view) => view == "open";
}

/// <summary>Asks for open customers to be locked to oneself (CUS-9). At once, or after review where the rules want one. A customer named to be released makes room in the same act (CUS-11).</summary>
[Action("申请锁定", Permission, Route = "customers/request-lock", On = "customer", OnMany = "customer", Where = typeof(WhereOpen), Icon = "lock",
    Help = "申请锁定开放的客户：不需审核的立即归自己，需要审核的等待审核。releaseId 是为腾出名额同时取消锁定的客户。超出数量上限的逐条说明。", Example = "{\"ids\":[1024],\"reason\":\"已约好拜访\"}")]
public sealed record RequestLock(IReadOnlyList<long> Ids, [Label("申请理由"), MaxLength(500)] string? Reason, [Label("同时取消锁定（名额已满时）", Of = "customer")] long? ReleaseId = null) : ICommand<BatchResult>
{
    public const string Permission = "customers.lock.request";
}

internal sealed class RequestLockHandler(IDb db, ICurrentUser me, IIds ids, LockDesk desk, LockReviewers reviewers, IMessages messages, IOperations operations, TimeProvider clock) : ICommandHandler<RequestLock, BatchResult>
{
    private const int Most = 500;

    public async Task<BatchResult> Handle(RequestLock command, CancellationToken ct)
    {
        var wanted = command.Ids.Distinct().ToList();
        if (wanted.Count is 0 or > Most) throw new Invalid("ids", $"请选择 1 到 {Most} 个客户。");
        if (command.ReleaseId is not null && wanted.Count > 1) throw new Invalid("releaseId", "同时取消锁定时，一次只能申请一个客户。");
        var reason = string.IsNullOrWhiteSpace(command.Reason) ? null : command.Reason.Trim();
        // Held first, so that one who asks for many at once is counted once after the other.
        await desk.Begin(me.Id, ct);
        var open = (await desk.Seen(wanted, ct)).ToDictionary(o => o.Id);
        var (now, problems, waiting) = (new List<long>(), new List<RowProblem>(), new List<OpenCustomer>());
        var counted = new Dictionary<long, long>();
        foreach (var id in wanted)
        {
            if (!open.TryGetValue(id, out var c)) problems.Add(new(id, "", "客户不存在、已有负责人，或不在您的公海中。", "id"));
            else if (await desk.WhyNot(c, me.Id, ct, counted) is { } why) problems.Add(new(id, c.Name, why));
            else if (await desk.NeedsReview(c.PoolId, ct)) waiting.Add(c);
            else now.Add(id);
        }
        var operation = await operations.Begin("lock", $"锁定客户{(wanted.Count == 1 && open.Values.FirstOrDefault() is { } one ? $"：{one.Name}" : $" {wanted.Count} 个")}", "customer", wanted.Count, ct);
        var done = 0;
        using (operations.Within(operation))
        {
            if (command.ReleaseId is { } release && now.Count > 0 && await desk.Release(release, me.Id, "为锁定其他客户腾出名额", ct) is { } kept) throw new Invalid("releaseId", kept);
            if (now.Count > 0)
            {
                var (locked, refused) = await desk.Lock(now, me.Id, reason, ct);
                problems.AddRange(refused);
                done += locked;
                if (locked == 0 && command.ReleaseId is not null && problems.Count > 0) throw new RuleBroken(problems[0].Message);
            }
            foreach (var c in waiting)
                if (await Ask(c, reason, command.ReleaseId, ct)) done++;
                else problems.Add(new(c.Id, c.Name, "您已经申请过，正在等待审核。"));
        }
        await operations.End(operation, now.Count == 0 ? 0 : done, problems, waiting.Count > 0 ? $"{waiting.Count} 个等待审核。" : null, ct);
        if (done == 0 && wanted.Count == 1) throw new RuleBroken(problems[0].Message);
        return new(operation, done, problems);
    }

    private async Task<bool> Ask(OpenCustomer c, string? reason, long? releaseId, CancellationToken ct)
    {
        var (id, at) = (ids.Next(), clock.GetUtcNow().UtcDateTime);
        if (releaseId is { } r) await desk.MustBeMine(r, me.Id, ct);
        // Asking anew takes one's place in the queue back, and what one was told of.
        await db.Execute($"update customers.lock_request set state = {LockState.Withdrawn}, decided_at = {at} where customer_id = {c.Id} and user_id = {me.Id} and state in ({LockState.Queued}, {LockState.Told})", ct);
        if (await db.Execute($"""
            insert into customers.lock_request (id, customer_id, user_id, reason, release_id, state, at)
            select {id}, {c.Id}, {me.Id}, {reason}, {releaseId}, {LockState.Waiting}, {at}
            where not exists (select 1 from customers.lock_request x where x.customer_id = {c.Id} and x.user_id = {me.Id} and x.state = {LockState.Waiting})
            """, ct) == 0) return false;
        await messages.SendTo(await reviewers.Of(me.Id, c.PoolId, ct), "lock", $"{me.Name} 申请锁定客户“{c.Name}”{(reason is null ? "" : $"：{reason}")}", "/customers/lock-review", ct);
        return true;
    }
}
