using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>The company's days, always of this moment.</summary>
internal sealed class WorkCalendar(Caches caches, TimeProvider clock) : IWorkCalendar
{
    public TimeZoneInfo Zone => Documents.Zones.Find(caches.Company.TimeZone);

    public DateOnly Today => DayOf(clock.GetUtcNow().UtcDateTime);

    public DateOnly DayOf(DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), Zone));

    public DateTime Utc(DateOnly day, TimeOnly time = default)
    {
        var (at, zone) = (day.ToDateTime(time), Zone);
        return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(at) ? at.AddHours(1) : at, zone);
    }

    public bool IsWorking(DateOnly day) => caches.Company.Exceptions.TryGetValue(day, out var working) ? working : caches.Company.WorkDays.Contains(day.DayOfWeek);

    public DateOnly WorkingFrom(DateOnly day)
    {
        for (var d = day; d < day.AddDays(366); d = d.AddDays(1))
            if (IsWorking(d)) return d;
        return day;
    }
}
