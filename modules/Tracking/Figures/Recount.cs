using KuaipuCrm.Published.Tracking;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Records;

namespace KuaipuCrm.Tracking.Figures;

/// <summary>Works the figures of customers and contacts out of their records and appointments, and tells other modules of what has changed.</summary>
internal sealed class Recount(IDb db, IScope scope, IEvents events)
{
    private const string Why = "figures are counted from all records, whoever may see them";

    /// <summary>Makes whoever else writes about these customers wait for this transaction.</summary>
    public async Task Lock(IEnumerable<long> customers, CancellationToken ct)
    {
        // In one order, so that two never wait for each other; SQLite has one writer anyway.
        if (db.Dialect.Name == "sqlite") return;
        foreach (var id in customers.Distinct().Order())
            await db.Execute($"update tracking.customer_track set version = version + 1 where id = {id} and {scope.All("customertrack", Why)}", ct);
    }

    public async Task Of(IReadOnlyCollection<long> customers, IReadOnlyCollection<long> contacts, CancellationToken ct)
    {
        // One person may be a contact of several customers: the person's figures wait for each other, too, behind the customers and in one order.
        if (db.Dialect.Name != "sqlite")
            foreach (var id in contacts.Distinct().Order())
                await db.Execute($"update tracking.contact_track set version = version + 1 where id = {id} and {scope.All("contacttrack", Why)}", ct);
        foreach (var some in customers.Distinct().Chunk(1000)) await Customers(some, ct);
        foreach (var some in contacts.Distinct().Chunk(1000)) await Contacts(some, ct);
    }

    private async Task Customers(long[] ids, CancellationToken ct)
    {
        var counted = (await db.Query<Counted>($"""
            select x.id, x.contacts, x.last_at, max(r.by_id) as last_by from
                (select r.customer_id as id, count(*) as contacts, max(r.at) as last_at from tracking.contact_record r
                 where {db.Dialect.In(Sql.Trusted("r.customer_id"), ids)} and r.deleted_at is null and {scope.All("contactrecord", Why)} group by r.customer_id) x
            join tracking.contact_record r on r.customer_id = x.id and r.at = x.last_at and r.deleted_at is null
            group by x.id, x.contacts, x.last_at
            """, ct)).ToDictionary(c => c.Id);
        var next = (await db.Query<Next>($"""
            select o.customer_id as id, a.id as next_id, a.at as next_at, a.subject, a.contact_id from tracking.open_appointment o join tracking.appointment a on a.id = o.appointment_id
            where {db.Dialect.In(Sql.Trusted("o.customer_id"), ids)} and {scope.All("appointment", Why)}
            """, ct)).GroupBy(n => n.Id).ToDictionary(g => g.Key, g => g.MinBy(n => (n.NextAt, n.NextId))!);
        var stood = await db.Query<CustomerFigures>($"""
            select t.id, t.contacts, t.last_at, t.last_by, t.next_id, t.next_at, t.next_subject, t.next_contact_id from tracking.customer_track t
            where {db.Dialect.In(Sql.Trusted("t.id"), ids)} and {scope.All("customertrack", Why)}
            """, ct);
        foreach (var was in stood)
        {
            var (c, n) = (counted.GetValueOrDefault(was.Id), next.GetValueOrDefault(was.Id));
            var now = new CustomerFigures(was.Id, c?.Contacts ?? 0, c?.LastAt, c?.LastBy, n?.NextId, n?.NextAt, n?.Subject, n?.ContactId);
            if (now == was) continue;
            await db.Execute($"""
                update tracking.customer_track set contacts = {now.Contacts}, last_at = {now.LastAt}, last_by = {now.LastBy}, next_id = {now.NextId}, next_at = {now.NextAt},
                    next_subject = {now.NextSubject}, next_contact_id = {now.NextContactId} where id = {was.Id} and {scope.All("customertrack", Why)}
                """, ct);
            if ((now.Contacts, now.LastAt, now.LastBy, now.NextAt) != (was.Contacts, was.LastAt, was.LastBy, was.NextAt))
                events.Publish(new CustomerContacted(was.Id, now.LastAt, now.LastBy, now.Contacts, now.NextAt));
        }
    }

    private async Task Contacts(long[] ids, CancellationToken ct)
    {
        var counted = (await db.Query<Counted>($"""
            select x.id, x.contacts, x.last_at, max(r.by_id) as last_by from
                (select p.contact_id as id, count(*) as contacts, max(r.at) as last_at from tracking.participant p join tracking.contact_record r on r.id = p.record_id
                 where {db.Dialect.In(Sql.Trusted("p.contact_id"), ids)} and r.deleted_at is null and {scope.All("contactrecord", Why)} group by p.contact_id) x
            join tracking.participant p on p.contact_id = x.id join tracking.contact_record r on r.id = p.record_id and r.at = x.last_at and r.deleted_at is null
            group by x.id, x.contacts, x.last_at
            """, ct)).ToDictionary(c => c.Id);
        var met = (await db.Query<Met>($"""
            select p.contact_id as id, max(r.at) as at from tracking.participant p join tracking.contact_record r on r.id = p.record_id
            where {db.Dialect.In(Sql.Trusted("p.contact_id"), ids)} and {db.Dialect.In(Sql.Trusted("r.method"), ContactRecord.Meetings)} and r.deleted_at is null and {scope.All("contactrecord", Why)} group by p.contact_id
            """, ct)).ToDictionary(m => m.Id, m => m.At);
        var next = (await db.Query<Next>($"""
            select o.contact_key as id, a.id as next_id, a.at as next_at, a.subject, a.contact_id from tracking.appointment a join tracking.open_appointment o on o.appointment_id = a.id
            where {db.Dialect.In(Sql.Trusted("a.contact_id"), ids)} and {scope.All("appointment", Why)}
            """, ct)).GroupBy(n => n.Id).ToDictionary(g => g.Key, g => g.MinBy(n => (n.NextAt, n.NextId))!);
        foreach (var id in ids)
        {
            var (c, n) = (counted.GetValueOrDefault(id), next.GetValueOrDefault(id));
            DateTime? metAt = met.TryGetValue(id, out var at) ? at : null;
            await db.Execute($"""
                update tracking.contact_track set contacts = {c?.Contacts ?? 0}, last_at = {c?.LastAt}, last_by = {c?.LastBy}, met_at = {metAt}, next_at = {n?.NextAt}, next_subject = {n?.Subject}
                where id = {id} and {scope.All("contacttrack", Why)}
                """, ct);
        }
    }

    private sealed record Counted(long Id, long Contacts, DateTime LastAt, long? LastBy);
    private sealed record Met(long Id, DateTime At);
    private sealed record Next(long Id, long NextId, DateTime NextAt, string Subject, long? ContactId);
    private sealed record CustomerFigures(long Id, long Contacts, DateTime? LastAt, long? LastBy, long? NextId, DateTime? NextAt, string? NextSubject, long? NextContactId);
}
