using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Parts;

/// <summary>What all that stands in the tabs of an opportunity has in common: it rests once the opportunity is over, and whoever assists sees it.</summary>
internal sealed class Hub(IDb db, IScope scope, ITeams teams)
{
    public static readonly DocumentTeam Team = new("opportunity", "opportunities.opportunity", "opportunities.assistant", "opportunity_id",
        ("advance", "opportunities.advance"), ("opportunityline", "opportunities.line"), ("stakeholder", "opportunities.stakeholder"), ("competition", "opportunities.competition"), ("requirement", "opportunities.requirement"), ("registration", "opportunities.registration"));

    private const string Why = "what belongs to an opportunity follows it, whoever may see it";

    /// <summary>Refuses what a person does to parts of an opportunity that is over, or that is not the person's to change.</summary>
    public async Task Check<T>(IReadOnlyList<Change<T>> changes, CancellationToken ct) where T : Document, IOfOpportunity
    {
        var asked = changes.Where(c => c.Now.OpportunityId is not null && (c.Kind is ChangeKind.Delete or ChangeKind.Restore || c.Drafted || c.Undone)).ToList();
        if (asked.Count == 0) return;
        var ids = asked.Select(c => c.Now.OpportunityId!.Value).Distinct().ToList();
        var over = (await Over(ids, ct)).ToDictionary(r => r.Id, r => r.Status);
        var mine = (await db.Query<long>($"select o.id from opportunities.opportunity o where {db.Dialect.In(Sql.Trusted("o.id"), ids)} and o.deleted_at is null and {scope.ToChange("opportunity", "o")}", ct)).ToHashSet();
        foreach (var c in asked)
            if (over.TryGetValue(c.Now.OpportunityId!.Value, out var status)) c.Refuse(c.Kind == ChangeKind.Create ? "opportunityId" : "", Ended(status));
            else if (!mine.Contains(c.Now.OpportunityId!.Value)) c.Refuse(c.Kind == ChangeKind.Create ? "opportunityId" : "", "商机不存在，或您无权修改。");
    }

    /// <summary>After writing: an import has looked at its rows a while ago, and the opportunity may be over since, or someone may have entered the same.</summary>
    /// <param name="type">Of the parts.</param>
    /// <param name="once">The column whose value stands once in an opportunity, with the values; null where it may stand as often as one likes.</param>
    public async Task Written<T>(string type, IReadOnlyList<Change<T>> changes, (string Column, Func<T, long?> Value)? once, CancellationToken ct) where T : Document, IOfOpportunity
    {
        await teams.Open(Team, type, [.. changes.Where(c => c.Kind == ChangeKind.Create).Select(c => (c.Now.Id, c.Now.OpportunityId!.Value))], ct);
        var imported = changes.Where(c => c is { Imported: true, Now.OpportunityId: not null }).ToList();
        if (imported.Count == 0) return;
        await Hold(imported.Select(c => c.Now.OpportunityId!.Value), ct);
        if ((await Over([.. imported.Where(c => c.Drafted).Select(c => c.Now.OpportunityId!.Value).Distinct()], ct)).FirstOrDefault() is { } over) throw new RuleBroken(Ended(over.Status));
        if (once is { } one && await teams.Twice(Team, type, one.Column, [.. imported.Where(c => one.Value(c.Now) is not null).Select(c => (c.Now.OpportunityId!.Value, one.Value(c.Now)!.Value))], ct)) throw new RuleBroken("刚刚已由他人录入同样的内容。");
    }

    /// <summary>Makes whoever else writes about these opportunities wait for this transaction.</summary>
    public Task Hold(IEnumerable<long> opportunities, CancellationToken ct) => teams.Hold(Team, opportunities, ct);

    private async Task<IReadOnlyList<Row>> Over(IReadOnlyCollection<long> ids, CancellationToken ct) => ids.Count == 0 ? [] :
        await db.Query<Row>($"select o.id, o.status from opportunities.opportunity o where {db.Dialect.In(Sql.Trusted("o.id"), ids)} and o.status in ('won', 'invalid') and {scope.All("opportunity", Why)}", ct);

    private static Phrase Ended(string status) => $"商机已是“{Opportunity.States.First(s => s.Code == status).Label}”，不能再修改。";

    private sealed record Row(long Id, string Status);
}
