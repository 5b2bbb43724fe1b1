using KuaipuCrm.Leads.Assign;
using KuaipuCrm.Leads.Duplicates;
using KuaipuCrm.Published.Leads;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Leads;

/// <summary>What must hold of a lead: what is over stays, doubles are asked about, one that nobody owns goes to whose turn it is.</summary>
internal sealed class LeadRules(LeadDuplicates duplicates, Turns turns, IDictionaries dictionaries, IEvents events, IDb db, TimeProvider clock) : IDocumentRule<Lead>
{
    public string? SameAs(Lead record) => record.Mobile ?? record.Phone ?? record.Email ?? (LeadDuplicates.Key(record.Company) is { } company ? $"{company}/{record.ContactName}" : null);

    public async Task Before(IReadOnlyList<Change<Lead>> changes, CancellationToken ct)
    {
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).ToList();
        foreach (var c in saved) Check(c);
        await Doubles([.. saved.Where(c => !c.Undone && c.Errors.Count == 0 && (c.Drafted || c.Kind == ChangeKind.Create && !c.Imported) && (c.Before is null || Reach(c.Before) != Reach(c.Now)))], ct);
        var open = saved.Where(c => c.Kind == ChangeKind.Create && c.Now.OwnerId is null && c.Errors.Count == 0).Select(c => c.Now).ToList();
        await turns.Give(open, null, automatic: true, ct);
        foreach (var c in saved.Where(c => c.Now.OwnerId != c.Before?.OwnerId)) c.Now.AssignedAt = c.Now.OwnerId is null ? null : clock.GetUtcNow().UtcDateTime;
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Delete && c.Now.Status == Lead.Converted)) c.Refuse("", "已转化的线索不能删除。");
    }

    public async Task After(IReadOnlyList<Change<Lead>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Create)) events.Publish(new LeadCreated(c.Now.Id, c.Now.Subject, c.Now.OwnerId, c.Now.CampaignId, c.Now.RecordId));
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge))
        {
            await db.Execute($"delete from leads.lead_product where lead_id = {c.Now.Id}", ct);
            await db.Execute($"delete from leads.lead_customer where lead_id = {c.Now.Id}", ct);
        }
    }

    private void Check(Change<Lead> c)
    {
        var l = c.Now;
        if (c.Kind == ChangeKind.Create) (l.Status, l.CampaignId) = (Lead.Open, l.CampaignId ?? l.Carried);
        if (string.IsNullOrWhiteSpace(l.Subject)) l.Subject = Subject(l);
        if (c.Drafted && string.IsNullOrWhiteSpace(l.Subject)) c.Refuse("subject", "请填写主题，或公司、联系人、电话、内容中的一项。");
        if (c.Drafted && l is { WithCustomer: Lead.Found, CustomerId: null } && c.Before?.CustomerId is null && !c.Imported && l.Company is null && l.Numbers.Count == 0) c.Refuse("customerId", "请选择客户，或改为“新客户”或“还不知道”。");
        // What was given tells what there is.
        l.WithCustomer = l.CustomerId is not null ? Lead.Found : l.Company is not null || l.ContactName is not null || l.Numbers.Count > 0 || l.Email is not null || l.Wechat is not null ? Lead.New : Lead.Nobody;
        l.Initials = Pinyin.Initials(l.Subject);
        l.CompanyKey = LeadDuplicates.Key(l.Company);
        l.At ??= clock.GetUtcNow().UtcDateTime;
    }

    /// <summary>By whom it is, else by how it came.</summary>
    private string Subject(Lead l)
    {
        var who = l.Company ?? l.ContactName ?? l.Mobile ?? l.Phone ?? l.Email;
        if (who is null && (l.Content ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() is { Length: > 0 } line) return line.Length > 40 ? line[..40] + "…" : line;
        if (who is null) return l.Source is { } from ? $"{dictionaries.Label("lead.source", from)}线索" : "";
        var subject = l.Source is { } source ? $"{who}（{dictionaries.Label("lead.source", source)}）" : who;
        return subject.Length > 100 ? subject[..100] : subject;
    }

    private async Task Doubles(IReadOnlyList<Change<Lead>> changes, CancellationToken ct)
    {
        if (changes.Count == 0) return;
        var hits = await duplicates.Find([.. changes.Select(c => c.Now)], ct);
        foreach (var c in changes)
        {
            var mine = hits[c.Now].ToList();
            if (mine.Count == 0) continue;
            if (c.Imported) c.Refuse(mine[0].Field, $"可能重复：{mine[0].Line}。");
            else c.Warn(LeadDuplicates.Code, mine[0].Field, $"已有 {mine.Count} 条相同或相似的线索或客户，请确认不是重复录入。", [.. mine.Take(10).Select(h => h.Line)]);
        }
    }

    private static (string?, string?, string?, string?) Reach(Lead l) => (l.Company, l.Mobile, l.Phone, l.Email);
}
