using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Organization;

/// <summary>A job title people hold (SET-1).</summary>
internal sealed class PostRecord : Document
{
    public string Name { get; set; } = "";
    public string? Code { get; set; }
    public string? Remarks { get; set; }
}

internal sealed class PostDocument : IDocument<PostRecord>
{
    public void Declare(DocumentBuilder<PostRecord> d)
    {
        d.Named("post", "posts", "岗位", "settings.post", "GW").Title(x => x.Name);
        d.Text(x => x.Name, "岗位名称", 60).Required().Listed(180);
        d.Text(x => x.Code, "岗位代码", 30).Listed(100);
        d.LongText(x => x.Remarks, "备注").Listed(240);
        d.With(x => (x.Owned, x.Searchable, x.Importable, x.Icon, x.MenuGroup, x.MenuOrder) = (false, false, true, "id-badge", SettingsModule.People, 12));
    }
}

internal sealed class PostRules(IOrganization organization, IChanged changed) : IDocumentRule<PostRecord>
{
    public Task Before(IReadOnlyList<Change<PostRecord>> changes, CancellationToken ct)
    {
        foreach (var change in changes.Where(c => c.Kind == ChangeKind.Delete))
            if (organization.People.Where(p => p.PostId == change.Now.Id).OrderBy(p => p.Deleted).Take(3).ToList() is { Count: > 0 } people)
                change.Refuse("", people[0].Deleted ? $"岗位“{change.Now.Name}”还有回收站中的人员（{string.Join("、", people.Select(p => p.Name))} 等），请先彻底删除或恢复他们。" : $"岗位“{change.Now.Name}”还有人员（{string.Join("、", people.Select(p => p.Name))} 等），不能删除。");
        return Task.CompletedTask;
    }

    public Task After(IReadOnlyList<Change<PostRecord>> changes, CancellationToken ct)
    {
        changed.Mark(Cached.Organization);
        return Task.CompletedTask;
    }
}
