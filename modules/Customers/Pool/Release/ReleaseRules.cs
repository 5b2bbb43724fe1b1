using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool.Release;

/// <summary>A rule by which customers are released by themselves (CUS-12, SET-8).</summary>
/// <param name="Id">0 for a new one.</param>
/// <param name="EnabledOn">The business day it was switched on: for the days of notice after it, it only warns.</param>
/// <param name="Base">What the days are counted from: <c>contact</c> (last contact), <c>locked</c>, or an activity that an installed module tells of. Never before the day the owner got the customer.</param>
/// <param name="NoticeDays">So many days before, the owner is told.</param>
/// <param name="ToPoolId">Where they go; none: by matching.</param>
public sealed record ReleaseRule(long Id, long Version, string Name, bool Enabled, DateOnly? EnabledOn, int Sort, string Base, int Days, int NoticeDays, long? ToPoolId, ReleaseConditions Conditions);

/// <summary>Which customers a rule is about; an empty list is no condition.</summary>
/// <param name="Pools">Ids of the pools they came from.</param>
/// <param name="ExceptLevels">Not those of these levels.</param>
/// <param name="ExceptKey">Not the key customers (重点客户) of their owners.</param>
/// <param name="ExceptRunning">Not those with something running of these kinds, e.g. an open opportunity.</param>
public sealed record ReleaseConditions(IReadOnlyList<long>? Pools = null, IReadOnlyList<string>? Types = null, IReadOnlyList<string>? Levels = null, IReadOnlyList<string>? Sources = null, IReadOnlyList<long>? Departments = null, IReadOnlyList<string>? ExceptLevels = null, IReadOnlyList<string>? ExceptRunning = null, bool ExceptKey = false);

/// <summary>All rules, in the order in which they are applied, and what they may count from.</summary>
[Action("自动解锁规则", "customers.rules.read", Route = "release-rules", Help = "自动解锁规则，以及可选的起算日和例外。")]
public sealed record ListReleaseRules : IQuery<ReleaseRuleList>;

/// <param name="Bases">Kinds of base with their labels, those of installed modules only.</param>
/// <param name="Running">Kinds that may be running, of installed modules only.</param>
public sealed record ReleaseRuleList(IReadOnlyList<ReleaseRule> Rules, IReadOnlyList<KindLabel> Bases, IReadOnlyList<KindLabel> Running);

public sealed record KindLabel(string Kind, string Label);

/// <summary>Creates or changes a rule. Switched on, it begins to warn today and to release after the days of notice.</summary>
[Action("保存自动解锁规则", "customers.rules.manage", Route = "release-rules", Help = "新建（id 为 0）或修改一条自动解锁规则，返回其编号。",
    Example = "{\"id\":0,\"version\":0,\"name\":\"长期未联系\",\"enabled\":false,\"sort\":10,\"base\":\"contact\",\"days\":60,\"noticeDays\":7,\"conditions\":{}}")]
public sealed record SaveReleaseRule(
    long Id, long Version, [Label("规则名称"), Required, MaxLength(60)] string Name, bool Enabled, [Label("顺序"), Range(0, 9999)] int Sort, [Label("起算日"), Required, MaxLength(40)] string Base,
    [Label("天数"), Range(1, 3650)] int Days, [Label("提前提醒天数"), Range(0, 365)] int NoticeDays, long? ToPoolId, ReleaseConditions Conditions) : ICommand<long>;

/// <summary>Removes a rule.</summary>
[Action("删除自动解锁规则", "customers.rules.manage", Route = "release-rules/{ruleId}/delete", Help = "删除一条自动解锁规则。")]
public sealed record DeleteReleaseRule(long RuleId) : ICommand<Done>;

internal sealed class ReleaseRuleHandlers(IDb db, IIds ids, ICatalog catalog, IOrganization organization, IDictionaries dictionaries, Pools pools, LockQuota quota, ReleaseRulesInForce rules)
    : IQueryHandler<ListReleaseRules, ReleaseRuleList>, ICommandHandler<SaveReleaseRule, long>, ICommandHandler<DeleteReleaseRule, Done>
{
    public async Task<ReleaseRuleList> Handle(ListReleaseRules query, CancellationToken ct) =>
        new(await rules.All(ct), [new("contact", "最近联系"), new("locked", "锁定时间"), .. Kinds().Select(k => new KindLabel(k.Kind, k.Label))], [.. Kinds().Where(k => k.Runs).Select(k => new KindLabel(k.Kind, k.RunningLabel ?? k.Label))]);

    public async Task<long> Handle(SaveReleaseRule c, CancellationToken ct)
    {
        await Check(c, ct);
        var before = c.Id == 0 ? null : (await rules.All(ct)).FirstOrDefault(r => r.Id == c.Id) ?? throw new NotFound("自动解锁规则");
        // A rule that is sharpened while it is on warns anew before it takes anything.
        var enabledOn = !c.Enabled ? null : before is { Enabled: true } b && Same(b, c) ? b.EnabledOn : (DateOnly?)quota.Today;
        var id = before?.Id ?? ids.Next();
        if (before is not null && await db.Execute($"delete from customers.release_rule where id = {id} and version = {c.Version}", ct) == 0) throw new RuleBroken("这条规则已被他人修改，请刷新后再试。");
        await db.Insert("customers.release_rule", ["id", "name", "enabled", "enabled_on", "sort", "base", "days", "notice_days", "to_pool_id", "conditions", "version"],
            [[id, c.Name.Trim(), c.Enabled, enabledOn, (long)c.Sort, c.Base, (long)c.Days, (long)c.NoticeDays, c.ToPoolId, JsonSerializer.Serialize(c.Conditions), (before?.Version ?? 0) + 1]], ct);
        return id;
    }

    public async Task<Done> Handle(DeleteReleaseRule command, CancellationToken ct)
    {
        if (await db.Execute($"delete from customers.release_rule where id = {command.RuleId}", ct) == 0) throw new NotFound("自动解锁规则");
        await db.Execute($"delete from customers.release_notice where rule_id = {command.RuleId}", ct);
        return default;
    }

    private static bool Same(ReleaseRule b, SaveReleaseRule c) => b.Base == c.Base && b.Days == c.Days && b.NoticeDays == c.NoticeDays && JsonSerializer.Serialize(b.Conditions) == JsonSerializer.Serialize(c.Conditions);

    internal async Task Check(SaveReleaseRule c, CancellationToken ct)
    {
        if (c.Base is not ("contact" or "locked") && Kinds().All(k => k.Kind != c.Base)) throw new Invalid("base", "没有这个起算日。");
        if (c.NoticeDays > c.Days) throw new Invalid("noticeDays", "提前提醒的天数不能多于规则的天数。");
        if (c.ToPoolId is { } to && await pools.Find(to, ct) is null) throw new Invalid("toPoolId", "公海不存在。");
        var known = (await pools.All(ct)).Select(p => p.Id).ToHashSet();
        if (c.Conditions.Pools?.Any(p => !known.Contains(p)) == true) throw new Invalid("conditions", "条件中的公海不存在。");
        if (c.Conditions.Departments?.Any(d => organization.Department(d) is null) == true) throw new Invalid("conditions", "条件中的部门不存在。");
        foreach (var (dictionary, codes) in new[] { ("customer.type", c.Conditions.Types), ("customer.level", c.Conditions.Levels), ("customer.level", c.Conditions.ExceptLevels), ("customer.source", c.Conditions.Sources) })
            if (codes?.Any(x => dictionaries.Find(dictionary)?.Entries.Any(e => e.Code == x) != true) == true) throw new Invalid("conditions", "条件中的值不在字典中。");
        if (c.Conditions.ExceptRunning?.Any(k => Kinds().All(x => x.Kind != k || !x.Runs)) == true) throw new Invalid("conditions", "没有这种例外。");
    }

    private IEnumerable<CustomerActivityKind> Kinds() => catalog.Declared<CustomerActivityKind>();
}

/// <summary>The rules as they stand, read once in a command.</summary>
internal sealed class ReleaseRulesInForce(IDb db)
{
    private IReadOnlyList<ReleaseRule>? known;

    public async Task<IReadOnlyList<ReleaseRule>> All(CancellationToken ct) => known ??=
    [
        .. (await db.Query<Row>($"select id, name, enabled, enabled_on, sort, base, days, notice_days, to_pool_id, conditions, version from customers.release_rule order by sort, id", ct))
            .Select(r => new ReleaseRule(r.Id, r.Version, r.Name, r.Enabled, r.EnabledOn, (int)r.Sort, r.Base, (int)r.Days, (int)r.NoticeDays, r.ToPoolId, JsonSerializer.Deserialize<ReleaseConditions>(r.Conditions) ?? new())),
    ];

    private sealed record Row(long Id, string Name, bool Enabled, DateOnly? EnabledOn, long Sort, string Base, long Days, long NoticeDays, long? ToPoolId, string Conditions, long Version);
}
