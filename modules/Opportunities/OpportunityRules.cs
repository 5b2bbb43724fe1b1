using KuaipuCrm.Opportunities.Events;
using KuaipuCrm.Opportunities.Parts;
using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Published.Leads;
using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;
using MediatR;

namespace KuaipuCrm.Opportunities;

/// <summary>What must hold of an opportunity: a stage of its type, what is final stays, and what follows from a change elsewhere.</summary>
internal sealed class OpportunityRules(IDb db, IScope scope, StageBook stages, Gates gates, StageTrail trail, CustomersActivity activity, Lazy<IDocuments<Stakeholder>> stakeholders, IMediator mediator, IEvents events, IIds ids, IWorkCalendar calendar, TimeProvider clock) : IDocumentRule<Opportunity>
{
    public string? SameAs(Opportunity record) => record.CustomerId is { } customer ? $"{customer}/{record.Name}" : null;

    public async Task Before(IReadOnlyList<Change<Opportunity>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Create)) (c.Now.LeadId, c.Now.CampaignId) = (c.Now.LeadId ?? c.Now.Carried.LeadId, c.Now.CampaignId ?? c.Now.Carried.CampaignId);
        await Origins([.. changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update && c.Now is { LeadId: not null, CampaignId: null } && c.Before?.LeadId != c.Now.LeadId).Select(c => c.Now)], ct);
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            c.Now.Initials = Pinyin.Initials(c.Now.Name);
            if (c.Kind == ChangeKind.Create) await Begin(c, ct);
            if (c.Now.Kind == Opportunity.Ordinary) (c.Now.Investment, c.Now.BidPlace, c.Now.BidStart, c.Now.BidEnd, c.Now.ImplementOn, c.Now.BidBond) = (null, null, null, null, null, null);
            if (c.Now.BidEnd < c.Now.BidStart) c.Refuse("bidEnd", "投标截止日期不能早于投标开始日期。");
            if (c.Now.Probability is null && await stages.Find(c.Now.StageId, ct) is { } stage) c.Now.Probability = stage.Probability;
            c.Now.Weighted = c.Now.Amount is { } amount ? Math.Round(amount * (c.Now.Probability ?? 0) / 100, 2, MidpointRounding.AwayFromZero) : null;
            c.Now.StageDue = await Due(c.Now, ct);
        }
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Delete && c.Now.Status == Opportunity.Won)) c.Refuse("", "成功的商机不能删除。");
    }

    public async Task After(IReadOnlyList<Change<Opportunity>> changes, CancellationToken ct)
    {
        await trail.Begin([.. changes.Where(c => c.Kind == ChangeKind.Create).Select(c => c.Now)], ct);
        await Note([.. changes.Where(c => c.Kind != ChangeKind.Purge && (c.Before is null || c.Kind != ChangeKind.Update || Standing(c.Before) != Standing(c.Now)))], ct);
        foreach (var c in changes)
        {
            if (c.Kind == ChangeKind.Create)
                events.Publish(new OpportunityCreated(c.Now.Id, c.Now.Name, c.Now.CustomerId!.Value, c.Now.OwnerId, c.Now.LeadId, c.Now.CampaignId, c.Now.RecordId));
            if (c is { Kind: ChangeKind.Update, Before: { } before } && before.Status != c.Now.Status)
            {
                events.Publish(new OpportunityStatusChanged(c.Now.Id, before.Status, c.Now.Status, c.Now.CustomerId!.Value, c.Now.LeadId, c.Now.CampaignId, c.Now.Amount));
                await db.Execute($"update opportunities.competition set result = {c.Now.Status} where opportunity_id = {c.Now.Id} and {scope.All("competition", "the result of an analysis follows its opportunity")}", ct);
            }
            if (c is { Kind: ChangeKind.Update, Before: { } was } && was.CustomerId != c.Now.CustomerId)
            {
                await db.Execute($"update opportunities.competition set customer_id = {c.Now.CustomerId} where opportunity_id = {c.Now.Id} and {scope.All("competition", "the customer of an analysis is the opportunity's")}", ct);
                await db.Execute($"update opportunities.registration set customer_id = {c.Now.CustomerId} where opportunity_id = {c.Now.Id} and {scope.All("registration", "the customer of a registration is the opportunity's")}", ct);
            }
        }
        await Contacts([.. changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update && c.Before?.ContactId != c.Now.ContactId).Select(c => c.Now)], ct);
        await activity.Tell([.. changes.SelectMany(c => new[] { c.Now.CustomerId, c.Before?.CustomerId }).OfType<long>().Distinct()], ct);
    }

    /// <summary>What comes of a lead comes of its campaign.</summary>
    private async Task Origins(List<Opportunity> ofLeads, CancellationToken ct)
    {
        if (ofLeads.Count == 0) return;
        var campaigns = await mediator.Send(new CampaignsOfLeads([.. ofLeads.Select(o => o.LeadId!.Value).Distinct()]), ct);
        foreach (var o in ofLeads) o.CampaignId = campaigns.TryGetValue(o.LeadId!.Value, out var campaign) ? campaign : null;
    }

    private async Task Contacts(IReadOnlyList<Opportunity> with, CancellationToken ct)
    {
        var wanted = StakeholderRules.Of(with).ToList();
        if (wanted.Count == 0) return;
        var there = (await db.Query<Known>($"select s.opportunity_id, s.contact_id from opportunities.stakeholder s where {db.Dialect.In(Sql.Trusted("s.opportunity_id"), [.. wanted.Select(s => s.OpportunityId!.Value)])} and s.deleted_at is null and {scope.All("stakeholder", "whether the main contact is there already")}", ct)).ToHashSet();
        await stakeholders.Value.Keep([.. wanted.Where(s => !there.Contains(new(s.OpportunityId!.Value, s.ContactId!.Value)))], "the main contact matters, whoever enters it", ct);
    }

    private async Task Begin(Change<Opportunity> c, CancellationToken ct)
    {
        var o = c.Now;
        (o.Status, o.ClosedAt, o.WakeOn) = (Opportunity.Draft, null, null);
        var own = await stages.Of(o.Kind, ct);
        if (o.StageId is null) o.StageId = own.FirstOrDefault(s => !s.Disabled)?.Id;
        if (own.FirstOrDefault(s => s.Id == o.StageId) is not { } stage)
        {
            c.Refuse("stageId", o.StageId is null ? "还没有设置商机阶段，请联系管理员。" : "这个阶段不属于所选的商机类型。");
            return;
        }
        if (stage.Disabled) c.Refuse("stageId", $"阶段“{stage.Name}”已停用。");
        if (stage.NeedsApproval) c.Refuse("stageId", $"进入“{stage.Name}”阶段需要审核，请从前面的阶段开始。");
        else if (!c.Imported && await gates.Lacks(o, stage, ct) is { } lack) c.Refuse(lack.Field.Length > 0 ? lack.Field : "stageId", lack.Why);
        (o.StageSince, o.Furthest) = (o.CreatedAt == default ? clock.GetUtcNow().UtcDateTime : o.CreatedAt, stage.Sort);
    }

    private async Task<DateOnly?> Due(Opportunity o, CancellationToken ct) =>
        o.Status is Opportunity.Draft or Opportunity.Running && o.StageSince is { } since && await stages.Find(o.StageId, ct) is { ExpectedDays: { } days } ? calendar.DayOf(since).AddDays((int)days) : null;

    private static (string, long?, decimal?, decimal?, DateOnly?, long?) Standing(Opportunity o) => (o.Status, o.StageId, o.Amount, o.Weighted, o.SignDate, o.OwnerId);

    /// <summary>How each stands from now on, for reports of past days; deleted ones stand nowhere.</summary>
    private async Task Note(IReadOnlyList<Change<Opportunity>> changes, CancellationToken ct)
    {
        if (changes.Count == 0) return;
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Insert("opportunities.state", ["id", "opportunity_id", "at", "status", "stage_id", "amount", "weighted", "sign_date", "owner_id"], changes.Select(c => new object?[]
        {
            ids.Next(), c.Now.Id, c.Kind == ChangeKind.Create ? c.Now.CreatedAt : now, c.Kind == ChangeKind.Delete ? "deleted" : c.Now.Status, c.Now.StageId,
            Fen(c.Now.Amount), Fen(c.Now.Weighted), c.Now.SignDate, c.Now.OwnerId,
        }), ct);
    }

    private sealed record Known(long OpportunityId, long ContactId);

    private static long? Fen(decimal? yuan) => yuan is { } y ? (long)(y * 100) : null;
}
