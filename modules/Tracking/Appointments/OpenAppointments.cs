using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Appointments;

/// <summary>The claims that keep open appointments single, a row for each customer and contact.</summary>
/// <param name="appointments">Late: their rule asks for this.</param>
internal sealed class OpenAppointments(IDb db, Lazy<IDocuments<Appointment>> appointments, IOrganization organization, IWorkCalendar calendar)
{
    /// <summary>The warning that an open appointment will be replaced.</summary>
    public const string Code = "appointment";

    public async Task<Appointment?> Of((long Customer, long Contact) pair, CancellationToken ct) =>
        await db.First<long?>($"select appointment_id from tracking.open_appointment where customer_id = {pair.Customer} and contact_key = {pair.Contact}", ct) is { } id
            ? await appointments.Value.FindAny(id, "there is one at most, whoever made it", ct) : null;

    public Task Claim(Appointment a, CancellationToken ct) => db.Insert("tracking.open_appointment", ["customer_id", "contact_key", "appointment_id"], [[a.Pair.Customer, a.Pair.Contact, a.Id]], ct);

    public Task Release(long appointment, CancellationToken ct) => db.Execute($"delete from tracking.open_appointment where appointment_id = {appointment}", ct);

    /// <summary>What is said before an appointment is replaced: when it was to be and whose it is, not what it is about.</summary>
    public string Words(Appointment a) => $"同一{(a.ContactId is null ? "客户" : "联系人")}已有 {At(a)} 的预约（{Who(a)}）。保存后由新的预约代替。";

    /// <summary>What is said where it can't be replaced.</summary>
    public string Stays(Appointment a) => $"同一{(a.ContactId is null ? "客户" : "联系人")}已有 {At(a)} 的预约（{Who(a)}），由其改期。";

    private string At(Appointment a) => TimeZoneInfo.ConvertTimeFromUtc(a.At!.Value, calendar.Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private string Who(Appointment a) => (a.OwnerId is { } owner ? organization.Person(owner)?.Name : null) ?? "他人";
}
