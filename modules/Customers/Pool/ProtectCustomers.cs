using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Keeps customers from being released by rule until a day (保护, CUS-21); a number of its own limits how many.</summary>
[Action("保护", Permission, Route = "customers/protect", On = "customer", OnMany = "customer", Where = typeof(WhereMine), Icon = "shield-halved",
    Help = "保护自己的客户，到期前不会自动解锁；数量另有上限。", Example = "{\"ids\":[1024],\"until\":\"2099-12-31\",\"reason\":\"正在招标\"}")]
public sealed record ProtectCustomers(IReadOnlyList<long> Ids, [Label("保护至"), Required] DateOnly Until, [Label("保护理由"), Required, MaxLength(200)] string Reason) : ICommand<BatchResult>
{
    public const string Permission = "customers.lock.protect";
}

/// <summary>Ends the protection of one's own customers.</summary>
[Action("取消保护", ProtectCustomers.Permission, Route = "customers/unprotect", OnMany = "customer", On = "customer", Where = typeof(WhereProtected), Icon = "shield", Confirm = "取消保护后，客户可能按规则自动解锁。",
    Help = "取消保护自己的客户。", Example = "{\"ids\":[1024]}")]
public sealed record UnprotectCustomers(IReadOnlyList<long> Ids) : ICommand<BatchResult>;

/// <summary>Where a protection can be ended.</summary>
internal sealed class WhereProtected : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("ownerId") as long? == userId && values.GetValueOrDefault("protectedUntil") is not null;
    public bool InList(string? view) => view == "protected";
}

internal sealed class ProtectHandlers(IDb db, ICurrentUser me, IDocuments<Customer> customers, IOperations operations, LockQuota quota) : ICommandHandler<ProtectCustomers, BatchResult>, ICommandHandler<UnprotectCustomers, BatchResult>
{
    private const string Why = "the user's own customers, as the condition says";

    public async Task<BatchResult> Handle(ProtectCustomers command, CancellationToken ct)
    {
        var wanted = ManyCustomers.Checked(command.Ids);
        var today = quota.Today;
        if (command.Until < today) throw new Invalid("until", "保护的截止日期不能早于今天。");
        if (command.Until > today.AddYears(100)) throw new Invalid("until", "保护的截止日期过远。");
        await quota.Hold([me.Id], ct);
        var limit = (await quota.Of(me.Id, ct)).Protected;
        var room = limit is { } most ? most - await quota.Protected(me.Id, ct) : long.MaxValue;
        return await Change("protect", $"保护客户 {wanted.Count} 个至 {command.Until:yyyy-MM-dd}", wanted, c =>
        {
            var counted = c.Before!.ProtectedUntil >= today;
            if (!counted && room <= 0) c.Refuse("", $"保护的客户已达上限 {limit} 个。");
            if (!counted) room--;
            (c.Now.ProtectedUntil, c.Now.ProtectReason) = (command.Until, command.Reason.Trim());
        }, ct);
    }

    public Task<BatchResult> Handle(UnprotectCustomers command, CancellationToken ct)
    {
        var wanted = ManyCustomers.Checked(command.Ids);
        return Change("protect", $"取消保护客户 {wanted.Count} 个", wanted, c => (c.Now.ProtectedUntil, c.Now.ProtectReason) = (null, null), ct);
    }

    private async Task<BatchResult> Change(string kind, string label, IReadOnlyList<long> wanted, Action<Change<Customer>> change, CancellationToken ct)
    {
        var operation = await operations.Begin(kind, label, "customer", wanted.Count, ct);
        IReadOnlyList<Change<Customer>> changes;
        using (operations.Within(operation)) changes = await customers.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), wanted)} and t.owner_id = {me.Id}", Why, change, ct);
        return await ManyCustomers.End(operations, operation, wanted, changes, "客户不存在，或不是您的客户。", ct);
    }
}
