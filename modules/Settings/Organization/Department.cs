using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Organization;

/// <summary>A department in the tree (SET-1).</summary>
internal sealed class DepartmentRecord : Document
{
    public string Name { get; set; } = "";
    public string? Code { get; set; }
    public long? ParentId { get; set; }
    public long? ManagerId { get; set; }
    public bool Branch { get; set; }
    public string? Remarks { get; set; }
}

internal sealed class DepartmentDocument : IDocument<DepartmentRecord>
{
    public void Declare(DocumentBuilder<DepartmentRecord> d)
    {
        d.Named("department", "departments", "部门", "settings.department", "BM").Title(x => x.Name);
        d.Text(x => x.Name, "部门名称", 60).Required().Listed(180);
        d.Text(x => x.Code, "部门代码", 30).Listed(100);
        d.Reference(x => x.ParentId, "上级部门", "department").Listed(160);
        d.Reference(x => x.ManagerId, "部门经理", "user").Listed(100);
        d.Flag(x => x.Branch, "分支机构").Listed(90);
        d.LongText(x => x.Remarks, "备注");
        d.With(x => (x.Owned, x.Searchable, x.Importable, x.Icon, x.MenuGroup, x.MenuOrder) = (false, false, true, "building-user", SettingsModule.People, 11));
    }
}

/// <summary>The tree stays a tree; departments in use stay.</summary>
internal sealed class DepartmentRules(IOrganization organization, IChanged changed) : IDocumentRule<DepartmentRecord>
{
    public Task Before(IReadOnlyList<Change<DepartmentRecord>> changes, CancellationToken ct)
    {
        var parents = changes.Where(c => c.Kind is ChangeKind.Update or ChangeKind.Restore).ToDictionary(c => c.Now.Id, c => c.Now.ParentId);
        foreach (var change in changes)
        {
            var d = change.Now;
            if (change.Kind is ChangeKind.Update or ChangeKind.Restore && IsAbove(d.Id, d.ParentId, parents))
            {
                change.Refuse("parentId", "上级部门不能是本部门或其下级部门。");
                parents.Remove(d.Id);
            }
            if (change.Kind is ChangeKind.Create or ChangeKind.Update && organization.Departments.Any(o => o.Id != d.Id && o.ParentId == d.ParentId && o.Name == d.Name))
                change.Refuse("name", $"同一上级下已有名为“{d.Name}”的部门。");
            if (change.Kind != ChangeKind.Delete) continue;
            if (organization.Departments.Where(o => o.ParentId == d.Id).Select(o => o.Name).Take(3).ToList() is { Count: > 0 } below)
                change.Refuse("", $"部门“{d.Name}”还有下级部门（{string.Join("、", below)}），不能删除。");
            else if (organization.People.Where(p => p.DepartmentId == d.Id).OrderBy(p => p.Deleted).Take(3).ToList() is { Count: > 0 } people)
                change.Refuse("", people[0].Deleted ? $"部门“{d.Name}”还有回收站中的人员（{string.Join("、", people.Select(p => p.Name))} 等），请先彻底删除或恢复他们。" : $"部门“{d.Name}”还有人员（{string.Join("、", people.Select(p => p.Name))} 等），不能删除。");
        }
        return Task.CompletedTask;
    }

    /// <summary>Whether the way up from this parent leads to the department, as the whole change would have it: a ring would hang in the air.</summary>
    private bool IsAbove(long department, long? parent, Dictionary<long, long?> named)
    {
        var seen = new HashSet<long>();
        for (var at = parent; at is { } id && seen.Add(id); at = named.TryGetValue(id, out var next) ? next : organization.Department(id)?.ParentId)
            if (id == department) return true;
        return false;
    }

    public Task After(IReadOnlyList<Change<DepartmentRecord>> changes, CancellationToken ct)
    {
        changed.Mark(Cached.Organization);
        return Task.CompletedTask;
    }
}
