using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Figures;

namespace KuaipuCrm.Tracking.Appointments;

/// <summary>Puts a customer's next contact to another time (TRK-7); where none is arranged, arranges one.</summary>
[Action("改期", "tracking.appointments.update", On = "customertrack", Icon = "calendar-days", Route = "customers/{customerId}/reschedule", Help = "把客户最近的一次预约改到另一时间；还没有预约时新建一个。返回预约的编号。",
    Example = "{\"at\":\"2030-01-31T01:30:00Z\",\"subject\":\"回访\"}")]
public sealed record RescheduleCustomer(long CustomerId, [Label("下次联系时间"), Required] DateTime At, [Label("主题"), MaxLength(100)] string? Subject) : ICommand<long>;

internal sealed class RescheduleCustomerHandler(OpenAppointments open, IDocuments<Appointment> appointments, IDocuments<CustomerTrack> tracks, ICurrentUser me, TimeProvider clock) : ICommandHandler<RescheduleCustomer, long>
{
    public async Task<long> Handle(RescheduleCustomer command, CancellationToken ct)
    {
        var track = await tracks.Get(command.CustomerId, ct);
        var at = command.At.Kind == DateTimeKind.Utc ? command.At : command.At.ToUniversalTime();
        if (at <= clock.GetUtcNow().UtcDateTime) throw new Invalid("at", "下次联系时间须晚于现在。");
        if (track.NextId is { } next && (await appointments.Find([next], ct)).FirstOrDefault() is { } mine)
        {
            (mine.At, mine.Subject) = (at, string.IsNullOrWhiteSpace(command.Subject) ? mine.Subject : command.Subject.Trim());
            await appointments.Update(mine, ct: ct);
            return mine.Id;
        }
        // Another's appointment, out of sight: nobody can be asked whether it may be replaced, so it stays.
        if (await open.Of((track.Id, track.NextContactId ?? 0), ct) is { } other) throw new RuleBroken(open.Stays(other));
        return await appointments.Create(new Appointment { CustomerId = track.Id, ContactId = track.NextContactId, At = at, Subject = command.Subject?.Trim() ?? "", OwnerId = me.Id, DepartmentId = me.DepartmentId }, ct: ct);
    }
}

/// <summary>Takes an appointment back: the contact will not be made.</summary>
[Action("取消预约", "tracking.appointments.update", On = "appointment", Icon = "ban", Route = "appointments/{id}/cancel", Confirm = "取消这个预约？客户的下次联系时间随之更新。", Help = "取消一个还没有完成的预约。")]
public sealed record CancelAppointment(long Id) : ICommand<Done>;

internal sealed class CancelAppointmentHandler(IDocuments<Appointment> appointments) : ICommandHandler<CancelAppointment, Done>
{
    public async Task<Done> Handle(CancelAppointment command, CancellationToken ct)
    {
        var a = await appointments.Get(command.Id, ct);
        if (a.State != Appointment.Open) throw new RuleBroken("这个预约已经结束。");
        a.State = Appointment.Cancelled;
        await appointments.Update(a, ct: ct);
        return default;
    }
}
