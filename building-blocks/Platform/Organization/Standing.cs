using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Platform.Organization;

/// <summary>
/// Nobody gives anyone, themselves through another account included, more than they have: neither permissions nor rows.
/// Checked on the organization as it would stand, whichever way it came about: a role, a superior, a department's manager, a move, an import, an undo.
/// </summary>
internal sealed class Standing(Caller me, RightsCache rights, Caches caches, ModuleCatalog catalog, Func<IMediator> mediator) : IStanding
{
    private bool Bound => !me.IsSystem && !me.May(Permissions.Everything);

    public string? WhyAbove(long userId)
    {
        if (!Bound || userId == me.Id) return null;
        if (rights.Of(userId) is not { } theirs || rights.Of(me.Id) is not { } mine) return "用户不存在。";
        if (Lacking(mine, theirs) is { } permission) return $"该用户拥有您没有的权限“{permission}”，请由权限更高的管理员操作。";
        return Beyond(mine, theirs, null, caches.Organization, takeover: true) is { } label ? $"该用户能看到您看不到的{label}资料，请由数据权限更大的管理员操作。" : null;
    }

    public string? WhyNotGiven(long userId, string type)
    {
        if (!Bound || userId == me.Id || catalog.FindDocument(type) is not { Owned: true } d) return null;
        return me.May(d.Permission(DocumentRight.Read)) && rights.Of(me.Id) is { } mine && caches.Organization.Person(userId) is { } person && Covers(mine.Scope(type), person.DepartmentId, userId)
            ? null : $"您看不到 {caches.Organization.Person(userId)?.Name} 名下的{d.Label}资料，不能把它交给别人，请由数据权限更大的管理员操作。";
    }

    /// <summary>Before the transaction that changed the organization commits.</summary>
    /// <exception cref="RuleBroken">Someone would get more than the one who changes has, or nobody could manage the system any more.</exception>
    public async Task Check()
    {
        if (me.IsSystem) return;
        var (before, after) = (caches.Organization, new OrganizationSnapshot(await mediator().Send(new LoadOrganization())));
        if (before.People.Any(p => new EffectiveRights(before, p).May(Permissions.Everything)) && !after.People.Any(p => new EffectiveRights(after, p).May(Permissions.Everything)))
            throw new RuleBroken("至少要保留一个在用的、拥有全部权限的用户，否则将无人能管理系统。");
        if (!Bound || rights.Of(me.Id) is not { } mine) return;
        foreach (var now in after.People)
        {
            var was = before.Person(now.Id);
            var former = was is null ? null : new EffectiveRights(before, was);
            if (was is not null && now.Id != me.Id && (was.Login != now.Login || was.Enabled != now.Enabled || !was.RoleIds.Order().SequenceEqual(now.RoleIds.Order())) && Lacking(mine, former!) is { } held)
                throw new RuleBroken($"{was.Name} 拥有您没有的权限“{held}”，不能更改其账号和角色，请由权限更高的管理员操作。");
            // What a person owns goes along to the new department and is seen by those there.
            if (was is not null && was.DepartmentId != now.DepartmentId && catalog.Documents.FirstOrDefault(d => d.Owned && !Covers(mine.Scope(d.Type), was.DepartmentId, was.Id)) is { } unseen)
                throw new RuleBroken($"您看不到 {was.Name} 名下的{unseen.Label}资料，不能调动其部门，请由数据权限更大的管理员操作。");
            var theirs = new EffectiveRights(after, now);
            if (theirs.Roles.SelectMany(r => r.Permissions).FirstOrDefault(p => theirs.May(p) && !me.May(p) && former?.May(p) != true) is { } gained)
                throw new RuleBroken($"该变更会让 {now.Name} 得到您自己没有的权限“{Label(gained)}”，请由权限更高的管理员操作。");
            if (Beyond(mine, theirs, former, after, takeover: false) is { } label)
                throw new RuleBroken($"该变更会让 {now.Name} 看到您自己看不到的{label}资料，请由数据权限更大的管理员操作。");
        }
    }

    private string? Lacking(EffectiveRights mine, EffectiveRights theirs) => theirs.Roles.SelectMany(r => r.Permissions).FirstOrDefault(p => !mine.May(p)) is { } p ? Label(p) : null;

    private string Label(string permission) => permission == Permissions.Everything ? "全部权限" : catalog.Permissions.GetValueOrDefault(permission, permission);

    /// <summary>The label of a type of which they see rows that I don't and that, where it is about a change, they didn't see before; null where there is none.</summary>
    /// <param name="former">Their rights before the change; their own rows are nothing gained then. Null: whoever takes the account over gains those, too.</param>
    private string? Beyond(EffectiveRights mine, EffectiveRights theirs, EffectiveRights? former, OrganizationSnapshot organization, bool takeover)
    {
        foreach (var d in catalog.Documents.Where(d => d.Owned && theirs.May(d.Permission(DocumentRight.Read))))
        {
            var (now, my) = (theirs.Scope(d.Type), mine.Scope(d.Type));
            var was = former?.May(d.Permission(DocumentRight.Read)) == true ? former.Scope(d.Type) : new RowScope(false, [], []);
            if (my.All || was.All) continue;
            if (now.All || now.Departments.Any(id => !Covers(my, id, null) && !Covers(was, id, null))) return d.Label;
            if (now.Owners.Any(o => (takeover || o != theirs.PersonId) && organization.Person(o)?.DepartmentId is var home && !Covers(my, home, o) && !Covers(was, home, o))) return d.Label;
        }
        return null;
    }

    private static bool Covers(RowScope scope, long? department, long? owner) => scope.All || department is { } d && scope.Departments.Contains(d) || owner is { } o && scope.Owners.Contains(o);
}
