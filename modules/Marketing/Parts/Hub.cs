using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.Parts;

/// <summary>What stands in a tab of a campaign and lives with it.</summary>
internal interface IOfCampaign
{
    long? CampaignId { get; }
}

/// <summary>What all that stands in the tabs of a campaign has in common: it rests once the campaign is over, and whoever takes part sees it.</summary>
internal sealed class Hub(IDb db, IScope scope, IAccess access)
{
    private const string Why = "what belongs to a campaign follows it, whoever may see it", Edit = "edit";

    private static readonly (string Type, string Table)[] Types = [("campaignbudget", "marketing.budget_item"), ("campaignproduct", "marketing.campaign_product"), ("campaigntarget", "marketing.target")];

    /// <summary>Refuses what a person does to parts of a campaign that is over or under approval, or that is not the person's to change.</summary>
    /// <returns>How the campaigns of these parts stand.</returns>
    public async Task<IReadOnlyDictionary<long, Standing>> Check<T>(IReadOnlyList<Change<T>> changes, CancellationToken ct) where T : Document, IOfCampaign
    {
        var asked = changes.Where(c => c.Now.CampaignId is not null && (c.Kind is ChangeKind.Delete or ChangeKind.Restore or ChangeKind.Create || c.Drafted || c.Undone)).ToList();
        var ids = asked.Select(c => c.Now.CampaignId!.Value).Distinct().ToList();
        // Whoever ends the campaign waits for this transaction, or has ended it before: the status read below stands.
        await Hold(ids, ct);
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

    /// <summary>Makes whoever else writes about these campaigns wait for this transaction; what is read after it is what stands.</summary>
    public async Task Hold(IEnumerable<long> campaigns, CancellationToken ct)
    {
        // In one order, so that two never wait for each other; SQLite has one writer anyway.
        if (db.Dialect.Name == "sqlite" || !db.InUnit) return;
        foreach (var id in campaigns.Distinct().Order()) await db.Execute($"update marketing.campaign set budget = budget where id = {id} and {scope.All("campaign", Why)}", ct);
    }

    /// <summary>After writing, before the sums: an import has looked at its rows a while ago, and the campaign may be over since.</summary>
    /// <returns>The campaigns, held.</returns>
    public async Task<IReadOnlyList<long>> Written<T>(IReadOnlyList<Change<T>> changes, CancellationToken ct) where T : Document, IOfCampaign
    {
        var touched = changes.Select(c => c.Now.CampaignId).OfType<long>().Distinct().ToList();
        await Hold(touched, ct);
        var drafted = changes.Where(c => c.Drafted).Select(c => c.Now.CampaignId!.Value).ToHashSet();
        if ((await Standings(drafted, ct)).FirstOrDefault(s => s.IsOver) is { } over) throw new RuleBroken($"市场活动已是“{over.Text}”，不能再修改。");
        return touched;
    }

    /// <summary>Opens new parts to those who take part.</summary>
    public async Task Open<T>(string type, IReadOnlyList<T> parts, CancellationToken ct) where T : Document, IOfCampaign
    {
        if (parts.Count == 0) return;
        var people = (await db.Query<Pair>($"select p.campaign_id, p.user_id from marketing.participant p where {db.Dialect.In(Sql.Trusted("p.campaign_id"), [.. parts.Select(p => p.CampaignId!.Value).Distinct()])}", ct)).ToLookup(p => p.CampaignId, p => p.UserId);
        if (people.Count > 0) await access.Replace(type, Edit, [.. parts.Select(p => p.Id)], from p in parts from user in people[p.CampaignId!.Value] select new AccessGrant(p.Id, p.Id, user, null), ct);
    }

    /// <summary>Those who take part have changed: opens the campaign and its parts to those of now.</summary>
    public async Task Reopen(long campaign, CancellationToken ct)
    {
        var people = await db.Query<long>($"select p.user_id from marketing.participant p where p.campaign_id = {campaign}", ct);
        await access.Replace("campaign", Edit, [campaign], people.Select(p => new AccessGrant(campaign, campaign, p, null)), ct);
        foreach (var (type, table) in Types)
        {
            var parts = await db.Query<long>($"select t.id from {Sql.Trusted(table)} t where t.campaign_id = {campaign} and {scope.All(type, Why)}", ct);
            if (parts.Count > 0) await access.Replace(type, Edit, parts, from id in parts from p in people select new AccessGrant(id, id, p, null), ct);
        }
    }

    /// <summary>How a campaign stands.</summary>
    internal sealed record Standing(long Id, string Status, string? Approval)
    {
        public bool IsOver => Status is Campaign.Completed or Campaign.Cancelled;
        public string Text => Campaign.States.First(s => s.Code == Status).Label;
    }

    private sealed record Pair(long CampaignId, long UserId);
}
