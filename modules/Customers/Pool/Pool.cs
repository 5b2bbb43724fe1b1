using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>A pool of open customers (公海): who sees them, which customers fall into it, its own limits (CUS-9).</summary>
internal sealed class PoolRecord : Document
{
    public string Name { get; set; } = "";
    /// <summary>Smaller is asked first whether a customer belongs here.</summary>
    public long? Sort { get; set; }
    /// <summary>All who may see open customers are its members.</summary>
    public bool Everyone { get; set; } = true;
    /// <summary>Whether a lock needs review here: <c>yes</c>, <c>no</c>, or null for what holds in general.</summary>
    public string? Review { get; set; }
    public long? DailyLocks { get; set; }
    public long? DailyViews { get; set; }
    public long? PauseDays { get; set; }
    public string? Remarks { get; set; }
    /// <summary>Ids of departments whose people's customers fall into it, by commas; null for any.</summary>
    public string? Departments { get; set; }
    /// <summary>Codes of regions (a province stands for its cities), by commas; null for any.</summary>
    public string? Regions { get; set; }
    /// <summary>Codes of customer types, by commas; null for any.</summary>
    public string? Types { get; set; }
}

internal sealed class PoolDocument : IDocument<PoolRecord>
{
    public void Declare(DocumentBuilder<PoolRecord> d)
    {
        d.Named("pool", "pools", "公海", "customers.pool", "GH").Title(x => x.Name);
        d.Text(x => x.Name, "公海名称", 40).Required().Listed(180);
        d.Number(x => x.Sort, "顺序").Range(0, 9999).Listed(80).Help("客户解锁时按顺序匹配，小的在前");
        d.Flag(x => x.Everyone, "全员可见").Listed(90).Help("不勾选时，只有成员和管理员看得到其中的客户");
        d.OneOf(x => x.Review, "锁定是否审核", new("yes", "需要审核", "Review"), new("no", "不需审核", "No review")).Listed(110).Help("不选则按客户规则");
        d.Number(x => x.DailyLocks, "每人每天锁定").Range(0, 100_000).Listed(110).Help("不填则不另设限制");
        d.Number(x => x.DailyViews, "每人每天查看联系方式").Range(0, 100_000).Listed(150).Help("不填则不另设限制");
        d.Number(x => x.PauseDays, "原负责人再次锁定间隔天数").Range(0, 3650).Help("不填则按客户规则");
        d.LongText(x => x.Remarks, "备注", 200);
        d.Text(x => x.Departments, "匹配部门", 2000).Hidden();
        d.Text(x => x.Regions, "匹配地区", 2000).Hidden();
        d.Text(x => x.Types, "匹配客户类型", 1000).Hidden();
        d.With(x => (x.Owned, x.Searchable, x.Icon) = (false, false, "water"));
    }
}

/// <summary>A pool is never taken from under its customers, and one is always there.</summary>
internal sealed class PoolRules(IDb db, IScope scope) : IDocumentRule<PoolRecord>
{
    public async Task Before(IReadOnlyList<Change<PoolRecord>> changes, CancellationToken ct)
    {
        var gone = changes.Where(c => c.Kind == ChangeKind.Delete).ToList();
        if (gone.Count == 0) return;
        var left = await db.First<long>($"select count(*) from customers.pool p where p.deleted_at is null and not ({db.Dialect.In(Sql.Trusted("p.id"), [.. gone.Select(c => c.Now.Id)])}) and {scope.All("pool", "one must be left")}", ct);
        foreach (var c in gone)
            if (left == 0) c.Refuse("", "至少要保留一个公海，解锁的客户才有去处。");
            else if (await db.First<long>($"select count(*) from customers.customer k where k.pool_id = {c.Now.Id} and k.owner_id is null and k.deleted_at is null and {scope.All("customer", "whatever lies in it holds it")}", ct) is > 0 and var n)
                c.Refuse("", $"公海“{c.Now.Name}”里还有 {n} 个客户，请先分配或移到其他公海。");
    }

    /// <summary>A member that names nobody stands for everyone, so that lists ask one table only.</summary>
    public async Task After(IReadOnlyList<Change<PoolRecord>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Create || c.Kind == ChangeKind.Update && c.Before!.Everyone != c.Now.Everyone))
        {
            await db.Execute($"delete from customers.pool_member where pool_id = {c.Now.Id} and user_id is null and department_id is null", ct);
            if (c.Now.Everyone) await db.Insert("customers.pool_member", ["pool_id", "user_id", "department_id", "manager"], [[c.Now.Id, null, null, false]], ct);
        }
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge)) await db.Execute($"delete from customers.pool_member where pool_id = {c.Now.Id}", ct);
    }
}
