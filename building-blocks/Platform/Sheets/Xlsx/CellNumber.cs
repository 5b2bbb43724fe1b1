using System.Globalization;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>The text of a number cell.</summary>
internal static class CellNumber
{
    private const string Plain = "0.############################";
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>Digits stay digits, without exponent; dates become yyyy-MM-dd or yyyy-MM-dd HH:mm:ss, times HH:mm:ss.</summary>
    /// <param name="raw">The number as it is stored.</param>
    /// <param name="format">How the cell shows it.</param>
    /// <param name="from1904">True if day 0 is 1904-01-01 (old Mac workbooks).</param>
    public static string Text(ReadOnlySpan<char> raw, CellFormat format, bool from1904)
    {
        raw = raw.Trim();
        // Also the way of ids longer than the 15 digits a double holds: they stay as they are written.
        if (format.Kind is CellKind.Number && IsDigits(raw)) return raw.ToString();
        if (!double.TryParse(raw, NumberStyles.Float, Invariant, out var value) || !double.IsFinite(value)) return raw.ToString();
        return format.Kind switch
        {
            CellKind.Percent => Whole(value * 100) + "%",
            CellKind.Padded => Math.Round(value).ToString("F0", Invariant) is var text && value >= 0 ? text.PadLeft(format.Digits, '0') : text,
            CellKind.Date or CellKind.DateTime or CellKind.Time or CellKind.Elapsed => Date(value, format.Kind, from1904) ?? Whole(value),
            _ => Whole(value),
        };
    }

    /// <summary>Null if there is no such day: Excel shows #### then.</summary>
    private static string? Date(double value, CellKind kind, bool from1904)
    {
        if (value < 0 || value >= 2_958_466) return null;
        var seconds = (long)Math.Round(value * 86_400);
        if (kind is CellKind.Elapsed) return string.Create(Invariant, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        var time = TimeSpan.FromSeconds(seconds % 86_400);
        var day = seconds / 86_400;
        if (kind is CellKind.Time || day == 0 && !from1904 && kind is CellKind.DateTime) return time.ToString("hh\\:mm\\:ss", Invariant);
        if (day == 0 && !from1904) return null;
        if (from1904 && day > 2_957_003) return null;
        // Excel has a 29 February 1900, so the days before it are one later than they look.
        if (!from1904 && day == 60) return null;
        var date = from1904 ? new DateTime(1904, 1, 1).AddDays(day) : new DateTime(1899, 12, 30).AddDays(day < 60 ? day + 1 : day);
        return kind is CellKind.Date ? date.ToString("yyyy-MM-dd", Invariant) : (date + time).ToString("yyyy-MM-dd HH:mm:ss", Invariant);
    }

    /// <summary>A double in 15 significant digits, as Excel shows it, written out.</summary>
    private static string Whole(double value)
    {
        if (Math.Abs(value) >= 1e28) return value.ToString("F0", Invariant);
        var text = decimal.Parse(value.ToString("G15", Invariant), NumberStyles.Float, Invariant).ToString(Plain, Invariant);
        return text == "-0" ? "0" : text;
    }

    private static bool IsDigits(ReadOnlySpan<char> raw)
    {
        if (raw.StartsWith('-')) raw = raw[1..];
        return raw.Length > 0 && (raw[0] != '0' || raw.Length == 1) && !raw.ContainsAnyExceptInRange('0', '9');
    }
}
