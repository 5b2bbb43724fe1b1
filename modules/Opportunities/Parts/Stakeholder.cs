using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Parts;

/// <summary>Someone at the customer's who matters for the opportunity, and how the person stands to it (OPP-1).</summary>
internal sealed class Stakeholder : Document, IOfOpportunity
{
    public string Subject { get; set; } = "";
    public long? OpportunityId { get; set; }
    public long? ContactId { get; set; }
    public string? Role { get; set; }
    public string? Stance { get; set; }
    public string? Remarks { get; set; }
}

internal sealed class StakeholderDocument : IDocument<Stakeholder>
{
    public void Declare(DocumentBuilder<Stakeholder> d)
    {
        d.Named("stakeholder", "stakeholders", "商机联系人", "opportunities.stakeholder", "SL").Title(x => x.Subject);
        d.Reference(x => x.OpportunityId, "商机", "opportunity").Required().Fixed().OpensWithOwner().Listed(200).Aliases("商机名称");
        d.Reference(x => x.ContactId, "联系人", "contact").Required().Listed(100).Aliases("姓名");
        d.Choice(x => x.Role, "在商机中的角色", "contact.role").Listed(120).Aliases("角色", "决策角色");
        d.OneOf(x => x.Stance, "态度", new("for", "支持", "For"), new("neutral", "中立", "Neutral"), new("against", "反对", "Against")).Listed(72);
        d.Text(x => x.Remarks, "备注", 500).Wide().Listed(200);
        d.Text(x => x.Subject, "名称", 100).ReadOnly();
        d.With(x => (x.Importable, x.Searchable, x.Icon, x.Subtitle, x.MenuGroup) = (true, false, "people-arrows", x.Field("opportunityId"), "过程"));
    }
}

/// <summary>A contact stands once beside an opportunity.</summary>
internal sealed class StakeholderRules(IDb db, IScope scope, Hub hub, IDocumentDirectory directory) : IDocumentRule<Stakeholder>
{
    public string? SameAs(Stakeholder record) => record is { OpportunityId: { } o, ContactId: { } c } ? $"{o}/{c}" : null;

    public async Task Before(IReadOnlyList<Change<Stakeholder>> changes, CancellationToken ct)
    {
        await hub.Check(changes, ct);
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore && c.Now is { ContactId: not null, OpportunityId: not null }).ToList();
        if (saved.Count == 0) return;
        await hub.Hold(saved.Where(c => c.Kind != ChangeKind.Update || c.Before!.ContactId != c.Now.ContactId).Select(c => c.Now.OpportunityId!.Value), ct);
        var names = (await directory.Find([.. saved.Select(c => c.Now.ContactId!.Value).Distinct()], ct)).ToDictionary(e => e.Id, e => e.Title);
        var there = (await db.Query<Row>($"select s.id, s.opportunity_id, s.contact_id from opportunities.stakeholder s where {db.Dialect.In(Sql.Trusted("s.opportunity_id"), [.. saved.Select(c => c.Now.OpportunityId!.Value).Distinct()])} and s.deleted_at is null and {scope.All("stakeholder", "one of each, whoever entered it")}", ct)).ToLookup(r => (r.OpportunityId, r.ContactId), r => r.Id);
        foreach (var c in saved)
        {
            c.Now.Subject = names.GetValueOrDefault(c.Now.ContactId!.Value, c.Now.Subject);
            if (there[(c.Now.OpportunityId!.Value, c.Now.ContactId!.Value)].Any(id => id != c.Now.Id)) c.Refuse("contactId", "这位联系人已在商机中。");
        }
    }

    public Task After(IReadOnlyList<Change<Stakeholder>> changes, CancellationToken ct) => hub.Written("stakeholder", changes, ("contact_id", s => s.ContactId), ct);

    /// <summary>The main contacts of opportunities matter to them.</summary>
    public static IEnumerable<Stakeholder> Of(IEnumerable<Opportunity> opportunities) =>
        opportunities.Where(o => o.ContactId is not null).Select(o => new Stakeholder { OpportunityId = o.Id, ContactId = o.ContactId, OwnerId = o.OwnerId, DepartmentId = o.DepartmentId });

    private sealed record Row(long Id, long OpportunityId, long ContactId);
}
