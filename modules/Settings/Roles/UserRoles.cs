using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Roles;

/// <summary>A user's roles and own data scopes.</summary>
public sealed record UserRights(IReadOnlyList<long> RoleIds, IReadOnlyList<ScopeGrant> Grants, string Mark);

/// <summary>A user's roles and own data scopes.</summary>
[Action("用户的角色", "settings.users.read", Route = "users/{userId}/roles", Help = "用户拥有的角色，以及用户自己的数据权限。")]
public sealed record GetUserRoles(long UserId) : IQuery<UserRights>;

internal sealed class GetUserRolesHandler(IOrganization organization) : IQueryHandler<GetUserRoles, UserRights>
{
    public Task<UserRights> Handle(GetUserRoles query, CancellationToken ct) =>
        Task.FromResult(organization.Person(query.UserId) is { } p ? new UserRights(p.RoleIds, p.Grants, Marks.Of(p)) : throw new NotFound("用户"));
}

/// <summary>Gives a user roles and own data scopes (SET-2, SET-3). Ends the user's sessions: rights changed (SEC-5).</summary>
[Action("设置用户角色", SettingsModule.ManageUserRoles, Route = "users/{userId}/roles", Help = "设置用户的角色与数据权限；不能给出自己没有的权限。",
    Example = "{\"roleIds\":[1024],\"grants\":[]}")]
public sealed record SetUserRoles(long UserId, IReadOnlyList<long> RoleIds, IReadOnlyList<ScopeGrant>? Grants, string? Mark = null) : ICommand<Done>;

internal sealed class SetUserRolesHandler(IDb db, IOrganization organization, ICatalog catalog, IAccounts accounts, IChanged changed, ICurrentUser me, IHistory history, IQueryHandler<LoadOrganization, OrganizationData> standing) : ICommandHandler<SetUserRoles, Done>
{
    public async Task<Done> Handle(SetUserRoles command, CancellationToken ct)
    {
        if (command.Grants is { } given) Grants.MustBeWhole(given);
        // Whoever else changes rights waits from here on; what is compared is what stands then, not what is remembered.
        changed.Mark(Cached.Organization);
        var person = (await standing.Handle(new LoadOrganization(), ct)).People.FirstOrDefault(p => p.Id == command.UserId) ?? throw new NotFound("用户");
        if (command.Mark is { } seen && seen != Marks.Of(person)) throw new RuleBroken("该用户的角色刚被他人修改。请刷新页面，核对之后再保存。");
        var roles = command.RoleIds.Distinct().Select(id => organization.Roles.FirstOrDefault(r => r.Id == id) ?? throw new Invalid("roleIds", "角色不存在。")).ToList();
        foreach (var role in roles.Where(r => !person.RoleIds.Contains(r.Id)))
        {
            if (role.Permissions.FirstOrDefault(p => !me.May(p)) is { } more)
                throw new RuleBroken($"角色“{role.Name}”含有您自己没有的权限“{(more == Permissions.Everything ? "全部权限" : catalog.Permissions.GetValueOrDefault(more, more))}”，不能授予。");
            Grants.MustBeOnes(organization, catalog, me, [], role.Grants, role.Name);
        }
        if (command.Grants is { } wanted) Grants.MustBeOnes(organization, catalog, me, person.Grants, wanted);
        var everything = organization.Roles.Where(r => r.Permissions.Contains(Permissions.Everything)).Select(r => r.Id).ToHashSet();
        if (person.RoleIds.Any(everything.Contains) && !roles.Any(r => everything.Contains(r.Id)) && !organization.People.Any(p => p.Id != person.Id && p.Enabled && p.RoleIds.Any(everything.Contains)))
            throw new RuleBroken("至少要保留一个拥有全部权限的用户，否则将无人能管理系统。");
        await db.Execute($"delete from settings.person_role where person_id = {person.Id}", ct);
        await db.Insert("settings.person_role", ["person_id", "role_id"], roles.Select(r => new object?[] { person.Id, r.Id }), ct);
        if (command.Grants is { } grants) await Grants.Write(db, person.Id, grants, ct);
        string? Names(IEnumerable<long> ids) => string.Join("，", ids.Select(id => organization.Roles.FirstOrDefault(r => r.Id == id)?.Name).Order()) is { Length: > 0 } text ? text : null;
        await history.Write(person.Id, "rights", [("角色", Names(person.RoleIds), Names(command.RoleIds)), ("个人数据权限", Grants.Text(person.Grants, organization, catalog), Grants.Text(command.Grants ?? person.Grants, organization, catalog))], ct);
        if (person.Id != me.Id) await accounts.EndSessions(person.Id, ct);
        return default;
    }
}
