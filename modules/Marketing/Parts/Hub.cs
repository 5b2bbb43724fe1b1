using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.Parts;

/// <summary>What stands in a tab of a campaign and lives with it.</summary>
internal interface IOfCampaign
{
    long? CampaignId { get; }
}

/// <summary>What all that stands in the tabs of a campaign has in common: it rests once the campaign is over, and whoever takes part sees it.</summary>
internal sealed class Hub(IDb db, IScope scope, ITeams teams)
{
    public static readonly DocumentTeam Team = new("campaign", "marketing.campaign", "marketing.participant", "campaign_id", ("campaignbudget", "marketing.budget_item"), ("campaignproduct", "marketing.campaign_product"), ("campaigntarget", "marketing.target"));

    private const string Why = "what belongs to a campaign follows it, whoever may see it";

    /// <summary>Refuses what a person does to parts of a campaign that is over or under approval, or that is not the person's to change.</summary>
    /// <returns>How the campaigns of these parts stand.</returns>
    public async Task<IReadOnlyDictionary<long, Standing>> Check<T>(IReadOnlyList<Change<T>> changes, CancellationToken ct) where T : Document, IOfCampaign
    {
        var asked = changes.Where(c => c.Now.CampaignId is not null && (c.Kind is ChangeKind.Delete or ChangeKind.Restore or ChangeKind.Create || c.Drafted || c.Undone)).ToList();
        var ids = asked.Select(c => c.Now.CampaignId!.Value).Distinct().ToList();
        // Whoever ends the campaign waits for this transaction, or has ended it before: the status read below stands.
        await teams.Hold(Team, ids, ct);
        var standing = (await Standings(ids, ct)).ToDictionary(s => s.Id);
        var mine = ids.Count == 0 ? [] : (await db.Query<long>($"select c.id from marketing.campaign c where {db.Dialect.In(Sql.Trusted("c.id"), ids)} and c.deleted_at is null and {scope.ToChange("campaign", "c")}", ct)).ToHashSet();
        foreach (var c in asked)
        {
            var field = c.Kind == ChangeKind.Create ? "campaignId" : "";
            if (!mine.Contains(c.Now.CampaignId!.Value)) c.Refuse(field, "市场活动不存在，或您无权修改。");
            else if (standing[c.Now.CampaignId.Value] is { IsOver: true } over) c.Refuse(field, $"市场活动已是“{over.Text}”，不能再修改。");
            else if (standing[c.Now.CampaignId.Value].Approval == ApprovalState.Review) c.Refuse(field, "审核中，内容已冻结。撤回审核后才能修改。");
        }
        return standing;
    }

    public async Task<IReadOnlyList<Standing>> Standings(IReadOnlyCollection<long> campaigns, CancellationToken ct) => campaigns.Count == 0 ? [] :
        await db.Query<Standing>($"select c.id, c.status, c.approval from marketing.campaign c where {db.Dialect.In(Sql.Trusted("c.id"), campaigns)} and {scope.All("campaign", Why)}", ct);

    /// <summary>After writing, before the sums: an import has looked at its rows a while ago; the campaign may be over since, or under approval, or someone may have entered the same.</summary>
    /// <param name="type">Of the parts.</param>
    /// <param name="once">The column whose value stands once in a campaign, with the values; null where it may stand as often as one likes.</param>
    /// <returns>The campaigns, held.</returns>
    public async Task<IReadOnlyList<long>> Written<T>(string type, IReadOnlyList<Change<T>> changes, (string Column, Func<T, long?> Value)? once, CancellationToken ct) where T : Document, IOfCampaign
    {
        await teams.Open(Team, type, [.. changes.Where(c => c.Kind == ChangeKind.Create).Select(c => (c.Now.Id, c.Now.CampaignId!.Value))], ct);
        var touched = changes.Select(c => c.Now.CampaignId).OfType<long>().Distinct().ToList();
        await teams.Hold(Team, touched, ct);
        foreach (var s in await Standings([.. changes.Where(c => c.Drafted).Select(c => c.Now.CampaignId!.Value).Distinct()], ct))
            if (s.IsOver) throw new RuleBroken($"市场活动已是“{s.Text}”，不能再修改。");
            else if (s.Approval == ApprovalState.Review) throw new RuleBroken("审核中，内容已冻结。撤回审核后才能修改。");
        if (once is { } one && await teams.Twice(Team, type, one.Column, [.. changes.Where(c => c.Imported && one.Value(c.Now) is not null).Select(c => (c.Now.CampaignId!.Value, one.Value(c.Now)!.Value))], ct)) throw new RuleBroken("刚刚已由他人录入同样的内容。");
        return touched;
    }

    /// <summary>How a campaign stands.</summary>
    internal sealed record Standing(long Id, string Status, string? Approval)
    {
        public bool IsOver => Status is Campaign.Completed or Campaign.Cancelled;
        public string Text => Campaign.States.First(s => s.Code == Status).Label;
    }
}
