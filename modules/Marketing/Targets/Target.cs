using KuaipuCrm.Marketing.Parts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.Targets;

/// <summary>A customer the campaign is for, with the contact who is meant, and what came back (MKT-1, MKT-6).</summary>
internal sealed class Target : Document, IOfCampaign
{
    public string Subject { get; set; } = "";
    public long? CampaignId { get; set; }
    public long? CustomerId { get; set; }
    /// <summary>Null: whoever is there.</summary>
    public long? ContactId { get; set; }
    public string? Answer { get; set; }
    /// <summary>UTC.</summary>
    public DateTime? AnsweredAt { get; set; }
    /// <summary>Made of the answer.</summary>
    public long? LeadId { get; set; }
    public string? Remarks { get; set; }
}

internal sealed class TargetDocument : IDocument<Target>
{
    public void Declare(DocumentBuilder<Target> d)
    {
        d.Named("campaigntarget", "targets", "目标客户", "marketing.target", "MB").Title(x => x.Subject);
        d.Reference(x => x.CampaignId, "市场活动", "campaign").Required().Fixed().OpensWithOwner().Listed(200).Aliases("活动名称", "活动");
        d.Reference(x => x.CustomerId, "客户", "customer").Required().Listed(200).Aliases("客户名称", "公司名称", "单位");
        d.Reference(x => x.ContactId, "联系人", "contact").Among("customerId", "contacts").Listed(100).Aliases("姓名");
        d.Instant(x => x.AnsweredAt, "答复时间").ReadOnly().Listed(132);
        d.LongText(x => x.Answer, "答复", 2000).ReadOnly();
        d.OptionalReference(x => x.LeadId, "线索", "lead").ReadOnly().Listed(160);
        d.LongText(x => x.Remarks, "备注", 500);
        d.Text(x => x.Subject, "名称", 100).ReadOnly();
        d.With(x => (x.Importable, x.Searchable, x.Icon, x.Subtitle, x.MenuGroup) = (true, false, "crosshairs", x.Field("campaignId"), "明细"));
    }
}

/// <summary>A customer, or a contact of one, stands once in a campaign.</summary>
internal sealed class TargetRules(IDb db, IScope scope, Hub hub, IDocumentDirectory directory) : IDocumentRule<Target>
{
    public string? SameAs(Target record) => $"{record.CampaignId}/{record.CustomerId}/{record.ContactId}";

    public async Task Before(IReadOnlyList<Change<Target>> changes, CancellationToken ct)
    {
        // Holds the campaigns: of two who add the same customer at once the second finds it there.
        await hub.Check(changes, ct);
        var saved = changes.Where(c => c.Errors.Count == 0 && c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore && c.Now is { CampaignId: not null, CustomerId: not null }).ToList();
        if (saved.Count == 0) return;
        var names = (await directory.Find([.. saved.SelectMany(c => new[] { c.Now.CustomerId, c.Now.ContactId }).OfType<long>().Distinct()], ct)).ToDictionary(e => e.Id, e => e.Title);
        var (there, own) = (new HashSet<(long, long, long?)>(), saved.Select(c => c.Now.Id).Where(id => id != 0).ToHashSet());
        foreach (var campaign in saved.GroupBy(c => c.Now.CampaignId!.Value))
            foreach (var some in campaign.Chunk(1000))
                foreach (var r in await db.Query<Row>($"select t.id, t.customer_id, t.contact_id from marketing.target t where t.campaign_id = {campaign.Key} and {db.Dialect.In(Sql.Trusted("t.customer_id"), [.. some.Select(c => c.Now.CustomerId!.Value).Distinct()])} and t.deleted_at is null and {scope.All("campaigntarget", "one of each, whoever entered it")}", ct))
                    if (!own.Contains(r.Id)) there.Add((campaign.Key, r.CustomerId, r.ContactId));
        foreach (var c in saved)
        {
            var customer = names.GetValueOrDefault(c.Now.CustomerId!.Value, "");
            c.Now.Subject = c.Now.ContactId is { } k && names.TryGetValue(k, out var contact) ? Short($"{customer}·{contact}") : Short(customer);
            // Added as it goes: two rows of one import that are the same count as one there.
            if (!there.Add((c.Now.CampaignId!.Value, c.Now.CustomerId!.Value, c.Now.ContactId))) c.Refuse(c.Now.ContactId is null ? "customerId" : "contactId", "已在目标客户中。");
        }
    }

    public Task After(IReadOnlyList<Change<Target>> changes, CancellationToken ct) => hub.Written("campaigntarget", changes, null, ct);

    private static string Short(string name) => name.Length > 100 ? name[..100] : name;

    private sealed record Row(long Id, long CustomerId, long? ContactId);
}
