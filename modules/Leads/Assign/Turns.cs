using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Assign;

/// <summary>Gives leads out in turn: the first rule that fits, its people one after another, however many give at once.</summary>
internal sealed class Turns(IDb db, IScope scope, IOrganization organization, IDictionaries dictionaries)
{
    private const string Why = "the rules are the same for all";

    /// <summary>Sets owner and department where a rule with people fits.</summary>
    /// <param name="rule">Only this one, whether the leads fit it or not.</param>
    /// <param name="automatic">Only by rules that give out at once.</param>
    /// <returns>Those no rule fits.</returns>
    public async Task<IReadOnlyList<Lead>> Give(IReadOnlyList<Lead> leads, long? rule, bool automatic, CancellationToken ct)
    {
        if (leads.Count == 0) return [];
        var rules = await db.Query<AssignRule>($"select r.id, r.name, r.sort, r.source, r.region, r.automatic, r.disabled from leads.assign_rule r where r.deleted_at is null and r.disabled = {false} and {scope.All("leadrule", Why)} order by r.sort, r.id", ct);
        var people = (await db.Query<Member>($"select m.rule_id, m.user_id from leads.rule_member m order by m.user_id", ct)).Where(m => organization.Person(m.UserId) is { Enabled: true }).ToLookup(m => m.RuleId, m => m.UserId);
        var usable = rules.Where(r => people.Contains(r.Id) && (rule is null ? !automatic || r.Automatic : r.Id == rule)).ToList();
        var left = new List<Lead>();
        var given = new List<(AssignRule Rule, Lead Lead)>();
        foreach (var lead in leads)
            if (usable.FirstOrDefault(r => rule is not null || Fits(r, lead)) is { } fits) given.Add((fits, lead));
            else left.Add(lead);
        // In one order, so that two who give by several rules never wait for each other.
        foreach (var group in given.GroupBy(g => g.Rule.Id).OrderBy(g => g.Key))
        {
            var (some, turn) = (group.Select(g => g.Lead).ToList(), people[group.Key].ToList());
            // The row is held from here on: whoever gives by the same rule waits for the end of this transaction.
            await db.Execute($"update leads.turn set given = given + {some.Count} where rule_id = {group.Key}", ct);
            var start = await db.First<long>($"select given from leads.turn where rule_id = {group.Key}", ct) - some.Count;
            for (var i = 0; i < some.Count; i++)
            {
                some[i].OwnerId = turn[(int)((start + i) % turn.Count)];
                some[i].DepartmentId = organization.Person(some[i].OwnerId!.Value)?.DepartmentId;
            }
        }
        return left;
    }

    private bool Fits(AssignRule rule, Lead lead) =>
        (rule.Source is null || rule.Source == lead.Source) && (rule.Region is null || lead.Region == rule.Region || lead.Region is { } city && dictionaries.Find("region")?.Entries.FirstOrDefault(e => e.Code == city)?.Parent == rule.Region);

    private sealed record Member(long RuleId, long UserId);
}
