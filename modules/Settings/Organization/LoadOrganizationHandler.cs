using System.Text.Json;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Organization;

/// <summary>Tells the platform everything rights are computed from.</summary>
internal sealed class LoadOrganizationHandler(IDb db, IScope scope) : IQueryHandler<LoadOrganization, OrganizationData>
{
    private const string Why = "rights are computed from all of it";

    public async Task<OrganizationData> Handle(LoadOrganization query, CancellationToken ct)
    {
        var departments = await db.Query<DepartmentRow>($"select d.id, d.name, d.parent_id, d.manager_id, d.code from settings.department d where d.deleted_at is null and {scope.All("department", Why)} order by d.code, d.id", ct);
        var people = await db.Query<PersonRow>($"select p.id, p.name, p.login, p.home_id, p.superior_id, p.post_id, p.status, p.deleted_at from settings.person p where {scope.All("user", Why)} order by p.id", ct);
        var roles = await db.Query<RoleRow>($"select r.id, r.name from settings.role r where r.deleted_at is null and {scope.All("role", Why)} order by r.id", ct);
        var permissions = (await db.Query<PermissionRow>($"select role_id, permission from settings.role_permission", ct)).ToLookup(p => p.RoleId, p => p.Permission);
        var members = (await db.Query<MemberRow>($"select person_id, role_id from settings.person_role", ct)).ToLookup(m => m.PersonId, m => m.RoleId);
        var grants = (await db.Query<GrantRow>($"select holder_id, type, kind, departments from settings.scope_grant", ct))
            .ToLookup(g => g.HolderId, g => new ScopeGrant(g.Type, Enum.Parse<ScopeKind>(g.Kind), g.Departments is null ? [] : JsonSerializer.Deserialize<long[]>(g.Departments)!));
        var entries = (await db.Query<EntryRow>($"select role_id, dictionary, code from settings.role_entry", ct)).ToLookup(e => e.RoleId);
        return new(
            [.. departments.Select(d => new Department(d.Id, d.Name, d.ParentId, d.ManagerId, d.Code))],
            [.. people.Select(p => new Person(p.Id, p.Name, p.Login, p.HomeId, p.SuperiorId, p.PostId, p.Status == UserRecord.Active && p.DeletedAt is null, [.. members[p.Id]], [.. grants[p.Id]]) { Deleted = p.DeletedAt is not null })],
            [.. roles.Select(r => new RoleData(r.Id, r.Name, [.. permissions[r.Id]], [.. grants[r.Id]],
                entries[r.Id].GroupBy(e => e.Dictionary).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(e => e.Code)])))]);
    }

    private sealed record DepartmentRow(long Id, string Name, long? ParentId, long? ManagerId, string? Code);
    private sealed record PersonRow(long Id, string Name, string Login, long? HomeId, long? SuperiorId, long? PostId, string Status, DateTime? DeletedAt);
    private sealed record RoleRow(long Id, string Name);
    private sealed record PermissionRow(long RoleId, string Permission);
    private sealed record MemberRow(long PersonId, long RoleId);
    private sealed record GrantRow(long HolderId, string Type, string Kind, string? Departments);
    private sealed record EntryRow(long RoleId, string Dictionary, string Code);
}
