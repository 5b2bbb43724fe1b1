using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Parts;

/// <summary>How a competitor stands in an opportunity (竞争分析, OPP-8); listed at the competitor and the customer, too.</summary>
internal sealed class Competition : Document, IOfOpportunity
{
    public string Subject { get; set; } = "";
    public long? OpportunityId { get; set; }
    /// <summary>The opportunity's.</summary>
    public long? CustomerId { get; set; }
    public long? CompetitorId { get; set; }
    public string? Strengths { get; set; }
    public string? Weaknesses { get; set; }
    public decimal? Price { get; set; }
    public string? Strategy { get; set; }
    /// <summary>The opportunity's status.</summary>
    public string Result { get; set; } = Opportunity.Draft;
}

internal sealed class CompetitionDocument : IDocument<Competition>
{
    public void Declare(DocumentBuilder<Competition> d)
    {
        d.Named("competition", "competitions", "竞争分析", "opportunities.competition", "JZ").Title(x => x.Subject);
        d.Reference(x => x.OpportunityId, "商机", "opportunity").Required().Fixed().OpensWithOwner().Listed(200).Aliases("商机名称");
        d.Reference(x => x.CompetitorId, "竞争对手", "customer").Required().Listed(180).Help("客户类型为“竞争对手”的客户");
        d.Reference(x => x.CustomerId, "客户", "customer").Kept().Listed(180);
        d.Money(x => x.Price, "对手报价").Range(0, 1_000_000_000_000).Listed(110).Total(false);
        d.OneOf(x => x.Result, "商机结果", Opportunity.States).Kept().Listed(84);
        d.LongText(x => x.Strengths, "优势");
        d.LongText(x => x.Weaknesses, "劣势");
        d.LongText(x => x.Strategy, "应对策略");
        d.Text(x => x.Subject, "名称", 100).ReadOnly();
        d.With(x => (x.Importable, x.Searchable, x.Comments, x.Icon, x.Status, x.Subtitle, x.MenuGroup) = (true, false, true, "chess-knight", x.Field("result"), x.Field("opportunityId"), "过程"));
    }
}

/// <summary>One analysis of each competitor; customer and result are the opportunity's.</summary>
internal sealed class CompetitionRules(IDb db, IScope scope, Hub hub, IMediator mediator) : IDocumentRule<Competition>
{
    private const string Why = "one of each, whoever entered it", Competitor = "competitor";

    public string? SameAs(Competition record) => record is { OpportunityId: { } o, CompetitorId: { } c } ? $"{o}/{c}" : null;

    public async Task Before(IReadOnlyList<Change<Competition>> changes, CancellationToken ct)
    {
        await hub.Check(changes, ct);
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore && c.Now is { OpportunityId: not null, CompetitorId: not null }).ToList();
        if (saved.Count == 0) return;
        await hub.Hold(saved.Where(c => c.Kind != ChangeKind.Update || c.Before!.CompetitorId != c.Now.CompetitorId).Select(c => c.Now.OpportunityId!.Value), ct);
        var companies = (await mediator.Send(new CustomersInBrief([.. saved.Select(c => c.Now.CompetitorId!.Value).Distinct()]), ct)).ToDictionary(c => c.Id);
        long[] ids = [.. saved.Select(c => c.Now.OpportunityId!.Value).Distinct()];
        var of = (await db.Query<Of>($"select o.id, o.customer_id, o.status from opportunities.opportunity o where {db.Dialect.In(Sql.Trusted("o.id"), ids)} and {scope.All("opportunity", Why)}", ct)).ToDictionary(o => o.Id);
        var there = (await db.Query<Row>($"select k.id, k.opportunity_id, k.competitor_id from opportunities.competition k where {db.Dialect.In(Sql.Trusted("k.opportunity_id"), ids)} and k.deleted_at is null and {scope.All("competition", Why)}", ct)).ToLookup(r => (r.OpportunityId, r.CompetitorId), r => r.Id);
        foreach (var c in saved)
        {
            var company = companies.GetValueOrDefault(c.Now.CompetitorId!.Value);
            if (c.Drafted && c.Before?.CompetitorId != c.Now.CompetitorId && company is { Type: not Competitor }) c.Refuse("competitorId", $"“{company.Name}”的客户类型不是竞争对手。");
            c.Now.Subject = company?.Name ?? c.Now.Subject;
            if (of.GetValueOrDefault(c.Now.OpportunityId!.Value) is { } o) (c.Now.CustomerId, c.Now.Result) = (o.CustomerId, o.Status);
            if (there[(c.Now.OpportunityId!.Value, c.Now.CompetitorId!.Value)].Any(id => id != c.Now.Id))
                c.Refuse("competitorId", "这个竞争对手已有竞争分析。");
        }
    }

    public Task After(IReadOnlyList<Change<Competition>> changes, CancellationToken ct) => hub.Written("competition", changes, ("competitor_id", c => c.CompetitorId), ct);

    private sealed record Of(long Id, long CustomerId, string Status);
    private sealed record Row(long Id, long OpportunityId, long CompetitorId);
}
