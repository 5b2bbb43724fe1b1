using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Records;

namespace KuaipuCrm.Tracking.Appointments;

/// <summary>What a contact record means for appointments: the newest one fulfils the one that was due and makes the next.</summary>
internal sealed class NextSteps(IDb db, IScope scope, OpenAppointments open, IDocuments<Appointment> appointments, IWorkCalendar calendar)
{
    private const string Why = "appointments follow from records, whoever may see them";

    /// <summary>Says that a later appointment with the same contact will be replaced.</summary>
    public async Task Warn(IReadOnlyList<Change<ContactRecord>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => Makes(c) || Takes(c)))
            if (c.Now.CustomerId is not null && (Makes(c) || await Mine(c.Now.Id, ct) is not null) && await Replaced(c, ct) is { } other)
                c.Warn(OpenAppointments.Code, "nextAt", open.Words(other));
    }

    public async Task Follow(IReadOnlyList<Change<ContactRecord>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Update or ChangeKind.Delete))
            if (await Mine(c.Now.Id, ct) is { } mine) await Change(c, mine, ct);
            else if (c.Kind == ChangeKind.Update && Makes(c)) await Make([c], ct);
        // Of records that come together the newest of each contact counts.
        await Make([.. changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Restore).GroupBy(c => (c.Now.CustomerId, c.Now.ContactId)).Select(g => g.MaxBy(c => (c.Now.At, c.Now.Id))!)], ct);
    }

    /// <summary>Another customer or contact: the next appointment goes along to that one.</summary>
    private static bool Takes(Change<ContactRecord> c) => c.Now.NextAt is not null && c.Before is { } b && (b.CustomerId != c.Now.CustomerId || b.ContactId != c.Now.ContactId);

    private static bool Makes(Change<ContactRecord> c) => c.Now.NextAt is not null && (c.Before is null || c.Before.NextAt != c.Now.NextAt);

    private async Task Make(IReadOnlyList<Change<ContactRecord>> changes, CancellationToken ct)
    {
        if (changes.Count == 0) return;
        var newest = await Newest([.. changes.Select(c => c.Now.CustomerId!.Value).Distinct()], ct);
        var (fulfilled, made) = (new List<Appointment>(), new List<Appointment>());
        foreach (var c in changes)
        {
            var r = c.Now;
            var pair = (r.CustomerId!.Value, r.ContactId ?? 0);
            // Old records that come in or come back change nothing about what was arranged since; what a person writes is meant, whenever it was.
            if ((c.Imported || c.Kind == ChangeKind.Restore) && newest.GetValueOrDefault(pair) > r.At) continue;
            if (await open.Of(pair, ct) is { } there && there.RecordId != r.Id)
            {
                if (IsDue(there, r))
                {
                    (there.State, there.DoneById) = (Appointment.Done, r.Id);
                    fulfilled.Add(there);
                }
                else if (r.NextAt is not null && !c.Imported && !c.Undone && !c.Confirmed.Contains(OpenAppointments.Code))
                {
                    throw new Unconfirmed([new(OpenAppointments.Code, "nextAt", open.Words(there), [])]);
                }
            }
            if (r.NextAt is { } at)
                made.Add(new Appointment { CustomerId = r.CustomerId, ContactId = r.ContactId, At = at, Subject = r.NextSubject ?? r.Subject, RecordId = r.Id, OwnerId = r.OwnerId, DepartmentId = r.DepartmentId });
        }
        if (fulfilled.Count > 0) await appointments.Keep(fulfilled, Why, ct);
        if (made.Count > 0) await appointments.Keep(made, Why, ct);
    }

    /// <summary>The record was changed or deleted: its appointment goes along while it is open.</summary>
    private async Task Change(Change<ContactRecord> c, Appointment mine, CancellationToken ct)
    {
        var (r, b) = (c.Now, c.Before!);
        if (c.Kind == ChangeKind.Delete || r.NextAt is null && b.NextAt is not null) mine.State = Appointment.Cancelled;
        else if (r.NextAt == b.NextAt && r.NextSubject == b.NextSubject && r.CustomerId == b.CustomerId && r.ContactId == b.ContactId && r.OwnerId == b.OwnerId) return;
        else
        {
            if (r.NextAt != b.NextAt) mine.At = r.NextAt;
            if (r.NextSubject != b.NextSubject) mine.Subject = r.NextSubject ?? r.Subject;
            if (r.OwnerId != b.OwnerId) (mine.OwnerId, mine.DepartmentId) = (r.OwnerId, r.DepartmentId);
            (mine.CustomerId, mine.ContactId) = (r.CustomerId, r.ContactId);
        }
        await appointments.Keep([mine], Why, ct);
    }

    private async Task<Appointment?> Replaced(Change<ContactRecord> c, CancellationToken ct) =>
        await open.Of((c.Now.CustomerId!.Value, c.Now.ContactId ?? 0), ct) is { } there && (c.Now.Id == 0 || there.RecordId != c.Now.Id) && !IsDue(there, c.Now) ? there : null;

    /// <summary>An appointment of that day or before is what the contact was made for.</summary>
    private bool IsDue(Appointment a, ContactRecord r) => calendar.DayOf(a.At!.Value) <= calendar.DayOf(r.At!.Value);

    private async Task<Appointment?> Mine(long record, CancellationToken ct) =>
        await db.First<long?>($"select a.id from tracking.appointment a where a.record_id = {record} and a.state = {Appointment.Open} and a.deleted_at is null and {scope.All("appointment", Why)}", ct) is { } id
            ? await appointments.FindAny(id, Why, ct) : null;

    private async Task<Dictionary<(long, long), DateTime>> Newest(IReadOnlyCollection<long> customers, CancellationToken ct) =>
        (await db.Query<Last>($"""
            select r.customer_id, coalesce(r.contact_id, 0) as contact_key, max(r.at) as at from tracking.contact_record r
            where {db.Dialect.In(Sql.Trusted("r.customer_id"), customers)} and r.deleted_at is null and {scope.All("contactrecord", Why)} group by r.customer_id, coalesce(r.contact_id, 0)
            """, ct)).ToDictionary(l => (l.CustomerId, l.ContactKey), l => l.At);

    private sealed record Last(long CustomerId, long ContactKey, DateTime At);
}
