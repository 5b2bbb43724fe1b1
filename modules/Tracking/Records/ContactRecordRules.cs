using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Appointments;
using KuaipuCrm.Tracking.Figures;

namespace KuaipuCrm.Tracking.Records;

/// <summary>What follows from a contact record: who took part, the next appointment, the figures of the customer and the contacts (TRK-1, TRK-3).</summary>
internal sealed class ContactRecordRules(Participants participants, NextSteps next, Recount recount, TellTied tied, IDictionaries dictionaries, ICurrentUser me, TimeProvider clock) : IDocumentRule<ContactRecord>
{
    /// <summary>Clocks of phones and servers differ a little.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    public string? SameAs(ContactRecord record) => record.CustomerId is { } customer && record.At is { } at ? $"{customer}/{record.ContactId}/{at.Ticks}/{record.Subject}" : null;

    public async Task Before(IReadOnlyList<Change<ContactRecord>> changes, CancellationToken ct)
    {
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).ToList();
        foreach (var c in saved) Check(c);
        await next.Warn([.. saved.Where(c => !c.Imported && !c.Undone && c.Errors.Count == 0)], ct);
    }

    public async Task After(IReadOnlyList<Change<ContactRecord>> changes, CancellationToken ct)
    {
        // Whoever else writes about one of these customers waits here: counts and appointments are worked out of what stands.
        await recount.Lock(changes.SelectMany(c => new[] { c.Now.CustomerId, c.Before?.CustomerId }).OfType<long>(), ct);
        var contacts = await participants.Follow(changes, ct);
        await next.Follow([.. changes.Where(c => c.Now.CustomerId is not null)], ct);
        await recount.Of([.. changes.SelectMany(c => new[] { c.Now.CustomerId, c.Before?.CustomerId }).OfType<long>()], contacts, ct);
        await tied.Of(changes, ct);
    }

    private void Check(Change<ContactRecord> c)
    {
        var r = c.Now;
        if (c.Kind == ChangeKind.Create) r.ById = r.OwnerId ?? (me.Id == 0 ? null : me.Id);
        if (r.Kind == ContactRecord.OtherAction) (r.CustomerId, r.ContactId, r.NextAt, r.NextSubject) = (null, null, null, null);
        else if (r.CustomerId is null) c.Refuse("customerId", "请填写客户。");
        if (r.At is { } at && at > clock.GetUtcNow().UtcDateTime + Ahead && (c.Before is null || c.Before.At != at)) c.Refuse("at", "联系时间不能晚于现在。尚未发生的联系请填在“下次联系时间”。");
        if (r.NextAt is { } then && r.At is { } now && then <= now && !c.Imported && (c.Before is null || c.Before.NextAt != then)) c.Refuse("nextAt", "下次联系时间须晚于联系时间。");
        if (string.IsNullOrWhiteSpace(r.Subject)) r.Subject = Subject(r);
    }

    /// <summary>The first line of what was written; nothing but the way of contact where nothing was.</summary>
    private string Subject(ContactRecord r)
    {
        var line = (r.Content ?? r.Result ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
        if (string.IsNullOrEmpty(line)) line = r.Method is { } method ? dictionaries.Label("contact.method", method) : "联系";
        return line.Length > 40 ? line[..40] + "…" : line;
    }
}
