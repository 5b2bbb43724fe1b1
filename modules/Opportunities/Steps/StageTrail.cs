using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>Where an opportunity stands is where its last step led; how long it stayed is what lies between its steps.</summary>
/// <param name="opportunities">Late: their rules ask for this, as do those of the steps.</param>
internal sealed class StageTrail(IDb db, IScope scope, Lazy<IDocuments<Opportunity>> opportunities, Lazy<IDocuments<Advance>> advances, StageBook stages)
{
    private const string Why = "where an opportunity stands follows from all its steps, whoever may see them";

    /// <summary>The first step of new opportunities: they enter their stage.</summary>
    public async Task Begin(IReadOnlyList<Opportunity> created, CancellationToken ct)
    {
        var first = new List<Advance>(created.Count);
        foreach (var o in created)
            first.Add(new Advance
            {
                Subject = $"{o.Name}：{(await stages.Find(o.StageId, ct))?.Name}" is var s && s.Length > 100 ? s[..100] : s,
                OpportunityId = o.Id,
                Kind = Advance.Start,
                At = o.StageSince,
                StageId = o.StageId,
                Probability = o.Probability,
                OwnerId = o.OwnerId,
                DepartmentId = o.DepartmentId,
            });
        if (first.Count > 0) await advances.Value.Keep(first, Why, ct);
    }

    /// <summary>When the last step was made, UTC.</summary>
    public Task<DateTime?> Last(long opportunity, CancellationToken ct) =>
        db.First<DateTime?>($"select max(a.at) from opportunities.advance a where a.opportunity_id = {opportunity} and a.deleted_at is null and {scope.All("advance", Why)}", ct);

    /// <summary>Works stage, probability and stays out anew after a step came or went, or the opportunity ended.</summary>
    public async Task Follow(long opportunity, CancellationToken ct)
    {
        if (await opportunities.Value.FindAny(opportunity, Why, ct) is not { } o) return;
        var steps = await db.Query<Row>($"select a.id, a.at, a.stage_id, a.probability, a.left_at from opportunities.advance a where a.opportunity_id = {opportunity} and a.deleted_at is null and {scope.All("advance", Why)} order by a.at, a.id", ct);
        if (steps.Count == 0) return;
        for (var i = 0; i < steps.Count; i++)
        {
            var left = i + 1 < steps.Count ? steps[i + 1].At : o.ClosedAt;
            if (left == steps[i].LeftAt) continue;
            long? stay = left is { } until ? (long)Math.Round(Math.Max(0, (until - steps[i].At).TotalDays) * 10_000) : null;
            await db.Execute($"update opportunities.advance set left_at = {left}, stay = {stay} where id = {steps[i].Id} and {scope.All("advance", Why)}", ct);
        }
        if (o.IsOver) return;
        var last = steps[^1];
        // Since when it stands in its stage: the first of the last steps within it.
        var since = last.At;
        for (var i = steps.Count - 1; i >= 0 && steps[i].StageId == last.StageId; i--) since = steps[i].At;
        long furthest = 0;
        foreach (var id in steps.Select(s => s.StageId).Distinct()) furthest = Math.Max(furthest, (await stages.Find(id, ct))?.Sort ?? 0);
        (o.StageId, o.StageSince, o.Probability, o.Furthest) = (last.StageId, since, last.Probability, furthest);
        await opportunities.Value.Keep([o], Why, ct);
    }

    private sealed record Row(long Id, DateTime At, long StageId, long Probability, DateTime? LeftAt);
}
