using System.Collections.Concurrent;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>The rows of one type a user sees: all, or those of these owners and departments, plus those opened through access rows.</summary>
/// <param name="Owners">Owner ids, the user's own among them where allowed.</param>
public sealed record RowScope(bool All, IReadOnlyList<long> Owners, IReadOnlyList<long> Departments);

/// <summary>Where a right comes from, for the page that explains it (SET-2, SEC-7).</summary>
public sealed record Source(string Kind, string Name);

/// <summary>What a user may do and see at this moment, worked out from roles and grants.</summary>
public sealed class EffectiveRights
{
    private readonly OrganizationSnapshot organization;
    private readonly Person person;
    private readonly HashSet<string> permissions;
    private readonly ConcurrentDictionary<string, RowScope> scopes = new();

    public EffectiveRights(OrganizationSnapshot organization, Person person)
    {
        (this.organization, this.person) = (organization, person);
        Roles = [.. person.RoleIds.Select(organization.Role).OfType<RoleData>()];
        permissions = person.Enabled ? [.. Roles.SelectMany(r => r.Permissions)] : [];
        Everything = permissions.Contains(Permissions.Everything);
    }

    public long PersonId => person.Id;
    public IReadOnlyList<RoleData> Roles { get; }
    public bool Everything { get; }

    public bool May(string permission) => person.Enabled && (Everything || permission == Permissions.SignedIn || permissions.Contains(permission));

    /// <summary>The grants that decide about a type, each with where it comes from: the type's own in a role or user, else that role's or user's general one.</summary>
    public IEnumerable<(ScopeGrant Grant, Source From)> Grants(string type)
    {
        foreach (var (grants, from) in Roles.Select(r => (r.Grants, new Source("角色", r.Name))).Append((person.Grants, new Source("用户", person.Name))))
            if ((grants.FirstOrDefault(g => g.Type == type) ?? grants.FirstOrDefault(g => g.Type == "*")) is { } grant)
                yield return (grant, from);
    }

    public RowScope Scope(string type) => scopes.GetOrAdd(type, Work);

    /// <summary>Codes of a dictionary the user may see and choose; null for all (SEC-8). A role that says nothing of it allows all.</summary>
    public IReadOnlySet<string>? Entries(string dictionary)
    {
        if (Everything || Roles.Count == 0 || Roles.Any(r => !r.Entries.ContainsKey(dictionary))) return null;
        return Roles.SelectMany(r => r.Entries[dictionary]).ToHashSet();
    }

    private RowScope Work(string type)
    {
        if (!person.Enabled) return new(false, [], []);
        if (Everything) return new(true, [], []);
        // Nothing set anywhere: one's own and the subordinates' (SEC-3).
        var grants = Grants(type).Select(g => g.Grant).ToList();
        if (grants.Count == 0) grants = [new(type, ScopeKind.OwnAndSubordinates, [])];
        if (grants.Any(g => g.Kind == ScopeKind.All)) return new(true, [], []);
        var owners = new HashSet<long>();
        var departments = new HashSet<long>();
        foreach (var grant in grants)
        {
            if (grant.Kind == ScopeKind.None) continue;
            owners.Add(person.Id);
            switch (grant.Kind)
            {
                case ScopeKind.OwnAndSubordinates:
                    owners.UnionWith(organization.Subordinates(person.Id));
                    break;
                case ScopeKind.Department when person.DepartmentId is { } own:
                    departments.Add(own);
                    break;
                case ScopeKind.DepartmentAndBelow when person.DepartmentId is { } own:
                    departments.UnionWith(organization.DepartmentAndBelow(own));
                    break;
                case ScopeKind.ChosenDepartments:
                    departments.UnionWith(grant.Departments);
                    break;
            }
        }
        // Owners whose department is in the scope add nothing: a short list keeps the statement fast. The user stays: rows may be kept from a former department.
        owners.RemoveWhere(o => o != person.Id && organization.Person(o)?.DepartmentId is { } d && departments.Contains(d));
        return new(false, [.. owners.Order()], [.. departments.Order()]);
    }
}

/// <summary>Keeps the worked-out rights of each user until the organization changes.</summary>
public sealed class RightsCache(Caches caches)
{
    private Known known = new(null);

    /// <summary>Null where there is no such user.</summary>
    public EffectiveRights? Of(long userId)
    {
        var organization = caches.Organization;
        // Both change at once: rights of a former organization never stand beside a new one.
        var mine = known;
        if (!ReferenceEquals(mine.Organization, organization)) known = mine = new(organization);
        return organization.Person(userId) is { } person ? mine.Rights.GetOrAdd(userId, _ => new EffectiveRights(organization, person)) : null;
    }

    private sealed class Known(OrganizationSnapshot? organization)
    {
        public OrganizationSnapshot? Organization => organization;
        public ConcurrentDictionary<long, EffectiveRights> Rights { get; } = new();
    }
}
