using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Parts;

/// <summary>Something the customer needs, and what is offered for it (需求分析, OPP-5).</summary>
internal sealed class Requirement : Document, IOfOpportunity
{
    public string Subject { get; set; } = "";
    public long? OpportunityId { get; set; }
    public string? Importance { get; set; }
    public string? Content { get; set; }
    public string? Solution { get; set; }
    /// <summary>Who named it.</summary>
    public long? ContactId { get; set; }
}

internal sealed class RequirementDocument : IDocument<Requirement>
{
    public void Declare(DocumentBuilder<Requirement> d)
    {
        d.Named("requirement", "requirements", "需求分析", "opportunities.requirement", "XQ").Title(x => x.Subject);
        d.Text(x => x.Subject, "需求", 100).Required().Listed(240).Aliases("主题", "需求名称");
        d.Reference(x => x.OpportunityId, "商机", "opportunity").Required().Fixed().OpensWithOwner().Listed(200).Aliases("商机名称");
        d.OneOf(x => x.Importance, "重要程度", new("must", "必须", "Must"), new("should", "重要", "Important"), new("nice", "一般", "Nice to have")).Listed(84).Batch().Default(_ => "should");
        d.Reference(x => x.ContactId, "提出人", "contact").Listed(84);
        d.LongText(x => x.Content, "需求说明", 4000);
        d.LongText(x => x.Solution, "解决方案", 4000);
        d.With(x => (x.Importable, x.Searchable, x.Attachments, x.Comments, x.Icon, x.Subtitle, x.MenuGroup) = (true, false, true, true, "list-check", x.Field("opportunityId"), "过程"));
    }
}

internal sealed class RequirementRules(Hub hub) : IDocumentRule<Requirement>
{
    public Task Before(IReadOnlyList<Change<Requirement>> changes, CancellationToken ct) => hub.Check(changes, ct);

    public Task After(IReadOnlyList<Change<Requirement>> changes, CancellationToken ct) => hub.Written("requirement", changes, null, ct);
}
