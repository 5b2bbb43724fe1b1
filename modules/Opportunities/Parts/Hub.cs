using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Parts;

/// <summary>What all that stands in the tabs of an opportunity has in common: it rests once the opportunity is over, and whoever assists sees it.</summary>
internal sealed class Hub(IDb db, IScope scope, IAccess access)
{
    private const string Why = "what belongs to an opportunity follows it, whoever may see it", Edit = "edit";

    private static readonly (string Type, string Table)[] Types =
        [("advance", "opportunities.advance"), ("opportunityline", "opportunities.line"), ("stakeholder", "opportunities.stakeholder"), ("competition", "opportunities.competition"), ("requirement", "opportunities.requirement"), ("registration", "opportunities.registration")];

    /// <summary>Refuses what a person does to parts of an opportunity that is over, or that is not the person's to change.</summary>
    public async Task Check<T>(IReadOnlyList<Change<T>> changes, CancellationToken ct) where T : Document, IOfOpportunity
    {
        var asked = changes.Where(c => c.Now.OpportunityId is not null && (c.Kind is ChangeKind.Delete or ChangeKind.Restore || c.Drafted || c.Undone)).ToList();
        if (asked.Count == 0) return;
        var ids = asked.Select(c => c.Now.OpportunityId!.Value).Distinct().ToList();
        var over = (await db.Query<Row>($"select o.id, o.status from opportunities.opportunity o where {db.Dialect.In(Sql.Trusted("o.id"), ids)} and o.status in ('won', 'invalid') and {scope.All("opportunity", Why)}", ct)).ToDictionary(r => r.Id, r => r.Status);
        var mine = (await db.Query<long>($"select o.id from opportunities.opportunity o where {db.Dialect.In(Sql.Trusted("o.id"), ids)} and o.deleted_at is null and {scope.ToChange("opportunity", "o")}", ct)).ToHashSet();
        foreach (var c in asked)
            if (over.TryGetValue(c.Now.OpportunityId!.Value, out var status)) c.Refuse(c.Kind == ChangeKind.Create ? "opportunityId" : "", $"商机已是“{Opportunity.States.First(s => s.Code == status).Label}”，不能再修改。");
            else if (!mine.Contains(c.Now.OpportunityId!.Value)) c.Refuse(c.Kind == ChangeKind.Create ? "opportunityId" : "", "商机不存在，或您无权修改。");
    }

    /// <summary>Makes whoever else writes about these opportunities wait for this transaction; what is read after it is what stands.</summary>
    public async Task Hold(IEnumerable<long> opportunities, CancellationToken ct)
    {
        // In one order, so that two never wait for each other; SQLite has one writer anyway.
        if (db.Dialect.Name == "sqlite" || !db.InUnit) return;
        foreach (var id in opportunities.Distinct().Order()) await db.Execute($"update opportunities.opportunity set furthest = furthest where id = {id} and {scope.All("opportunity", Why)}", ct);
    }

    /// <summary>Opens new parts to those who assist.</summary>
    public async Task Open<T>(string type, IReadOnlyList<T> parts, CancellationToken ct) where T : Document, IOfOpportunity
    {
        if (parts.Count == 0) return;
        var people = (await db.Query<Pair>($"select s.opportunity_id, s.user_id from opportunities.assistant s where {db.Dialect.In(Sql.Trusted("s.opportunity_id"), [.. parts.Select(p => p.OpportunityId!.Value).Distinct()])}", ct)).ToLookup(p => p.OpportunityId, p => p.UserId);
        if (people.Count > 0) await access.Replace(type, Edit, [.. parts.Select(p => p.Id)], from p in parts from user in people[p.OpportunityId!.Value] select new AccessGrant(p.Id, p.Id, user, null), ct);
    }

    /// <summary>Those who assist have changed: opens the opportunity and its parts to those of now.</summary>
    public async Task Reopen(long opportunity, CancellationToken ct)
    {
        var people = await db.Query<long>($"select s.user_id from opportunities.assistant s where s.opportunity_id = {opportunity}", ct);
        await access.Replace("opportunity", Edit, [opportunity], people.Select(p => new AccessGrant(opportunity, opportunity, p, null)), ct);
        foreach (var (type, table) in Types)
        {
            var parts = await db.Query<long>($"select t.id from {Sql.Trusted(table)} t where t.opportunity_id = {opportunity} and {scope.All(type, Why)}", ct);
            if (parts.Count > 0) await access.Replace(type, Edit, parts, from id in parts from p in people select new AccessGrant(id, id, p, null), ct);
        }
    }

    private sealed record Row(long Id, string Status);
    private sealed record Pair(long OpportunityId, long UserId);
}
