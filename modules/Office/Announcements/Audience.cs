using KuaipuCrm.Sdk;

namespace KuaipuCrm.Office.Announcements;

/// <summary>Who an announcement is for.</summary>
internal sealed class Audience(IDb db, IOrganization organization)
{
    /// <summary>Those who shall read it: enabled users of the chosen departments and all below, or all.</summary>
    public async Task<IReadOnlyList<Person>> Of(Announcement a, CancellationToken ct)
    {
        var people = organization.People.Where(p => p.Enabled);
        if (a.Audience == Announcement.ForAll) return [.. people];
        var chosen = (await Chosen(a.Id, ct)).SelectMany(organization.DepartmentAndBelow).ToHashSet();
        return [.. people.Where(p => p.DepartmentId is { } d && chosen.Contains(d))];
    }

    public Task<IReadOnlyList<long>> Chosen(long id, CancellationToken ct) => db.Query<long>($"select department_id from office.announcement_department where announcement_id = {id}", ct);

    /// <summary>A user's department and all above it: what is for one of them is for the user.</summary>
    public IReadOnlyList<long> Above(long userId)
    {
        var (chain, at) = (new List<long>(), organization.Person(userId)?.DepartmentId);
        while (at is { } id && !chain.Contains(id))
        {
            chain.Add(id);
            at = organization.Department(id)?.ParentId;
        }
        return chain;
    }
}

/// <summary>The departments an announcement is for.</summary>
[Action("公告的发布范围", "office.announcements.read", Route = "announcements/{id}/departments", Help = "指定部门时，所选的部门（含下级）。")]
public sealed record GetAudience(long Id) : IQuery<IReadOnlyList<long>>;

internal sealed class GetAudienceHandler(IDocuments<Announcement> announcements, Audience audience) : IQueryHandler<GetAudience, IReadOnlyList<long>>
{
    public async Task<IReadOnlyList<long>> Handle(GetAudience query, CancellationToken ct)
    {
        await announcements.Get(query.Id, ct);
        return await audience.Chosen(query.Id, ct);
    }
}

/// <summary>Chooses the departments; who is in one below is in it.</summary>
[Action("设置公告的发布范围", "office.announcements.update", Route = "announcements/{id}/departments", Help = "选择部门（含下级），只在发布前。", Example = "{\"departments\":[]}")]
public sealed record SetAudience(long Id, IReadOnlyList<long> Departments) : ICommand<Done>;

internal sealed class SetAudienceHandler(IDocuments<Announcement> announcements, IOrganization organization, IDb db, IHistory history) : ICommandHandler<SetAudience, Done>
{
    public async Task<Done> Handle(SetAudience command, CancellationToken ct)
    {
        var a = await announcements.Get(command.Id, ct);
        if (a.State == Announcement.Published) throw new RuleBroken("公告已发布，不能再改发布范围；请先撤回。");
        if (command.Departments.FirstOrDefault(d => organization.Department(d) is null) is var unknown and not 0) throw new Invalid("departments", $"部门 {unknown} 不存在。");
        var before = await db.Query<long>($"select department_id from office.announcement_department where announcement_id = {a.Id}", ct);
        await db.Execute($"delete from office.announcement_department where announcement_id = {a.Id}", ct);
        await db.Insert("office.announcement_department", ["announcement_id", "department_id"], command.Departments.Distinct().Select(d => new object?[] { a.Id, d }), ct);
        string Names(IEnumerable<long> of) => string.Join("、", of.Order().Select(d => organization.Department(d)?.Name ?? $"#{d}"));
        await history.Write(a.Id, "audience", [("发布范围", Names(before), Names(command.Departments))], ct);
        return default;
    }
}
