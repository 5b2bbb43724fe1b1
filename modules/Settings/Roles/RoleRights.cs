using System.Text.Json;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Roles;

/// <summary>Everything a role allows.</summary>
/// <param name="Mark">Stands for what was read; sent back with a change, it tells whether someone else has changed the rights meanwhile.</param>
public sealed record RoleRights(IReadOnlyList<string> Permissions, IReadOnlyList<ScopeGrant> Grants, IReadOnlyDictionary<string, IReadOnlyList<string>> Entries, string Mark);

/// <summary>What a role allows.</summary>
[Action("角色权限", "settings.roles.read", Route = "roles/{roleId}/rights", Help = "角色的功能权限、数据权限和可用的字典项。")]
public sealed record GetRoleRights(long RoleId) : IQuery<RoleRights>;

internal sealed class GetRoleRightsHandler(IOrganization organization) : IQueryHandler<GetRoleRights, RoleRights>
{
    public Task<RoleRights> Handle(GetRoleRights query, CancellationToken ct) => Task.FromResult(
        organization.Roles.FirstOrDefault(r => r.Id == query.RoleId) is { } r ? new RoleRights(r.Permissions, r.Grants, r.Entries, Marks.Of(r)) : throw new NotFound("角色"));
}

/// <summary>Sets what a role allows (SET-2, SET-3, SEC-8); felt by everyone who holds it at the next click.</summary>
/// <param name="Entries">Dictionary → codes its holders may see and choose; dictionaries not named are not limited.</param>
[Action("设置角色权限", "settings.roles.update", Route = "roles/{roleId}/rights", Help = "设置角色的功能权限、数据权限和可用的字典项；不能给出自己没有的权限。",
    Example = "{\"permissions\":[\"customers.customers.read\"],\"grants\":[{\"type\":\"*\",\"kind\":\"Own\",\"departments\":[]}],\"entries\":{\"customer.level\":[\"A\",\"B\"]}}")]
public sealed record SetRoleRights(long RoleId, IReadOnlyList<string> Permissions, IReadOnlyList<ScopeGrant> Grants, IReadOnlyDictionary<string, IReadOnlyList<string>>? Entries, string? Mark = null) : ICommand<Done>;

internal sealed class SetRoleRightsHandler(IDb db, IOrganization organization, IDictionaries dictionaries, ICatalog catalog, IChanged changed, ICurrentUser me, IHistory history, IQueryHandler<LoadOrganization, OrganizationData> standing) : ICommandHandler<SetRoleRights, Done>
{
    public async Task<Done> Handle(SetRoleRights command, CancellationToken ct)
    {
        Grants.MustBeWhole(command.Grants);
        if (command.Permissions.Any(p => p is null) || command.Entries?.Any(e => e.Value is null || e.Value.Any(c => c is null)) == true) throw new Invalid("permissions", "权限列表含有空项。");
        // Whoever else changes rights waits from here on; what is compared is what stands then, not what is remembered.
        changed.Mark(Cached.Organization);
        var role = (await standing.Handle(new LoadOrganization(), ct)).Roles.FirstOrDefault(r => r.Id == command.RoleId) ?? throw new NotFound("角色");
        if (command.Mark is { } seen && seen != Marks.Of(role)) throw new RuleBroken("该角色的权限刚被他人修改。请刷新页面，核对之后再保存。");
        // Nobody hands out what is not theirs; otherwise "may edit roles" would be "may do everything".
        if (command.Permissions.Except(role.Permissions).FirstOrDefault(p => !me.May(p)) is { } more)
            throw new RuleBroken(more == Permissions.Everything ? "只有拥有全部权限的管理员，才能授予“全部权限”。" : $"不能授予您自己没有的权限“{catalog.Permissions.GetValueOrDefault(more, more)}”。");
        if (command.Permissions.Except(role.Permissions).FirstOrDefault(p => p != Permissions.Everything && !catalog.Permissions.ContainsKey(p)) is { } unknown)
            throw new Invalid("permissions", $"没有名为“{(unknown.Length > 60 ? unknown[..60] : unknown)}”的权限。");
        Grants.MustBeOnes(organization, catalog, me, role.Grants, command.Grants);
        EntriesMustBeOnes(role, command);
        if (role.Permissions.Contains(Permissions.Everything) && !command.Permissions.Contains(Permissions.Everything)
            && !organization.People.Any(p => p.Enabled && p.RoleIds.Any(id => id != role.Id && organization.Roles.Any(r => r.Id == id && r.Permissions.Contains(Permissions.Everything)))))
            throw new RuleBroken("至少要保留一个拥有全部权限的角色和用户，否则将无人能管理系统。");
        await db.Execute($"delete from settings.role_permission where role_id = {role.Id}", ct);
        await db.Insert("settings.role_permission", ["role_id", "permission"], command.Permissions.Distinct().Where(p => p.Length is > 0 and <= 100).Select(p => new object?[] { role.Id, p }), ct);
        await Grants.Write(db, role.Id, command.Grants, ct);
        await db.Execute($"delete from settings.role_entry where role_id = {role.Id}", ct);
        await db.Insert("settings.role_entry", ["role_id", "dictionary", "code"],
            (command.Entries ?? new Dictionary<string, IReadOnlyList<string>>()).SelectMany(e => e.Value.Distinct().Select(code => new object?[] { role.Id, e.Key, code })), ct);
        string? Labels(IEnumerable<string> permissions) => string.Join("，", permissions.Select(p => p == Permissions.Everything ? "全部权限" : catalog.Permissions.GetValueOrDefault(p, p))) is { Length: > 0 } text ? text : null;
        await history.Write(role.Id, "rights",
        [
            ("授予权限", null, Labels(command.Permissions.Except(role.Permissions))),
            ("收回权限", Labels(role.Permissions.Except(command.Permissions)), null),
            ("数据权限", Grants.Text(role.Grants, organization, catalog), Grants.Text(command.Grants, organization, catalog)),
            ("基础数据权限", EntriesText(role.Entries), EntriesText(command.Entries)),
        ], ct);
        return default;
    }

    private string? EntriesText(IReadOnlyDictionary<string, IReadOnlyList<string>>? entries) =>
        string.Join("；", (entries ?? new Dictionary<string, IReadOnlyList<string>>()).OrderBy(e => e.Key, StringComparer.Ordinal)
            .Select(e => $"{dictionaries.Find(e.Key)?.Label}限 {string.Join("、", e.Value.Order(StringComparer.Ordinal).Select(c => dictionaries.Label(e.Key, c)))}")) is { Length: > 0 } text ? text : null;

    /// <summary>A limit of one's own can't be lifted by giving a role more.</summary>
    private void EntriesMustBeOnes(RoleData role, SetRoleRights command)
    {
        foreach (var dictionary in dictionaries.All)
        {
            var (before, now) = (role.Entries.GetValueOrDefault(dictionary.Id), command.Entries?.GetValueOrDefault(dictionary.Id));
            if (me.EntriesOf(dictionary.Id) is { } mine && (now is null ? before is not null : now.Except(before ?? []).Any(c => !mine.Contains(c))))
                throw new RuleBroken($"您自己只能使用部分“{dictionary.Label}”，不能授予更多的基础数据权限。");
            if (now?.FirstOrDefault(c => dictionary.Entries.All(e => e.Code != c)) is { } code) throw new Invalid("entries", $"“{dictionary.Label}”没有代码为“{(code.Length > 40 ? code[..40] : code)}”的字典项。");
        }
        if (command.Entries?.Keys.FirstOrDefault(k => dictionaries.Find(k) is null) is { } none) throw new Invalid("entries", $"没有名为“{(none.Length > 40 ? none[..40] : none)}”的字典。");
    }
}

/// <summary>The data scopes of a role or a person.</summary>
internal static class Grants
{
    public static async Task Write(IDb db, long holder, IReadOnlyList<ScopeGrant> grants, CancellationToken ct)
    {
        if (grants.FirstOrDefault(g => g.Kind == ScopeKind.ChosenDepartments && g.Departments.Count == 0) is not null) throw new Invalid("grants", "“指定部门”的数据权限须至少选择一个部门。");
        await db.Execute($"delete from settings.scope_grant where holder_id = {holder}", ct);
        await db.Insert("settings.scope_grant", ["holder_id", "type", "kind", "departments"],
            grants.DistinctBy(g => g.Type).Select(g => new object?[] { holder, g.Type, g.Kind.ToString(), g.Departments.Count == 0 ? null : JsonSerializer.Serialize(g.Departments) }), ct);
    }

    /// <summary>What came in from outside names a type, a known kind and departments.</summary>
    public static void MustBeWhole(IReadOnlyList<ScopeGrant> grants)
    {
        if (grants.Any(g => g?.Type is null || g.Departments is null || !Enum.IsDefined(g.Kind))) throw new Invalid("grants", "数据权限不正确，请检查单据类型、范围和部门。");
    }

    /// <summary>Nobody opens more rows to others than they see themselves: all rows, or departments at will, is given by those who see all.</summary>
    public static void MustBeOnes(IOrganization organization, ICatalog catalog, ICurrentUser me, IReadOnlyList<ScopeGrant> before, IReadOnlyList<ScopeGrant> now, string? role = null)
    {
        if (now.FirstOrDefault(g => g.Type != "*" && catalog.FindDocument(g.Type) is null) is { } unknown) throw new Invalid("grants", $"没有名为“{(unknown.Type.Length > 40 ? unknown.Type[..40] : unknown.Type)}”的单据类型。");
        if (now.SelectMany(g => g.Departments).Any(d => organization.Department(d) is null)) throw new Invalid("grants", "指定的部门不存在，可能刚被删除，请重新选择。");
        if (me.May(Permissions.Everything)) return;
        var mine = organization.Person(me.Id) is { } p ? p.RoleIds.Select(id => organization.Roles.FirstOrDefault(r => r.Id == id)?.Grants ?? []).Append(p.Grants).ToList() : [];
        foreach (var grant in now.Where(g => g.Kind is ScopeKind.All or ScopeKind.ChosenDepartments && !before.Any(b => b.Type == g.Type && b.Kind == g.Kind && b.Departments.Order().SequenceEqual(g.Departments.Order()))))
            if (!mine.Any(g => (g.FirstOrDefault(x => x.Type == grant.Type) ?? g.FirstOrDefault(x => x.Type == "*"))?.Kind == ScopeKind.All))
                throw new RuleBroken($"您自己的数据权限不是“全部”，不能授予{(role is null ? (Phrase)"" : (Phrase)$"角色“{role}”，它含有")}“{ScopeWords.Of(grant.Kind)}”的数据权限（{(grant.Type == "*" ? "默认范围" : catalog.FindDocument(grant.Type)!.Label)}）。");
    }

    /// <summary>As people read them in the history.</summary>
    public static string? Text(IReadOnlyList<ScopeGrant> grants, IOrganization organization, ICatalog catalog) =>
        string.Join("，", grants.OrderBy(g => g.Type, StringComparer.Ordinal).Select(g => $"{(g.Type == "*" ? "默认" : catalog.FindDocument(g.Type)?.Label ?? g.Type)}：{ScopeWords.Of(g, organization)}")) is { Length: > 0 } text ? text : null;
}
