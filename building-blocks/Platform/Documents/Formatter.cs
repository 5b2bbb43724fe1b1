using System.Globalization;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Values as people read them: in exports, histories and messages.</summary>
public sealed class Formatter(Caches caches, TimeProvider clock) : IFormat
{
    public TimeZoneInfo Zone => Zones.Find(caches.Company.TimeZone);

    public string Currency => Yuan ? L("元") : Code;

    public string Amount(decimal amount, bool brief = false)
    {
        var tens = brief && Chinese && Math.Abs(amount) >= 10_000;
        return (Yuan ? "¥" : Code + " ") + (tens ? amount / 10_000 : amount).ToString("#,##0.##", CultureInfo.InvariantCulture) + (tens ? L("万") : "");
    }

    /// <param name="names">Titles of the documents referred to.</param>
    public string? Text(FieldDefinition f, object? value, IReadOnlyDictionary<long, string> names) => value switch
    {
        null => null,
        string code when f.Kind == FieldKind.Choice => f.Cascading || f.Tree ? Path(f.Dictionary!, code) : caches.Dictionaries.Label(f.Dictionary!, code),
        string code when f.Kind == FieldKind.Fixed => f.Values.FirstOrDefault(v => v.Code == code)?.Label ?? code,
        long id when f.Kind == FieldKind.Reference => names.GetValueOrDefault(id) ?? (id == 0 ? L("系统") : $"#{id}"),
        decimal d when f.Kind == FieldKind.Money => Plain(d),
        decimal d => d.ToString("#,##0.####", CultureInfo.InvariantCulture),
        DateOnly d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime t when f.WithAge => L($"{Moment(t)}（{Days(t)} 天前）"),
        DateTime t => Moment(t),
        bool b => b ? L("是") : L("否"),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>An amount of yuan goes without saying; of another currency its code stands before it.</summary>
    private string Plain(decimal d) => (Yuan ? "" : Code + " ") + d.ToString("#,##0.00", CultureInfo.InvariantCulture);

    private string Code => caches.Company.Currency;

    private bool Yuan => Code == "CNY";

    private string Moment(DateTime t) => TimeZoneInfo.ConvertTimeFromUtc(t, Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Whole days of the account set's zone between then and now.</summary>
    private int Days(DateTime t) => (TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, Zone).Date - TimeZoneInfo.ConvertTimeFromUtc(t, Zone).Date).Days;

    /// <summary>广东 / 深圳: the entry with its parents.</summary>
    public string Path(string dictionary, string code)
    {
        var parts = new List<string>();
        string? at = code;
        for (var depth = 0; at is not null && depth < 6; depth++)
        {
            parts.Insert(0, caches.Dictionaries.Label(dictionary, at));
            at = caches.Dictionaries.Entry(dictionary, at)?.Parent;
        }
        return string.Join(" / ", parts);
    }
}

internal static class Zones
{
    public static TimeZoneInfo Find(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.CreateCustomTimeZone(name, TimeSpan.FromHours(8), name, name);
}
