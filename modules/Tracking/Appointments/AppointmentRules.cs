using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Figures;

namespace KuaipuCrm.Tracking.Appointments;

/// <summary>One contact of one customer has one open appointment at most; a new one says so and takes the place of the old one (TRK-3).</summary>
/// <param name="appointments">Late: the store that is asked for here is made with this rule.</param>
internal sealed class AppointmentRules(OpenAppointments open, Recount recount, Lazy<IDocuments<Appointment>> appointments) : IDocumentRule<Appointment>
{
    public async Task Before(IReadOnlyList<Change<Appointment>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            if (string.IsNullOrWhiteSpace(c.Now.Subject)) c.Now.Subject = "联系";
            if (c.Kind == ChangeKind.Update && !c.Imported && !c.Undone && c.Before!.State != Appointment.Open && c.Before.OwnerId == c.Now.OwnerId)
                c.Refuse("", "这个预约已经结束，不能再更改。请新建预约。");
        }
        foreach (var c in changes.Where(c => Opens(c) && c.Errors.Count == 0 && (!c.Imported || c.Undone)))
        {
            if (await open.Of(c.Now.Pair, ct) is not { } other || other.Id == c.Now.Id) continue;
            // Coming back out of the recycle bin or by an undo, or along with a customer that is merged into another, it finds one in its place.
            if (!Asks(c)) c.Now.State = Appointment.Replaced;
            else c.Warn(OpenAppointments.Code, "at", open.Words(other));
        }
    }

    public async Task After(IReadOnlyList<Change<Appointment>> changes, CancellationToken ct)
    {
        var customers = changes.SelectMany(c => new[] { c.Now.CustomerId, c.Before?.CustomerId }).OfType<long>().ToList();
        await recount.Lock(customers, ct);
        foreach (var c in changes.Where(Closes)) await open.Release(c.Now.Id, ct);
        foreach (var c in changes.Where(Opens))
        {
            if (await open.Of(c.Now.Pair, ct) is { } other)
            {
                // Someone made it since this one was checked: nobody has been told of it yet.
                if (!c.Imported && Asks(c) && !c.Confirmed.Contains(OpenAppointments.Code)) throw new Unconfirmed([new(OpenAppointments.Code, "at", open.Words(other), [])]);
                other.State = Appointment.Replaced;
                await appointments.Value.Keep([other], "it is replaced, whoever made it", ct);
            }
            await open.Claim(c.Now, ct);
        }
        await recount.Of(customers, [.. changes.SelectMany(c => new[] { c.Now.ContactId, c.Before?.ContactId }).OfType<long>()], ct);
    }

    /// <summary>A person makes it or changes it, and can be asked.</summary>
    private static bool Asks(Change<Appointment> c) => !c.Undone && (c.Kind == ChangeKind.Create || c.Kind == ChangeKind.Update && c.Before!.CustomerId == c.Now.CustomerId);

    private static bool WasOpen(Change<Appointment> c) => c.Before is { State: Appointment.Open, DeletedAt: null };

    private static bool IsOpen(Change<Appointment> c) => c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore && c.Now is { State: Appointment.Open, DeletedAt: null };

    private static bool Opens(Change<Appointment> c) => IsOpen(c) && (!WasOpen(c) || c.Before!.Pair != c.Now.Pair);

    private static bool Closes(Change<Appointment> c) => WasOpen(c) && (!IsOpen(c) || c.Before!.Pair != c.Now.Pair);
}
