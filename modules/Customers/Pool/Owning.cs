using KuaipuCrm.Customers.Pool.Release;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Customers.Pool;

/// <summary>What the module brings for owning customers: pools, locks, quotas, releases (CUS-9 to CUS-13, CUS-16, CUS-21, SET-8).</summary>
internal static class Owning
{
    public const string ReadRules = "customers.rules.read", ManageRules = "customers.rules.manage";

    public static void Define(ModuleDefinition module)
    {
        module.Permissions[RevealContact.Permission] = "开放的客户：查看";
        module.Permissions[RequestLock.Permission] = "客户：申请锁定";
        module.Permissions[ReviewLock.Permission] = "客户：锁定审核";
        module.Permissions[ReleaseCustomers.Permission] = "客户：取消锁定";
        module.Permissions[ProtectCustomers.Permission] = "客户：保护";
        module.Permissions[ReadRules] = "客户规则：查看";
        module.Permissions[ManageRules] = "客户规则：修改";
        module.Services.AddScoped<OwnerAct>().AddScoped<LockRulesInForce>().AddScoped<LockQuota>().AddScoped<Pools>().AddScoped<LockDesk>().AddScoped<LockReviewers>().AddScoped<CustomerContacts>()
            .AddScoped<ReleaseRulesInForce>().AddScoped<DueCustomers>().AddScoped<ReleaseIdleCustomers>();
        module.Openings.Add(new RowOpening("customer", "open", RevealContact.Permission, alias => $"{Sql.Trusted(alias)}.owner_id is null", Pools.Seen));
        module.Jobs.Add(new RecurringJob("release", "自动解锁：提醒负责人，解锁到期的客户", typeof(ReleaseIdleCustomers), "30 2 * * *"));
        module.Components.Add(new ComponentTab("customer", "ownership", "归属", typeof(Pages.OwnershipTab), "customers.customers.read", 30) { WhenOpened = true });
        module.Components.Add(new ComponentTab("pool", "setting", "成员与匹配规则", typeof(Pages.PoolTab), "customers.pools.read", 10));
        module.Menu.Add(new("开放的客户", "/customers/customers?view=open", RevealContact.Permission, "lock-open", 20));
        module.Menu.Add(new("我的锁定申请", "/customers/lock-requests", RequestLock.Permission, "hourglass-half", 30));
        module.Menu.Add(new("锁定审核", "/customers/lock-review", ReviewLock.Permission, "stamp", 31));
        module.Menu.Add(new("即将解锁", "/customers/upcoming-releases", "customers.customers.read", "bell", 40));
        module.Menu.Add(new("解锁日志", "/customers/release-log", "customers.customers.read", "clock-rotate-left", 41));
        module.Menu.Add(new("客户规则", "/customers/rules", ReadRules, "scale-balanced", 33, "基础数据") { Module = "settings" });
        module.Cards.Add(new DesktopCard("owning", "客户归属", typeof(Desktop.OwningCard), "customers.customers.read", 12));
    }
}

/// <summary>One pool for all from the start: what is released has somewhere to go.</summary>
internal sealed class PoolDefaults(IDb db, IScope scope, IDocuments<PoolRecord> pools) : ISeed
{
    public int Order => 45;

    public async Task Defaults(CancellationToken ct)
    {
        // Not by the migration: a database that only has its schema is an empty one, into which a backup can be restored.
        var there = (await db.Query<long>($"select slot from customers.lock_slot", ct)).ToHashSet();
        await db.Insert("customers.lock_slot", ["slot", "stamp"], Enumerable.Range(0, LockQuota.Slots).Where(i => !there.Contains(i)).Select(i => new object?[] { (long)i, 0L }), ct);
        if (await db.First<long>($"select count(*) from customers.pool p where {scope.All("pool", "is there any yet")}", ct) > 0) return;
        var pool = new PoolRecord { Name = "公共客户池", Sort = 100, Everyone = true };
        await pools.Create(pool, ct: ct);
        await db.Execute($"update customers.customer set pool_id = {pool.Id} where owner_id is null and pool_id is null and {scope.All("customer", "open ones of former times")}", ct);
    }
}
