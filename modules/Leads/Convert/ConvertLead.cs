using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Leads.Duplicates;
using KuaipuCrm.Published.Leads;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Convert;

/// <summary>Makes an opportunity of a lead, or ties one that is there (生成商机, LEA-4); customer and contact are made or tied in the same step. All of it happens, or nothing; once at most.</summary>
/// <param name="OpportunityId">Ties this one; what follows about customer and opportunity is not looked at then.</param>
/// <param name="Company">A new customer's name, where the lead has none or another is meant.</param>
/// <param name="Anyway">Possible doubles of the new customer and contact were looked at: make them all the same.</param>
[Action("生成商机", "leads.leads.update", Route = "leads/{leadId}/convert", Help = "由线索生成商机（或关联已有商机），同时新建或关联客户和联系人；一条线索只能一次。可能重复时返回 409 并列出，核对后以 anyway 为 true 再发一次。",
    Example = "{\"company\":\"例如科技有限公司\",\"contactName\":\"张伟\",\"name\":\"一期项目\",\"kind\":\"ordinary\",\"anyway\":true}")]
public sealed record ConvertLead([Label("线索的编号")] long LeadId, [Label("关联已有商机", Of = "opportunity")] long? OpportunityId = null, [Label("已有客户", Of = "customer")] long? CustomerId = null, [Label("新客户的名称"), MaxLength(100)] string? Company = null,
    [Label("已有联系人", Of = "contact")] long? ContactId = null, [Label("新联系人的姓名"), MaxLength(40)] string? ContactName = null, [Label("商机名称"), MaxLength(100)] string? Name = null, [Label("商机类型")] string Kind = "ordinary",
    [Label("金额"), Range(0, 1_000_000_000_000)] decimal? Amount = null, [Label("预签日期")] DateOnly? SignDate = null, [Label("可能重复时仍然新建")] bool Anyway = false) : ICommand<Converted>;

public sealed record Converted(long LeadId, long OpportunityId, long CustomerId, long? ContactId);

internal sealed class ConvertLeadHandler(IDocuments<Lead> leads, IDb db, Conversion make, IEvents events, TimeProvider clock) : ICommandHandler<ConvertLead, Converted>
{
    private const string Why = "the user may change it, and it is converted once";

    public async Task<Converted> Handle(ConvertLead command, CancellationToken ct)
    {
        var lead = await leads.GetToChange(command.LeadId, ct);
        lead.MustBe(Lead.Open, Lead.Following);
        // Claimed before anything is made: whoever comes second waits for this row, and finds it converted.
        var now = clock.GetUtcNow().UtcDateTime;
        (lead.Status, lead.EndedAt, lead.ConvertDays) = (Lead.Converted, now, Math.Round((decimal)Math.Max(0, (now - lead.At!.Value).TotalDays), 4));
        await leads.Keep([lead], Why, ct);
        var (opportunity, customer, contact) = command.OpportunityId is { } there ? await make.Tie(lead, there, ct) : await make.Make(lead, command, ct);
        var products = await db.Query<long>($"select p.product_id from leads.lead_product p where p.lead_id = {lead.Id} order by p.product_id", ct);
        await make.Lines(opportunity, products, ct);
        (lead.OpportunityId, lead.CustomerId, lead.ContactId) = (opportunity, customer, contact);
        await leads.Keep([lead], Why, ct);
        events.Publish(new LeadConverted(lead.Id, opportunity, customer, contact, lead.CampaignId));
        return new(lead.Id, opportunity, customer, contact);
    }
}

/// <summary>What may be the same as the lead's customer and contact, before it is converted.</summary>
[Action("线索转化前查重", "leads.leads.read", Route = "leads/{leadId}/matches", Help = "与线索中的公司、电话、邮箱相同的客户和联系人，不论由谁负责，只给出名称和负责人；mine 为 true 的可以选用。")]
public sealed record FindMatches([Label("线索的编号")] long LeadId) : IQuery<IReadOnlyList<LeadMatch>>;

/// <param name="CustomerId">Only where the user may see the customer, so too the contact.</param>
public sealed record LeadMatch(long? CustomerId, long? ContactId, string Line, bool Mine);

internal sealed class FindMatchesHandler(IDocuments<Lead> leads, LeadDuplicates duplicates, Conversion make) : IQueryHandler<FindMatches, IReadOnlyList<LeadMatch>>
{
    public async Task<IReadOnlyList<LeadMatch>> Handle(FindMatches query, CancellationToken ct)
    {
        var lead = await leads.Get(query.LeadId, ct);
        var matches = new List<LeadMatch>();
        foreach (var h in (await duplicates.Find([lead], ct))[lead])
        {
            var customer = h.Known?.CustomerId is { } c && await make.Sees("customer", c, ct) ? c : (long?)null;
            var contact = h.Known?.ContactId is { } k && customer is not null && await make.Sees("contact", k, ct) ? k : (long?)null;
            matches.Add(new(customer, contact, h.Line, customer is not null));
        }
        return matches;
    }
}
