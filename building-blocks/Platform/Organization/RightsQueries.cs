using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Explains a user's rights: what, and from which role or grant (SET-2, SEC-7).</summary>
internal sealed class RightsQueries(RightsCache rights, Caches caches, ModuleCatalog catalog, IStanding standing, Caller me) : IQueryHandler<ExplainRights, RightsExplained>
{
    public Task<RightsExplained> Handle(ExplainRights query, CancellationToken ct)
    {
        var organization = caches.Organization;
        var person = organization.Person(query.UserId) ?? throw new NotFound("用户");
        var r = rights.Of(person.Id)!;
        var held = catalog.Permissions.Where(p => r.May(p.Key))
            .Select(p => new PermissionHeld(p.Key, p.Value, [.. r.Roles.Where(x => x.Permissions.Contains(p.Key) || x.Permissions.Contains(Permissions.Everything)).Select(x => x.Id)])).ToList();
        return Task.FromResult(new RightsExplained(
            person.Id, person.Name, person.Login, person.DepartmentId is { } d ? organization.Department(d)?.Name : null, Superior(organization, person), person.Enabled, r.Everything,
            [.. r.Roles.Select(x => new RoleHeld(x.Id, x.Name, x.Permissions.Contains(Permissions.Everything)))], held,
            [.. catalog.Modules.SelectMany(m => m.Documents).Where(x => x.Owned).Select(x => Scope(organization, person, r, x))], Entries(r), SeeAsRules.Refusal(standing, me, person) is { } refusal ? Retell(refusal) : null));
    }

    private static string? Superior(OrganizationSnapshot organization, Person person)
    {
        if (organization.SuperiorOf(person) is not { } id || organization.Person(id) is not { } superior) return null;
        return person.SuperiorId == id ? L($"{superior.Name}（指定的直接上级）") : L($"{superior.Name}（部门经理）");
    }

    private static ScopeExplained Scope(OrganizationSnapshot organization, Person person, EffectiveRights r, DocumentDefinition d)
    {
        var rows = r.Scope(d.Type);
        var grants = r.Grants(d.Type).ToList();
        var mayRead = r.May(d.Permission(DocumentRight.Read));
        var people = rows.All ? organization.People.Count(p => p.Enabled)
            : organization.People.Count(p => p.Enabled && (rows.Owners.Contains(p.Id) || p.DepartmentId is { } own && rows.Departments.Contains(own)));
        var words = !person.Enabled ? L("已停用，什么也看不到")
            : r.Everything ? L("全部（拥有全部权限）")
            : grants.Count == 0 ? L("本人及下属（未设置时的默认范围）")
            : rows.All ? L("全部")
            : string.Join(" + ", grants.Select(g => ScopeWords.Of(g.Grant, organization)).Distinct());
        return new(d.Type, d.Label, words, rows.All, people, rows.All ? organization.Departments.Count : rows.Departments.Count,
            [.. grants.Select(g => new ScopeSource(ScopeWords.Of(g.Grant, organization), L($"{L(g.From.Kind)}“{g.From.Name}”"), g.Grant.Type == "*"))], mayRead);
    }

    private IReadOnlyList<EntriesExplained> Entries(EffectiveRights r) =>
    [
        .. from dictionary in caches.Dictionaries.All
           let codes = r.Entries(dictionary.Id)
           where codes is not null
           select new EntriesExplained(dictionary.Id, dictionary.Label, [.. dictionary.Entries.Where(e => codes.Contains(e.Code)).Select(e => caches.Dictionaries.Label(dictionary.Id, e.Code))], [.. r.Roles.Select(x => x.Name)]),
    ];
}

/// <summary>Who may look through whose eyes (SEC-7).</summary>
public static class SeeAsRules
{
    public const string Permission = "settings.rights.see-as";

    /// <summary>Why not, as a sentence; null where it is allowed.</summary>
    public static string? Refusal(IStanding standing, Caller me, Person target)
    {
        if (me.SeenBy is not null) return "您正在以他人视角查看，请先退出该视角。";
        if (!me.May(Permission)) return "您没有“以他人视角查看”权限，请联系管理员。";
        if (target.Id == me.Id) return "这是您自己。";
        if (!target.Enabled) return $"{target.Name} 已停用，没有可以查看的视角。";
        return standing.WhyAbove(target.Id);
    }
}
