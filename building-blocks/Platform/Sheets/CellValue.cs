using System.Globalization;
using System.Text;

namespace KuaipuCrm.Platform.Sheets;

/// <summary>What the writers make of a value, the same for both formats.</summary>
internal static class CellValue
{
    private const int MaxChars = 32_767;
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>True for the number types; NaN and infinity are none.</summary>
    public static bool IsNumber(object value) => value switch
    {
        decimal or int or long or short or byte or sbyte or ushort or uint or ulong => true,
        double d => double.IsFinite(d),
        float f => float.IsFinite(f),
        _ => false,
    };

    /// <summary>A number in digits, without exponent.</summary>
    public static string Digits(object number)
    {
        if (number is float single) number = double.Parse(single.ToString("R", Invariant), Invariant);
        if (number is not double real) return ((IFormattable)number).ToString(null, Invariant);
        if (Math.Abs(real) >= 1e28) return real.ToString("F0", Invariant);
        return decimal.Parse(real.ToString("R", Invariant), NumberStyles.Float, Invariant).ToString("0.############################", Invariant);
    }

    /// <summary>The clock time of a date value; null if it is none.</summary>
    public static DateTime? Moment(object value) => value switch
    {
        DateOnly day => day.ToDateTime(TimeOnly.MinValue),
        DateTime moment => moment,
        DateTimeOffset moment => moment.DateTime,
        _ => null,
    };

    /// <summary>The text of any value in a column, characters XML forbids left out, cut to what a cell holds.</summary>
    public static string Text(object value, SheetColumnKind kind)
    {
        if (value is bool yes) return yes ? "是" : "否";
        if (IsNumber(value)) return Digits(value);
        if (Moment(value) is { } moment)
        {
            var dayOnly = kind is SheetColumnKind.Date || value is DateOnly && kind is not SheetColumnKind.DateTime;
            return moment.ToString(dayOnly ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", Invariant);
        }
        var text = Legal(value as string ?? (value as IFormattable)?.ToString(null, Invariant) ?? value.ToString() ?? "");
        if (text.Length <= MaxChars) return text;
        var end = MaxChars - 1;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
    }

    private static string Legal(string text)
    {
        var at = 0;
        while (at < text.Length && Length(text, at) is > 0 and var length) at += length;
        if (at == text.Length) return text;
        var legal = new StringBuilder(text, 0, at, text.Length);
        for (; at < text.Length; at++)
            if (Length(text, at) is > 0 and var length)
            {
                legal.Append(text, at, length);
                at += length - 1;
            }
        return legal.ToString();
    }

    /// <summary>UTF-16 units of the character that starts here; 0 if XML forbids it.</summary>
    private static int Length(string text, int at)
    {
        var c = text[at];
        if (c < ' ') return c is '\t' or '\n' or '\r' ? 1 : 0;
        if (!char.IsSurrogate(c)) return c < '\uFFFE' ? 1 : 0;
        return char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 0;
    }
}
