using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>How customers get and keep owners (SET-8).</summary>
[Action("客户规则", "customers.rules.read", Route = "lock-rules", Help = "新客户归谁、锁定是否审核、锁定与保护的数量上限、每日限制。")]
public sealed record GetLockRules : IQuery<LockRules>;

/// <param name="NewCustomers"><c>creator open region industry</c>: who owns a new customer.</param>
/// <param name="Review">A lock request waits for someone's approval.</param>
/// <param name="Reviewer"><c>superior pool person</c>: the asker's superiors, the pool's managers, or one person.</param>
/// <param name="PauseDays">Days before a former owner may lock a customer again.</param>
/// <param name="Quota">Customers one person may have locked; null for any number.</param>
/// <param name="ProtectQuota">Customers one person may protect.</param>
/// <param name="DailyLocks">Customers one person may lock a day.</param>
/// <param name="DailyViews">Open customers whose contact data one person may look at a day.</param>
/// <param name="Version">0 where they were never set.</param>
/// <param name="Assignments">For <c>region</c> and <c>industry</c>: who gets the new customers of which code.</param>
public sealed record LockRules(string NewCustomers, bool Review, string Reviewer, long? ReviewerId, int PauseDays, long? Quota, long? ProtectQuota, long? DailyLocks, long? DailyViews, IReadOnlyList<LockAssignment> Assignments, IReadOnlyList<LockQuotaRow> Quotas, long Version);

/// <param name="Kind"><c>region</c> or <c>industry</c>.</param>
public sealed record LockAssignment(string Kind, string Code, long UserId);

/// <summary>A limit of its own for a user or a post; the user's own goes before that of the post.</summary>
public sealed record LockQuotaRow(long Id, long? UserId, long? PostId, long? Held, long? Protected, long? DailyLocks);

internal sealed class LockRulesHandlers(IDb db, IOrganization organization, IDictionaries dictionaries, LockRulesInForce rules) : IQueryHandler<GetLockRules, LockRules>, ICommandHandler<SetLockRules, Done>, ICommandHandler<SetLockQuota, Done>
{
    private static readonly string[] News = ["creator", "open", "region", "industry"], Reviewers = ["superior", "pool", "person"];

    public Task<LockRules> Handle(GetLockRules query, CancellationToken ct) => rules.Get(ct);

    public async Task<Done> Handle(SetLockRules c, CancellationToken ct)
    {
        if (!News.Contains(c.NewCustomers)) throw new Invalid("newCustomers", "请选择新客户归谁。");
        if (!Reviewers.Contains(c.Reviewer)) throw new Invalid("reviewer", "请选择由谁审核。");
        if (c.Reviewer == "person" && (c.ReviewerId is not { } id || organization.Person(id) is not { Enabled: true })) throw new Invalid("reviewerId", "请选择审核人。");
        foreach (var a in c.Assignments)
        {
            if (a is null || a.Kind is not ("region" or "industry") || dictionaries.Find(a.Kind)?.Entries.Any(e => e.Code == a.Code) != true) throw new Invalid("assignments", "分配规则中的地区或行业不在字典中。");
            if (organization.Person(a.UserId) is not { Enabled: true }) throw new Invalid("assignments", "分配规则中的负责人不存在或已停用。");
        }
        if (c.Assignments.GroupBy(a => (a.Kind, a.Code)).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new Invalid("assignments", $"“{dictionaries.Label(twice.Key.Kind, twice.Key.Code)}”分配了两次。");
        // Of two who have the page open the second is told, and loses nothing of what the first has set.
        var version = await db.First<long?>($"select version from customers.lock_setting where id = 1", ct) ?? 0;
        if (c.Version is { } seen && seen != version) throw new RuleBroken("客户规则已被他人修改，请刷新后再试。");
        var values = new object?[] { 1L, c.NewCustomers, c.Review, c.Reviewer, c.Reviewer == "person" ? c.ReviewerId : null, (long)c.PauseDays, c.Quota, c.ProtectQuota, c.DailyLocks, c.DailyViews, version + 1 };
        await db.Execute($"delete from customers.lock_setting where id = 1", ct);
        await db.Insert("customers.lock_setting", ["id", "new_customers", "review", "reviewer", "reviewer_id", "pause_days", "quota", "protect_quota", "daily_locks", "daily_views", "version"], [values], ct);
        await db.Execute($"delete from customers.lock_assignment", ct);
        await db.Insert("customers.lock_assignment", ["kind", "code", "user_id"], c.Assignments.Select(a => new object?[] { a.Kind, a.Code, a.UserId }), ct);
        return default;
    }

    public async Task<Done> Handle(SetLockQuota c, CancellationToken ct)
    {
        if (c.UserId is null == c.PostId is null) throw new Invalid("userId", "请选择一位用户或一个岗位。");
        if (c.UserId is { } user && organization.Person(user) is null) throw new Invalid("userId", "用户不存在。");
        await db.Execute($"delete from customers.lock_quota where {(c.UserId is { } u ? (Sql)$"user_id = {u}" : $"post_id = {c.PostId}")}", ct);
        if (c.Held is null && c.Protected is null && c.DailyLocks is null) return default;
        var id = await db.First<long?>($"select max(q.id) from customers.lock_quota q", ct) ?? 0;
        await db.Insert("customers.lock_quota", ["id", "user_id", "post_id", "held", "protected", "daily_locks"], [[id + 1, c.UserId, c.PostId, c.Held, c.Protected, c.DailyLocks]], ct);
        return default;
    }
}

/// <summary>Sets what holds for all; limits of single users and posts by <see cref="SetLockQuota"/>.</summary>
[Action("修改客户规则", "customers.rules.manage", Route = "lock-rules", Help = "修改客户规则：新客户归谁、锁定审核、数量上限、每日限制。",
    Example = "{\"newCustomers\":\"creator\",\"review\":false,\"reviewer\":\"superior\",\"pauseDays\":0,\"assignments\":[]}")]
public sealed record SetLockRules(
    [Label("新客户归谁"), Required] string NewCustomers, bool Review, [Label("由谁审核"), Required] string Reviewer, long? ReviewerId, [Label("再次锁定的间隔天数"), Range(0, 3650)] int PauseDays,
    [Label("锁定数量上限"), Range(0, 1_000_000)] long? Quota, [Label("保护数量上限"), Range(0, 1_000_000)] long? ProtectQuota, [Label("每日锁定上限"), Range(0, 1_000_000)] long? DailyLocks,
    [Label("每日查看上限"), Range(0, 1_000_000)] long? DailyViews, IReadOnlyList<LockAssignment> Assignments, [Label("所见的版本（不给则不核对）")] long? Version = null) : ICommand<Done>;

/// <summary>Sets, or with no number at all removes, the limits of a user or a post.</summary>
[Action("设置锁定数量上限", "customers.rules.manage", Route = "lock-quotas", Help = "一位用户或一个岗位自己的上限；三个数都不给则取消。",
    Example = "{\"postId\":1,\"held\":200,\"protected\":10}")]
public sealed record SetLockQuota(
    long? UserId, long? PostId, [Label("锁定数量上限"), Range(0, 1_000_000)] long? Held, [Label("保护数量上限"), Range(0, 1_000_000)] long? Protected, [Label("每日锁定上限"), Range(0, 1_000_000)] long? DailyLocks) : ICommand<Done>;

/// <summary>The rules of this moment, read once a command.</summary>
internal sealed class LockRulesInForce(IDb db)
{
    private LockRules? known;

    public async Task<LockRules> Get(CancellationToken ct)
    {
        if (known is not null) return known;
        var row = await db.First<Row>($"select new_customers, review, reviewer, reviewer_id, pause_days, quota, protect_quota, daily_locks, daily_views, version from customers.lock_setting where id = 1", ct)
            ?? new Row("creator", false, "superior", null, 0, null, null, null, null, 0);
        var assignments = await db.Query<LockAssignment>($"select kind, code, user_id from customers.lock_assignment order by kind, code", ct);
        var quotas = await db.Query<LockQuotaRow>($"select id, user_id, post_id, held, protected, daily_locks from customers.lock_quota order by id", ct);
        return known = new(row.NewCustomers, row.Review, row.Reviewer, row.ReviewerId, (int)row.PauseDays, row.Quota, row.ProtectQuota, row.DailyLocks, row.DailyViews, assignments, quotas, row.Version);
    }

    private sealed record Row(string NewCustomers, bool Review, string Reviewer, long? ReviewerId, long PauseDays, long? Quota, long? ProtectQuota, long? DailyLocks, long? DailyViews, long Version);
}
