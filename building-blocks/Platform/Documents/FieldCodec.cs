using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Turns a field's value between its plain type, the database, JSON and text.</summary>
public static class FieldCodec
{
    /// <summary>The plain value as the database keeps it.</summary>
    public static object? ToDb(FieldDefinition f, object? value) => value switch
    {
        null => null,
        decimal d when f.Kind == FieldKind.Money => decimal.ToInt64(decimal.Round(d * 100m)),
        decimal d when f.Kind == FieldKind.Quantity => decimal.ToInt64(decimal.Round(d * 10_000m)),
        // In JSON there are neither days nor, on all engines alike, truth values.
        DateOnly d when f.Custom => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        bool b when f.Custom => b ? 1L : null,
        _ => value,
    };

    /// <summary>The plain value of what the driver hands out.</summary>
    public static object? FromDb(FieldDefinition f, object raw) => raw is DBNull ? f is { Custom: true, Kind: FieldKind.Flag } ? false : null : f.Kind switch
    {
        FieldKind.Number or FieldKind.Reference => raw is long ? raw : Convert.ToInt64(raw, CultureInfo.InvariantCulture),
        FieldKind.Money => Convert.ToInt64(raw, CultureInfo.InvariantCulture) / 100m,
        FieldKind.Quantity => Convert.ToInt64(raw, CultureInfo.InvariantCulture) / 10_000m,
        FieldKind.Flag => raw is bool b ? b : Convert.ToInt64(raw, CultureInfo.InvariantCulture) != 0,
        FieldKind.Instant => Instant(raw),
        FieldKind.Date => raw switch
        {
            string s => DateOnly.Parse(s.AsSpan(0, 10), CultureInfo.InvariantCulture),
            DateTime d => DateOnly.FromDateTime(d),
            _ => raw,
        },
        _ => raw,
    };

    /// <summary>A moment as the driver hands it out, in UTC.</summary>
    public static DateTime Instant(object raw) => raw switch
    {
        DateTime d => DateTime.SpecifyKind(d, DateTimeKind.Utc),
        // Always in the one form it is written in; read digit by digit, as a list has many.
        string { Length: 23 } s => new DateTime(Digits(s, 0, 4), Digits(s, 5, 2), Digits(s, 8, 2), Digits(s, 11, 2), Digits(s, 14, 2), Digits(s, 17, 2), Digits(s, 20, 3), DateTimeKind.Utc),
        _ => throw new InvalidCastException($"{raw.GetType()} is no instant."),
    };

    private static int Digits(string s, int at, int count)
    {
        var n = 0;
        for (var i = at; i < at + count; i++) n = n * 10 + (s[i] - '0');
        return n;
    }

    /// <summary>Reads what a form, the API or a filter sent.</summary>
    /// <param name="zone">For moments without an offset.</param>
    /// <exception cref="Invalid">It is none of the field's kind; in Chinese.</exception>
    public static object? Parse(FieldDefinition f, object? raw, TimeZoneInfo zone)
    {
        if (raw is JsonElement json) raw = FromJson(f, json);
        switch (raw)
        {
            case null: return null;
            case string s: return s.Trim().Length == 0 && f.Kind != FieldKind.LongText ? null : FromText(f, s, zone);
            case int i: raw = (long)i; break;
        }
        return (f.Kind, raw) switch
        {
            (FieldKind.Number or FieldKind.Reference, long) => raw,
            (FieldKind.Number or FieldKind.Reference, decimal d) when d == decimal.Truncate(d) && Math.Abs(d) < 9e15m => decimal.ToInt64(d),
            (FieldKind.Money or FieldKind.Quantity, decimal d) => Amount(f, d),
            (FieldKind.Money or FieldKind.Quantity, long l) => Amount(f, l),
            (FieldKind.Date, DateOnly) => raw,
            (FieldKind.Instant, DateTime t) => t.Kind == DateTimeKind.Utc ? t : TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(t, DateTimeKind.Unspecified), zone),
            (FieldKind.Flag, bool) => raw,
            _ => throw Wrong(f, "的值类型不正确"),
        };
    }

    private static object? FromJson(FieldDefinition f, JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String when json.ValueEquals("") && f.Kind is not (FieldKind.Text or FieldKind.LongText or FieldKind.Phone or FieldKind.Email or FieldKind.Url or FieldKind.Choice) => throw Wrong(f, "不能是空文本，清空请用 null"),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.TryGetInt64(out var l) ? l : json.TryGetDecimal(out var d) ? d : throw Wrong(f, "的数值过大"),
        _ => throw Wrong(f, "必须是单个值"),
    };

    private static object? FromText(FieldDefinition f, string s, TimeZoneInfo zone)
    {
        switch (f.Kind)
        {
            case FieldKind.Number or FieldKind.Reference:
                return long.TryParse(s.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var l) && Math.Abs(l) < 9_007_199_254_740_992
                    ? l : throw Wrong(f, "必须是整数");
            case FieldKind.Money or FieldKind.Quantity:
                return decimal.TryParse(s.Trim().TrimStart('¥', '￥'), NumberStyles.Number, CultureInfo.InvariantCulture, out var d) ? Amount(f, d) : throw Wrong(f, "必须是数字");
            case FieldKind.Date:
                return Day(s.Trim()) ?? throw Wrong(f, "不是有效的日期，请按 2026-01-31 的格式填写");
            case FieldKind.Instant:
                return Moment(s.Trim(), zone) ?? throw Wrong(f, "不是有效的时间，请按 2026-01-31 09:30 的格式填写");
            case FieldKind.Flag:
                return s.Trim().ToLowerInvariant() switch
                {
                    "true" or "1" or "是" or "yes" or "y" or "√" or "on" => true,
                    "false" or "0" or "否" or "no" or "n" or "×" or "off" => false,
                    _ => throw Wrong(f, "只能填“是”或“否”"),
                };
            case FieldKind.Fixed:
                return f.Values.FirstOrDefault(v => v.IsCalled(s.Trim()))?.Code ?? throw Wrong(f, $"只能是：{string.Join("、", f.Values.Select(v => v.Label))}");
            case FieldKind.LongText:
                return s.Trim().Length == 0 ? null : s.ReplaceLineEndings("\n");
            default:
                return s;
        }
    }

    private static decimal Amount(FieldDefinition f, decimal d)
    {
        var digits = f.Kind == FieldKind.Money ? 2 : 4;
        if (decimal.Round(d, digits) != d) throw Wrong(f, $"最多 {digits} 位小数");
        return Math.Abs(d) < 10_000_000_000_000m ? d : throw Wrong(f, "的数值过大");
    }

    /// <summary>The forms in which people write a day.</summary>
    public static DateOnly? Day(string s)
    {
        ReadOnlySpan<string> forms = ["yyyy-M-d", "yyyy/M/d", "yyyy.M.d", "yyyy年M月d日", "yyyyMMdd", "yyyy-MM-dd HH:mm:ss", "yyyy/M/d H:mm:ss", "yyyy/M/d H:mm"];
        foreach (var form in forms)
            if (DateTime.TryParseExact(s, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var d) && d.Year is >= 1900 and <= 9000) return DateOnly.FromDateTime(d);
        return null;
    }

    private static DateTime? Moment(string s, TimeZoneInfo zone)
    {
        if (s.Contains('T') && DateTimeOffset.TryParse(s, CultureInfo.InvariantCulture, DateTimeStyles.None, out var o) && (s.EndsWith('Z') || s.LastIndexOfAny(['+', '-']) > 10)) return o.UtcDateTime;
        ReadOnlySpan<string> forms = ["yyyy-M-d H:mm:ss", "yyyy-M-d H:mm", "yyyy-M-dTH:mm", "yyyy-M-dTH:mm:ss", "yyyy/M/d H:mm:ss", "yyyy/M/d H:mm", "yyyy-M-d", "yyyy/M/d", "yyyy年M月d日"];
        foreach (var form in forms)
            if (DateTime.TryParseExact(s, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var d) && d.Year is >= 1900 and <= 9000)
                return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(d) ? d.AddHours(1) : d, zone);
        return null;
    }

    private static Invalid Wrong(FieldDefinition f, Phrase what) => new(f.Name, $"{f.Label}{what}。");
}
