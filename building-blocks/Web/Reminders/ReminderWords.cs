using System.Globalization;
using KuaipuCrm.Sdk;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Web.Reminders;

/// <summary>Reminders in the user's words.</summary>
public static class ReminderWords
{
    /// <summary>Dates and moments people can be reminded of.</summary>
    public static IEnumerable<FieldDefinition> Dates(DocumentDefinition d) => d.Fields.Where(f => f is { Kind: FieldKind.Date or FieldKind.Instant, Hidden: false } && f.Name != "updatedAt");

    public static string When(DocumentDefinition d, ReminderWish w)
    {
        var field = L(d.Find(w.Field)?.Label ?? w.Field);
        var day = w.Days == 0 ? L("当天") : w.Days < 0 ? L($"前 {-w.Days} 天") : L($"后 {w.Days} 天");
        var moment = w.AtMinute is { } m ? $"{day} {Clock(m)}" : w.Minutes == 0 && w.Days == 0 ? L("准时") : w.Minutes <= 0 ? L($"前 {Span(-w.Minutes)}") : L($"后 {Span(w.Minutes)}");
        return $"{field} {moment}{Repeat(w)}";
    }

    public static string Whom(DocumentDefinition d, ReminderWish w, IOrganization organization, ICatalog catalog) => w.Whom switch
    {
        "tied" => catalog.PeopleOf(d.Type)?.People ?? "",
        "owner" => L("负责人"),
        "superior" => L("负责人的上级"),
        "field" => L(d.Find(w.WhomField ?? "")?.Label ?? ""),
        _ => w.UserId is { } u ? organization.Person(u)?.Name ?? "" : "",
    };

    public static string How(ReminderWish w) => string.Join(L("、"), new[] { L("在线短信"), w.Mail ? L("邮件") : null, w.Sms ? L("手机短信") : null }.OfType<string>());

    public static string Clock(int minute) => $"{(minute / 60).ToString("00", CultureInfo.InvariantCulture)}:{(minute % 60).ToString("00", CultureInfo.InvariantCulture)}";

    private static string Span(int minutes) => minutes % 1440 == 0 && minutes > 0 ? L($"{minutes / 1440} 天") : minutes % 60 == 0 && minutes > 0 ? L($"{minutes / 60} 小时") : L($"{minutes} 分钟");

    private static string Repeat(ReminderWish w) => w.Repeat switch { "day" => L("，每天"), "week" => L("，每周"), "month" => L("，每月"), "year" => L("，每年"), _ => "" };
}
