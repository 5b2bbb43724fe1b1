using KuaipuCrm.Published.Leads;
using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Records;

namespace KuaipuCrm.Tracking.Events;

/// <summary>A lead was made of a contact record: the record is about it (TRK-4).</summary>
internal sealed class TieRecordToLead(IDocuments<ContactRecord> records) : IEventHandler<LeadCreated>
{
    private const string Why = "the record is about what was made of it, whoever made it";

    public async Task Handle(LeadCreated e, CancellationToken ct)
    {
        if (e.RecordId is not { } id || await records.FindAny(id, Why, ct) is not { LeadId: null } record) return;
        record.LeadId = e.DocumentId;
        await records.Keep([record], Why, ct);
    }
}

/// <summary>An opportunity was made of a contact record: the record is about it (TRK-4).</summary>
internal sealed class TieRecordToOpportunity(IDocuments<ContactRecord> records) : IEventHandler<OpportunityCreated>
{
    private const string Why = "the record is about what was made of it, whoever made it";

    public async Task Handle(OpportunityCreated e, CancellationToken ct)
    {
        if (e.RecordId is not { } id || await records.FindAny(id, Why, ct) is not { OpportunityId: null } record) return;
        record.OpportunityId = e.DocumentId;
        await records.Keep([record], Why, ct);
    }
}

/// <summary>A lead became an opportunity: what was said about the lead stands beside the opportunity, too (LEA-4).</summary>
internal sealed class CarryRecordsToOpportunity(IDb db, IScope scope, IDocuments<ContactRecord> records) : IEventHandler<LeadConverted>
{
    private const string Why = "records go along with their lead, whoever wrote them";

    public async Task Handle(LeadConverted e, CancellationToken ct)
    {
        var carried = new List<ContactRecord>();
        foreach (var id in await db.Query<long>($"select r.id from tracking.contact_record r where r.lead_id = {e.DocumentId} and r.opportunity_id is null and r.deleted_at is null and {scope.All("contactrecord", Why)} order by r.id {db.Dialect.Page(1_000)}", ct))
            if (await records.FindAny(id, Why, ct) is { } record)
            {
                record.OpportunityId = e.OpportunityId;
                carried.Add(record);
            }
        if (carried.Count > 0) await records.Keep(carried, Why, ct);
    }
}
