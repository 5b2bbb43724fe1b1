using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Roles;

/// <summary>Who holds a role.</summary>
[Action("角色成员", "settings.roles.read", Route = "roles/{roleId}/members", Help = "拥有该角色的用户。")]
public sealed record GetRoleMembers(long RoleId) : IQuery<IReadOnlyList<RoleMember>>;

public sealed record RoleMember(long UserId, string Name, string Login, string? Department, bool Enabled, IReadOnlyList<string> OtherRoles);

internal sealed class GetRoleMembersHandler(IOrganization organization) : IQueryHandler<GetRoleMembers, IReadOnlyList<RoleMember>>
{
    public Task<IReadOnlyList<RoleMember>> Handle(GetRoleMembers query, CancellationToken ct)
    {
        if (organization.Roles.All(r => r.Id != query.RoleId)) throw new NotFound("角色");
        var names = organization.Roles.ToDictionary(r => r.Id, r => r.Name);
        return Task.FromResult<IReadOnlyList<RoleMember>>(
        [
            .. organization.People.Where(p => p.RoleIds.Contains(query.RoleId)).OrderByDescending(p => p.Enabled).ThenBy(p => p.Id)
                .Select(p => new RoleMember(p.Id, p.Name, p.Login, p.DepartmentId is { } d ? organization.Department(d)?.Name : null, p.Enabled,
                    [.. p.RoleIds.Where(id => id != query.RoleId).Select(id => names.GetValueOrDefault(id)).OfType<string>()])),
        ]);
    }
}
