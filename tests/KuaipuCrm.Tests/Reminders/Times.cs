using KuaipuCrm.Platform.Reminders;
using KuaipuCrm.Sdk;
using Xunit;

namespace KuaipuCrm.Tests.Reminders;

public class Times
{
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"), Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static ReminderWish Wish(int days, int? at, int minutes = 0, string repeat = "none", DateOnly? until = null) => new("x", days, at, minutes, "owner", Repeat: repeat, RepeatUntil: until);

    [Theory, Trait("req", "DOC-8")]
    [InlineData("2026-03-01", -1, 540, "2026-02-28 01:00")]
    [InlineData("2024-03-01", -1, 540, "2024-02-29 01:00")]
    [InlineData("2026-01-01", 0, 0, "2025-12-31 16:00")]
    [InlineData("2026-12-31", 1, 1439, "2027-01-01 15:59")]
    public void A_day_is_reminded_of_at_the_hour_of_the_companys_zone(string day, int days, int at, string utc) =>
        Assert.Equal(DateTime.Parse(utc + "Z", null, System.Globalization.DateTimeStyles.AdjustToUniversal), ReminderTimes.Due(DateOnly.Parse(day), Wish(days, at), 0, Shanghai));

    [Fact, Trait("req", "DOC-8")]
    public void A_moment_is_reminded_of_so_long_before()
    {
        var moment = new DateTime(2026, 5, 1, 3, 30, 0, DateTimeKind.Utc);
        Assert.Equal(moment.AddMinutes(-45), ReminderTimes.Due(moment, Wish(0, null, -45), 0, Shanghai));
        Assert.Equal(new DateTime(2026, 4, 30, 1, 0, 0), ReminderTimes.Due(moment, Wish(-1, 540), 0, Shanghai));
        Assert.Null(ReminderTimes.Due(null, Wish(0, 540), 0, Shanghai));
    }

    [Fact, Trait("req", "DOC-8")]
    public void Birthdays_come_every_year_the_31st_stays_the_31st_and_repeating_ends()
    {
        var now = new DateTime(2026, 11, 25, 0, 0, 0, DateTimeKind.Utc);
        Assert.Equal((new DateTime(2027, 2, 28, 1, 0, 0), 35), ReminderTimes.Next(new DateOnly(1992, 2, 29), Wish(0, 540, repeat: "year"), now, Shanghai));
        var last = new DateOnly(2026, 1, 31);
        Assert.Equal([new(2026, 1, 31), new(2026, 2, 28), new(2026, 3, 31), new DateTime(2026, 4, 30)], Enumerable.Range(0, 4).Select(i => ReminderTimes.Due(last, Wish(0, 720, repeat: "month"), i, Shanghai)!.Value.Date));
        Assert.Null(ReminderTimes.Next(last, Wish(0, 540, repeat: "month", until: new(2026, 6, 1)), now, Shanghai));
        Assert.Equal(new DateTime(2026, 11, 25, 1, 0, 0), ReminderTimes.Next(new DateOnly(2000, 1, 1), Wish(0, 540, repeat: "day"), now, Shanghai)!.Value.Due);
        Assert.Null(ReminderTimes.Next(new DateOnly(2026, 1, 1), Wish(0, 540), now, Shanghai));
    }

    [Fact, Trait("req", "DOC-8")]
    public void The_hour_the_clock_leaps_over_is_not_lost() =>
        Assert.Equal(new DateTime(2026, 3, 29, 1, 30, 0), ReminderTimes.Due(new DateOnly(2026, 3, 29), Wish(0, 150), 0, Berlin));
}
