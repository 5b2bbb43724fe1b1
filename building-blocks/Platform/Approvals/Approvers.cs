using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Finds who is asked in a step, and says why.</summary>
internal sealed class Approvers(Db db, Caches caches, TimeProvider clock)
{
    /// <param name="ForId">For whom the user stands in; null where for nobody.</param>
    public sealed record Asked(long UserId, long? ForId);

    /// <summary>Nobody asked: the step is passed, as <paramref name="Why"/> tells.</summary>
    public sealed record Found(IReadOnlyList<Asked> Asked, string Why);

    /// <param name="approved">Who has approved in earlier steps.</param>
    public async Task<Found> Of(FlowDefinition flow, FlowStep step, long submitter, IReadOnlySet<long> approved, CancellationToken ct)
    {
        var organization = caches.Organization;
        var named = Named(step, submitter);
        var people = named.Where(u => organization.Person(u)?.Enabled == true).Distinct().ToList();
        var why = $"{Words(step)}：{(people.Count == 0 ? "没有在职的人" : string.Join("、", people.Select(u => organization.Person(u)!.Name)))}";
        if (people.Contains(submitter) && flow.Submitter != SubmitterRule.Ask)
        {
            people.Remove(submitter);
            if (flow.Submitter == SubmitterRule.Superior && Up(submitter) is { } superior)
            {
                if (!people.Contains(superior)) people.Add(superior);
                why += "；" + $"提交人本人，改由其上级 {organization.Person(superior)!.Name} 审核";
            }
            else if (people.Count == 0)
            {
                return new([], why + "；" + "提交人本人，自动通过。");
            }
        }
        if (flow.SkipRepeated && people.Where(approved.Contains).ToList() is { Count: > 0 } again && (step.Mode == StepMode.Any || again.Count == people.Count))
            return new([], why + "；" + $"{string.Join("、", again.Select(u => organization.Person(u)!.Name))} 在前面的步骤已同意，自动通过。");
        if (flow.SkipRepeated) people.RemoveAll(approved.Contains);
        if (people.Count == 0)
        {
            if (flow.Nobody == NobodyRule.Pass) return new([], why + "；" + "按流程的规则自动通过。");
            people = flow.Nobody == NobodyRule.Person && organization.Person(flow.NobodyUser ?? 0) is { Enabled: true } person ? [person.Id]
                : Administrators() is var all && all.Where(a => a != submitter).ToList() is { Count: > 0 } others ? others : all;
            why += "；" + $"改由{string.Join("、", people.Select(u => organization.Person(u)!.Name))} 审核";
        }
        var asked = new List<Asked>();
        foreach (var user in people)
        {
            var present = await StandIn(user, ct) is { } other && other != submitter ? new Asked(other, user) : new Asked(user, null);
            if (asked.All(a => a.UserId != present.UserId)) asked.Add(present);
        }
        return new(asked, why + "。");
    }

    /// <summary>Who takes over from someone who is gone: the superior, else the administrators.</summary>
    /// <param name="except">Is passed over, further up.</param>
    public IReadOnlyList<long> InPlaceOf(long user, long? except) => Up(user, except) is { } superior ? [superior] : [.. Administrators().Where(a => a != user && a != except)];

    /// <summary>Who stands in for the user today; those who are away themselves pass on, a few times at most.</summary>
    public async Task<long?> StandIn(long user, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, Documents.Zones.Find(caches.Company.TimeZone)));
        var (at, seen) = (user, new HashSet<long> { user });
        for (var hops = 0; hops < 5; hops++)
        {
            var next = await db.First<long?>($"select stand_in_id from platform.stand_in where user_id = {at} and from_day <= {today} and (to_day is null or to_day >= {today})", ct);
            if (next is not { } other || caches.Organization.Person(other)?.Enabled != true || !seen.Add(other)) break;
            at = other;
        }
        return at == user ? null : at;
    }

    private IEnumerable<long> Named(FlowStep step, long submitter)
    {
        var (organization, ids) = (caches.Organization, step.Ids ?? []);
        switch (step.By)
        {
            case ApproverKind.Users: return ids;
            case ApproverKind.Role: return organization.People.Where(p => p.RoleIds.Any(ids.Contains)).Select(p => p.Id);
            case ApproverKind.Post: return organization.People.Where(p => p.PostId is { } post && ids.Contains(post)).Select(p => p.Id);
            case ApproverKind.Superior:
                {
                    long? at = submitter;
                    for (var level = 0; level < step.Levels && at is { } u; level++) at = organization.Person(u) is { } p ? organization.SuperiorOf(p) : null;
                    return at is { } found && found != submitter ? [found] : [];
                }
            default:
                {
                    var department = organization.Person(submitter)?.DepartmentId;
                    for (var level = 1; level < step.Levels && department is { } d; level++) department = organization.Department(d)?.ParentId;
                    return department is { } at && organization.Department(at)?.ManagerId is { } manager ? [manager] : [];
                }
        }
    }

    private long? Up(long user, long? except = null)
    {
        var (organization, seen) = (caches.Organization, new HashSet<long> { user });
        for (var at = organization.Person(user); at is not null && organization.SuperiorOf(at) is { } next && seen.Add(next); at = organization.Person(next))
            if (next != except && organization.Person(next)?.Enabled == true) return next;
        return null;
    }

    private List<long> Administrators()
    {
        var organization = caches.Organization;
        return [.. organization.People.Where(p => p.Enabled && p.RoleIds.Any(r => organization.Role(r)?.Permissions.Contains(Permissions.Everything) == true)).Select(p => p.Id)];
    }

    private static string Words(FlowStep step) => step.By switch
    {
        ApproverKind.Users => "指定的人",
        ApproverKind.Role => "按角色",
        ApproverKind.Post => "按岗位",
        ApproverKind.Superior => step.Levels == 1 ? "提交人的上级" : $"提交人的第 {step.Levels} 级上级",
        _ => step.Levels == 1 ? "提交人的部门主管" : $"往上第 {step.Levels - 1} 级部门的主管",
    };
}
