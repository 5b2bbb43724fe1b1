using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>The place of a row in an order: its sort value and its id.</summary>
internal sealed record Cursor(object? Value, long Id, bool Backward)
{
    /// <summary>As it travels to the client and back; opaque to it.</summary>
    public string Encode()
    {
        var value = Value switch
        {
            null => "n",
            string s => "s" + s,
            long l => "l" + l.ToString(CultureInfo.InvariantCulture),
            DateTime t => "t" + t.Ticks.ToString(CultureInfo.InvariantCulture),
            DateOnly d => "d" + d.DayNumber.ToString(CultureInfo.InvariantCulture),
            bool b => b ? "b1" : "b0",
            _ => throw new NotSupportedException(Value.GetType().Name),
        };
        return Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new object[] { value, Id, Backward })).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <exception cref="Invalid">It is none of ours.</exception>
    public static Cursor Decode(string text, FieldDefinition sort)
    {
        var cursor = Decode(text);
        var fits = cursor.Value switch
        {
            null => true,
            string => sort.SortColumn is not null || sort.Kind is FieldKind.Text or FieldKind.Choice or FieldKind.Fixed or FieldKind.Phone or FieldKind.Email or FieldKind.Url,
            long => sort.Kind is FieldKind.Number or FieldKind.Reference or FieldKind.Money or FieldKind.Quantity,
            DateTime => sort.Kind is FieldKind.Instant,
            DateOnly => sort.Kind is FieldKind.Date,
            _ => sort.Kind is FieldKind.Flag,
        };
        return fits ? cursor : throw new Invalid("cursor", "翻页标记与排序不符，请从第一页重新开始。");
    }

    private static Cursor Decode(string text)
    {
        try
        {
            var base64 = text.Replace('-', '+').Replace('_', '/');
            var parts = JsonSerializer.Deserialize<JsonElement[]>(Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '=')))!;
            var v = parts[0].GetString()!;
            object? value = v[0] switch
            {
                'n' => null,
                's' => v[1..],
                'l' => long.Parse(v.AsSpan(1), CultureInfo.InvariantCulture),
                't' => new DateTime(long.Parse(v.AsSpan(1), CultureInfo.InvariantCulture), DateTimeKind.Utc),
                'd' => DateOnly.FromDayNumber(int.Parse(v.AsSpan(1), CultureInfo.InvariantCulture)),
                'b' => v[1] == '1',
                _ => throw new FormatException(),
            };
            return new(value, parts[1].GetInt64(), parts[2].GetBoolean());
        }
        catch (Exception e) when (e is FormatException or NullReferenceException or JsonException or IndexOutOfRangeException or OverflowException or InvalidOperationException or ArgumentException)
        {
            throw new Invalid("cursor", "翻页标记无效，请从第一页重新开始。");
        }
    }
}
