using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Appointments;
using KuaipuCrm.Tracking.Figures;

namespace KuaipuCrm.Tracking.Events;

/// <summary>Records and appointments have followed by themselves; what keeps open appointments single follows here, and the figures are counted anew.</summary>
internal sealed class JoinAppointments(IDb db, OpenAppointments open, IDocuments<Appointment> appointments, Recount recount) : IEventHandler<CustomersMerged>
{
    public async Task Handle(CustomersMerged e, CancellationToken ct)
    {
        await recount.Lock([e.DocumentId, e.Lost], ct);
        foreach (var claim in await db.Query<Claim>($"select contact_key, appointment_id from tracking.open_appointment where customer_id = {e.Lost}", ct))
            if (await open.Of((e.DocumentId, claim.ContactKey), ct) is null)
            {
                await db.Execute($"update tracking.open_appointment set customer_id = {e.DocumentId} where appointment_id = {claim.AppointmentId}", ct);
            }
            else if (await appointments.FindAny(claim.AppointmentId, "it gives way to the one of the customer that stays", ct) is { } moved)
            {
                moved.State = Appointment.Replaced;
                await appointments.Keep([moved], "it gives way to the one of the customer that stays", ct);
                await db.Insert("tracking.merged_appointment", ["operation_id", "appointment_id"], [[e.OperationId, moved.Id]], ct);
            }
        await recount.Of([e.DocumentId, e.Lost], [], ct);
    }

    private sealed record Claim(long ContactKey, long AppointmentId);
}

/// <summary>The merge was taken back: each customer has its appointments again, those that gave way among them.</summary>
internal sealed class PartAppointments(IDb db, IScope scope, IDocuments<Appointment> appointments, Recount recount) : IEventHandler<CustomersParted>
{
    private const string Why = "a merge is taken back whole, whoever may see its parts";

    public async Task Handle(CustomersParted e, CancellationToken ct)
    {
        await recount.Lock([e.DocumentId, e.Back], ct);
        foreach (var id in await db.Query<long>($"""
            select o.appointment_id from tracking.open_appointment o join tracking.appointment a on a.id = o.appointment_id
            where o.customer_id = {e.DocumentId} and a.customer_id = {e.Back} and {scope.All("appointment", Why)}
            """, ct)) await db.Execute($"update tracking.open_appointment set customer_id = {e.Back} where appointment_id = {id}", ct);
        foreach (var id in await db.Query<long>($"select appointment_id from tracking.merged_appointment where operation_id = {e.OperationId}", ct))
            if (await appointments.FindAny(id, Why, ct) is { State: Appointment.Replaced } given)
            {
                given.State = Appointment.Open;
                await appointments.Keep([given], Why, ct);
            }
        await db.Execute($"delete from tracking.merged_appointment where operation_id = {e.OperationId}", ct);
        await recount.Of([e.DocumentId, e.Back], [], ct);
    }
}
