using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Events;

/// <summary>Where a record with a customer has made no opportunity and is tied to none.</summary>
internal sealed class WhereNoOpportunity : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("opportunityId") is null && values.GetValueOrDefault("customerId") is not null;
}

/// <summary>Makes an opportunity of what was heard in a contact (TRK-4): one of each record, ever.</summary>
/// <returns>The opportunity's id.</returns>
[Action("生成商机", "opportunities.opportunities.create", On = "contactrecord", Route = "records/{recordId}/make-opportunity", Icon = "handshake", Where = typeof(WhereNoOpportunity), Help = "由联系记录生成一个商机，带上客户、联系人和内容；一条联系记录最多生成一个。返回商机的编号。", Example = "{\"name\":\"二期扩容\",\"amount\":50000}")]
public sealed record MakeOpportunityOfRecord([Label("联系记录的编号")] long RecordId, [Label("商机名称"), Required, MaxLength(100)] string Name, [Label("金额"), Range(0, 1_000_000_000_000)] decimal? Amount = null, [Label("预签日期")] DateOnly? SignDate = null) : ICommand<long>;

internal sealed class MakeOpportunityOfRecordHandler(IDocuments<Opportunity> opportunities, IDb db, IMediator mediator, ICurrentUser me) : ICommandHandler<MakeOpportunityOfRecord, long>
{
    public async Task<long> Handle(MakeOpportunityOfRecord command, CancellationToken ct)
    {
        var record = await mediator.Send(new GetDocument("contactrecord", command.RecordId), ct);
        if (record.Values.GetValueOrDefault("customerId") is not long customer) throw new RuleBroken("没有客户的行动不能生成商机。");
        if (record.Values.GetValueOrDefault("opportunityId") is not null) throw new RuleBroken("这条联系记录已关联商机。");
        // Claimed first: of two who click at once the second waits here and is refused.
        if (await db.Execute($"insert into opportunities.made_of_record (record_id, opportunity_id) select {record.Id}, 0 where not exists (select 1 from opportunities.made_of_record m where m.record_id = {record.Id})", ct) == 0)
            throw new RuleBroken("这条联系记录已生成过商机，只能生成一个。");
        var made = new Opportunity
        {
            Name = command.Name.Trim(),
            CustomerId = customer,
            ContactId = record.Values.GetValueOrDefault("contactId") as long?,
            Amount = command.Amount,
            SignDate = command.SignDate,
            Remarks = record.Values.GetValueOrDefault("content") as string,
            RecordId = record.Id,
            OwnerId = me.Id,
            Carried = (record.Values.GetValueOrDefault("leadId") as long?, record.Values.GetValueOrDefault("campaignId") as long?),
        };
        var id = await opportunities.Create(made, ct: ct);
        await db.Execute($"update opportunities.made_of_record set opportunity_id = {id} where record_id = {record.Id}", ct);
        return id;
    }
}
