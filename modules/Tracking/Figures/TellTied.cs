using KuaipuCrm.Published.Tracking;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Records;

namespace KuaipuCrm.Tracking.Figures;

/// <summary>Tells of leads and opportunities when they were last contacted about.</summary>
internal sealed class TellTied(IDb db, IScope scope, IEvents events)
{
    private const string Why = "figures are counted from all records, whoever may see them";

    public async Task Of(IReadOnlyList<Change<ContactRecord>> changes, CancellationToken ct)
    {
        foreach (var (type, id) in new (string Type, Func<ContactRecord, long?> Id)[] { ("lead", r => r.LeadId), ("opportunity", r => r.OpportunityId) })
            foreach (var tied in changes.SelectMany(c => new[] { id(c.Now), c.Before is null ? null : id(c.Before) }).OfType<long>().Distinct())
            {
                var of = Sql.Trusted(type == "lead" ? "r.lead_id" : "r.opportunity_id");
                var records = await db.First<Sum>($"select count(*) as many, max(r.at) as last_at from tracking.contact_record r where {of} = {tied} and r.deleted_at is null and {scope.All("contactrecord", Why)}", ct);
                var next = await db.First<DateTime?>($"select r.next_at from tracking.contact_record r where {of} = {tied} and r.next_at is not null and r.deleted_at is null and {scope.All("contactrecord", Why)} order by r.at desc, r.id desc {db.Dialect.Page(1)}", ct);
                events.Publish(new TiedContacted(tied, type, records!.LastAt, next > records.LastAt ? next : null, records.Many));
            }
    }

    private sealed record Sum(long Many, DateTime? LastAt);
}
