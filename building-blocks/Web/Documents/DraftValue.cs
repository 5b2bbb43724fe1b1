using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Sdk;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Web.Documents;

/// <summary>What the browser kept of a form's controls, back as values.</summary>
internal static class DraftValue
{
    /// <param name="zone">Times were typed in it.</param>
    public static object? Read(FieldDefinition f, JsonElement kept, TimeZoneInfo zone) => kept.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when kept.GetString() is { Length: > 0 } s => f.Kind switch
        {
            FieldKind.Number or FieldKind.Reference => long.TryParse(s, CultureInfo.InvariantCulture, out var l) ? l : null,
            FieldKind.Money or FieldKind.Quantity => decimal.TryParse(s, CultureInfo.InvariantCulture, out var m) ? m : null,
            FieldKind.Date => DateOnly.TryParse(s, CultureInfo.InvariantCulture, out var day) ? day : null,
            FieldKind.Instant => DateTime.TryParse(s, CultureInfo.InvariantCulture, out var t) ? TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(t, DateTimeKind.Unspecified), zone) : null,
            _ => s,
        },
        _ => f.Kind == FieldKind.Flag ? false : null,
    };

    public static string Ago(DateTimeOffset at) => (DateTimeOffset.UtcNow - at) switch
    {
        { TotalMinutes: < 2 } => L("刚才"),
        { TotalHours: < 1 } span => L($"{(int)span.TotalMinutes} 分钟前"),
        { TotalDays: < 1 } span => L($"{(int)span.TotalHours} 小时前"),
        var span => L($"{(int)span.TotalDays} 天前"),
    };
}
