using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;
using MediatR;

namespace KuaipuCrm.Leads.Duplicates;

/// <summary>What may be the same as a lead: other leads, customers, contacts, whoever owns them; only name and owner are told (LEA-5).</summary>
internal sealed class LeadDuplicates(IDb db, IScope scope, IMediator mediator, IOrganization organization)
{
    public const string Code = "duplicate";
    private const string Why = "a duplicate is found whoever owns it; only name and owner are told";

    /// <param name="Known">A customer or contact; null for another lead.</param>
    public sealed record Hit(string Line, string Field, Known? Known);

    /// <summary>A company's name as it is compared: without blanks and brackets, letters small.</summary>
    public static string? Key(string? company) => company is null ? null : string.Concat(TextNorm.Fold(company).Where(char.IsLetterOrDigit)) is { Length: >= 2 } key ? key : null;

    public async Task<ILookup<Lead, Hit>> Find(IReadOnlyList<Lead> leads, CancellationToken ct)
    {
        var found = new List<(Lead, Hit)>();
        var rows = await Rows("l.mobile", leads.Select(l => l.Mobile), ct);
        var (mobile, phone) = (rows.ToLookup(r => r.Mobile), (await Rows("l.phone", leads.Select(l => l.Phone), ct)).ToLookup(r => r.Phone));
        var (mail, company) = ((await Rows("l.email", leads.Select(l => l.Email), ct)).ToLookup(r => r.Email), (await Rows("l.company_key", leads.Select(l => l.CompanyKey), ct)).ToLookup(r => r.CompanyKey));
        foreach (var lead in leads)
        {
            var seen = new HashSet<long> { lead.Id };
            foreach (var (same, reason, field) in new[] { (lead.Mobile is null ? [] : mobile[lead.Mobile], "手机相同", "mobile"), (lead.Phone is null ? [] : phone[lead.Phone], "电话相同", "phone"), (lead.Email is null ? [] : mail[lead.Email], "邮箱相同", "email"), (lead.CompanyKey is null ? [] : company[lead.CompanyKey], "公司名称相同", "company") })
                foreach (var r in same.Where(r => seen.Add(r.Id)).Take(5)) found.Add((lead, new($"线索 {r.Number} {r.Subject}（负责人：{Owner(r.OwnerId)}）— {reason}", field, null)));
        }
        foreach (var some in leads.Where(l => l.CustomerId is null && (l.Company is not null || l.Numbers.Count > 0 || l.Email is not null)).Chunk(1000))
            foreach (var k in await mediator.Send(new FindKnown([.. some.Select(l => new KnownProbe(l.Company ?? l.ContactName, l.Numbers, l.Email))]), ct))
                found.Add((some[k.Probe], new($"客户 {(k.CustomerId is null ? "（联系人）" : k.Name)}（负责人：{Owner(k.OwnerId)}）— {k.Reason}", some[k.Probe].Company is not null ? "company" : some[k.Probe].Mobile is not null ? "mobile" : "phone", k)));
        return found.ToLookup(f => f.Item1, f => f.Item2);
    }

    private string Owner(long? id) => (id is { } o ? organization.Person(o)?.Name : null) ?? "无";

    private async Task<IReadOnlyList<Row>> Rows(string column, IEnumerable<string?> values, CancellationToken ct)
    {
        var wanted = values.OfType<string>().Distinct().ToList();
        return wanted.Count == 0 ? [] : await db.Query<Row>($"""
            select l.id, l.number, l.subject, l.owner_id, l.mobile, l.phone, l.email, l.company_key from leads.lead l
            where {db.Dialect.In(Sql.Trusted(column), wanted)} and l.deleted_at is null and l.status <> {Lead.Invalid} and {scope.All("lead", Why)} order by l.id {db.Dialect.Page(5_000)}
            """, ct);
    }

    private sealed record Row(long Id, string Number, string Subject, long? OwnerId, string? Mobile, string? Phone, string? Email, string? CompanyKey);
}

/// <summary>Asked while a lead is typed: what is there already.</summary>
[Action("线索查重", "leads.leads.read")]
public sealed record DescribeLikely(string? Company, string? Mobile, string? Phone, string? Email, long? Except) : IQuery<IReadOnlyList<string>>;

internal sealed class DescribeLikelyHandler(LeadDuplicates duplicates) : IQueryHandler<DescribeLikely, IReadOnlyList<string>>
{
    public async Task<IReadOnlyList<string>> Handle(DescribeLikely query, CancellationToken ct)
    {
        var probe = new Lead { Id = query.Except ?? 0, Company = Text(query.Company), CompanyKey = LeadDuplicates.Key(query.Company), Mobile = query.Mobile is { Length: > 0 } m && Phone.IsMobile(m) ? Phone.Normalize(m) : null, Phone = Text(query.Phone), Email = Text(query.Email) };
        return [.. (await duplicates.Find([probe], ct))[probe].Select(h => h.Line)];
    }

    private static string? Text(string? text) => TextNorm.Clean(text ?? "") is { Length: > 0 } t ? t.Length > 120 ? t[..120] : t : null;
}
