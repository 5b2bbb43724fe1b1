using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Reminders;

/// <summary>When a reminder comes due.</summary>
internal static class ReminderTimes
{
    /// <summary>Far enough for any calendar; a repeat beyond is none.</summary>
    private const int MostTurns = 40_000;

    /// <summary>The time of a turn, 0 being the date itself; null beyond the end of repeating.</summary>
    public static DateTime? Due(object? value, ReminderWish wish, int turn, TimeZoneInfo zone)
    {
        if (value is not (DateOnly or DateTime) || turn > 0 && wish.Repeat == "none") return null;
        var local = value is DateOnly day ? day.ToDateTime(TimeOnly.MinValue) : TimeZoneInfo.ConvertTimeFromUtc((DateTime)value, zone);
        try
        {
            // From the date each time, not from the last turn: the 31st stays the 31st where there is one.
            local = wish.Repeat switch { "day" => local.AddDays(turn), "week" => local.AddDays(7 * turn), "month" => local.AddMonths(turn), "year" => local.AddYears(turn), _ => local };
            local = wish.AtMinute is { } minute ? local.Date.AddDays(wish.Days).AddMinutes(minute) : local.AddDays(wish.Days).AddMinutes(wish.Minutes);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
        if (turn > 0 && wish.RepeatUntil is { } last && DateOnly.FromDateTime(local) > last) return null;
        // The hour that the clock leaps over does not exist: the next one, then.
        if (zone.IsInvalidTime(local)) local = local.AddHours(1);
        return TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), zone);
    }

    /// <summary>The first turn after that moment.</summary>
    public static (DateTime Due, int Turn)? Next(object? value, ReminderWish wish, DateTime after, TimeZoneInfo zone)
    {
        if (Due(value, wish, 0, zone) is not { } first) return null;
        if (first > after) return (first, 0);
        if (wish.Repeat == "none") return null;
        var passed = (after - first).TotalDays;
        var turn = (int)Math.Clamp(passed / (wish.Repeat switch { "day" => 1, "week" => 7, "month" => 31, _ => 366 }) - 1, 1, MostTurns);
        for (; turn <= MostTurns; turn++)
        {
            if (Due(value, wish, turn, zone) is not { } due) return null;
            if (due > after) return (due, turn);
        }
        return null;
    }
}
