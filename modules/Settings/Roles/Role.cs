using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Roles;

/// <summary>A bundle of permissions and data scopes (SET-2).</summary>
internal sealed class RoleRecord : Document
{
    public string Name { get; set; } = "";
    public string? Remarks { get; set; }
}

internal sealed class RoleDocument : IDocument<RoleRecord>
{
    public void Declare(DocumentBuilder<RoleRecord> d)
    {
        d.Named("role", "roles", "角色", "settings.role", "JS").Title(x => x.Name);
        d.Text(x => x.Name, "角色名称", 60).Required().Listed(180);
        d.LongText(x => x.Remarks, "说明").Listed(320);
        d.With(x => (x.Owned, x.Searchable, x.Icon, x.MenuGroup, x.MenuOrder) = (false, false, "user-shield", SettingsModule.People, 14));
    }
}

internal sealed class RoleRules(IOrganization organization, IChanged changed) : IDocumentRule<RoleRecord>
{
    public Task Before(IReadOnlyList<Change<RoleRecord>> changes, CancellationToken ct)
    {
        foreach (var change in changes)
        {
            if (organization.Roles.Any(r => r.Id != change.Now.Id && r.Name == change.Now.Name) && change.Kind is ChangeKind.Create or ChangeKind.Update)
                change.Refuse("name", $"已有名为“{change.Now.Name}”的角色。");
            if (change.Kind == ChangeKind.Delete && organization.People.Where(p => p.RoleIds.Contains(change.Now.Id)).OrderBy(p => p.Deleted).Take(3).ToList() is { Count: > 0 } people)
                change.Refuse("", people[0].Deleted ? $"角色“{change.Now.Name}”还有回收站中的用户（{string.Join("、", people.Select(p => p.Name))} 等），请先彻底删除或恢复他们。" : $"角色“{change.Now.Name}”还有用户（{string.Join("、", people.Select(p => p.Name))} 等），不能删除。");
        }
        return Task.CompletedTask;
    }

    public Task After(IReadOnlyList<Change<RoleRecord>> changes, CancellationToken ct)
    {
        changed.Mark(Cached.Organization);
        return Task.CompletedTask;
    }
}
