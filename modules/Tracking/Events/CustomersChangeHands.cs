using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Appointments;

namespace KuaipuCrm.Tracking.Events;

/// <summary>Appointments go along with their customer: to its new owner, to rest with it in the recycle bin and back.</summary>
internal sealed class CustomersAppointments(IDb db, IScope scope, IDocuments<Appointment> appointments, IOrganization organization)
{
    private const string Why = "appointments go along with their customer, whoever made them";

    /// <param name="change">Whether it changed anything.</param>
    public async Task Change(long customer, string state, Func<Appointment, bool> change, CancellationToken ct)
    {
        var ids = await db.Query<long>($"select a.id from tracking.appointment a where a.customer_id = {customer} and a.state = {state} and a.deleted_at is null and {scope.All("appointment", Why)}", ct);
        var changed = new List<Appointment>();
        foreach (var id in ids)
            if (await appointments.FindAny(id, Why, ct) is { } a && change(a)) changed.Add(a);
        if (changed.Count > 0) await appointments.Keep(changed, Why, ct);
    }

    public long? DepartmentOf(long person) => organization.Person(person)?.DepartmentId;
}

/// <summary>What the former owner had arranged is the new owner's; nobody's where the customer is open to all again.</summary>
internal sealed class HandAppointmentsOver(CustomersAppointments appointments, IOperations operations) : IEventHandler<CustomerOwnerChanged>
{
    public async Task Handle(CustomerOwnerChanged e, CancellationToken ct)
    {
        using var act = await operations.Join(e.OperationId, ct);
        if (act is null) return;
        await appointments.Change(e.DocumentId, Appointment.Open, a =>
        {
            if (a.OwnerId != e.From) return false;
            if (e.To is { } heir) (a.OwnerId, a.DepartmentId) = (heir, appointments.DepartmentOf(heir));
            else a.State = Appointment.Cancelled;
            return true;
        }, ct);
    }
}

/// <summary>Nobody is to call a customer that was deleted.</summary>
internal sealed class RestAppointments(CustomersAppointments appointments) : IEventHandler<CustomerDeleted>
{
    public Task Handle(CustomerDeleted e, CancellationToken ct) => appointments.Change(e.DocumentId, Appointment.Open, a =>
    {
        a.State = Appointment.Resting;
        return true;
    }, ct);
}

/// <summary>The customer is back, and so is what was arranged.</summary>
internal sealed class WakeAppointments(CustomersAppointments appointments) : IEventHandler<CustomerRestored>
{
    public Task Handle(CustomerRestored e, CancellationToken ct) => appointments.Change(e.DocumentId, Appointment.Resting, a =>
    {
        a.State = Appointment.Open;
        return true;
    }, ct);
}
