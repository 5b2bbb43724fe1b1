using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Leads.Events;

/// <summary>Where a record has made no lead and is tied to none.</summary>
internal sealed class WhereNoLead : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("leadId") is null;
}

/// <summary>Makes a lead of what was heard in a contact (TRK-4): one of each record, ever.</summary>
/// <returns>The lead's id.</returns>
[Action("生成线索", "leads.leads.create", On = "contactrecord", Route = "records/{recordId}/make-lead", Icon = "filter", Where = typeof(WhereNoLead), Help = "由联系记录生成一条线索，带上客户、联系人和内容；一条联系记录最多生成一条。返回线索的编号。", Example = "{\"subject\":\"扩容需求\"}")]
public sealed record MakeLeadOfRecord([Label("联系记录的编号")] long RecordId, [Label("线索主题（不填则同联系记录）"), MaxLength(100)] string? Subject = null) : ICommand<long>;

internal sealed class MakeLeadOfRecordHandler(IDocuments<Lead> leads, IDb db, IMediator mediator, ICurrentUser me) : ICommandHandler<MakeLeadOfRecord, long>
{
    public async Task<long> Handle(MakeLeadOfRecord command, CancellationToken ct)
    {
        var record = await mediator.Send(new GetDocument("contactrecord", command.RecordId), ct);
        if (record.Values.GetValueOrDefault("leadId") is not null) throw new RuleBroken("这条联系记录已关联线索。");
        // Claimed first: of two who click at once the second waits here and is refused.
        if (await db.Execute($"insert into leads.made_of_record (record_id, lead_id) select {record.Id}, 0 where not exists (select 1 from leads.made_of_record m where m.record_id = {record.Id})", ct) == 0)
            throw new RuleBroken("这条联系记录已生成过线索，只能生成一条。");
        var made = new Lead
        {
            Subject = string.IsNullOrWhiteSpace(command.Subject) ? record.Title : command.Subject.Trim(),
            Content = record.Values.GetValueOrDefault("content") as string,
            CustomerId = record.Values.GetValueOrDefault("customerId") as long?,
            ContactId = record.Values.GetValueOrDefault("contactId") as long?,
            At = record.Values.GetValueOrDefault("at") as DateTime?,
            RecordId = record.Id,
            OwnerId = me.Id,
            Carried = record.Values.GetValueOrDefault("campaignId") as long?,
        };
        var id = await leads.Create(made, new HashSet<string> { Duplicates.LeadDuplicates.Code }, ct);
        await db.Execute($"update leads.made_of_record set lead_id = {id} where record_id = {record.Id}", ct);
        return id;
    }
}
