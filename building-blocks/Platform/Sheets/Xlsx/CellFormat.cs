namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>What a number format makes of a number.</summary>
internal enum CellKind { Number, Date, DateTime, Time, Elapsed, Percent, Padded }

/// <param name="Kind">How the number is shown.</param>
/// <param name="Digits">For <see cref="CellKind.Padded"/>: digits at least, as in the format 000000.</param>
internal readonly record struct CellFormat(CellKind Kind, int Digits = 0)
{
    /// <summary>The formats with a fixed id, as Excel in Chinese shows them.</summary>
    public static CellFormat BuiltIn(int id) => id switch
    {
        9 or 10 => new(CellKind.Percent),
        14 or 15 or 16 or 17 => new(CellKind.Date),
        18 or 19 or 20 or 21 or 45 or 47 => new(CellKind.Time),
        22 => new(CellKind.DateTime),
        46 => new(CellKind.Elapsed),
        32 or 33 or 34 or 35 or 55 or 56 => new(CellKind.Time),
        >= 27 and <= 31 or 36 or >= 50 and <= 54 or 57 or 58 => new(CellKind.Date),
        _ => default,
    };

    /// <summary>What a written format shows, told by its first section.</summary>
    public static CellFormat Parse(string code)
    {
        bool day = false, month = false, hour = false, elapsed = false, percent = false;
        var zeros = 0;
        var plain = true;
        if (code.Contains("General", StringComparison.OrdinalIgnoreCase) || code.Contains("通用格式", StringComparison.Ordinal)) return default;
        for (var i = 0; i < code.Length && code[i] != ';'; i++)
        {
            var c = char.ToLowerInvariant(code[i]);
            plain &= c == '0';
            switch (c)
            {
                case '"': i = Until(code, '"', i + 1); break;
                case '\\' or '_' or '*': i++; break;
                case '[':
                    var end = Until(code, ']', i + 1);
                    // [h], [mm], [ss] count on past a day; other brackets are colours, conditions, locales.
                    elapsed |= end > i + 1 && code[(i + 1)..end].All(x => x is 'h' or 'H' or 'm' or 'M' or 's' or 'S');
                    i = end;
                    break;
                case 'y' or 'd': day = true; break;
                case 'm': month = true; break;
                case 'h' or 's': hour = true; break;
                case '%': percent = true; break;
                case '0': zeros++; break;
            }
        }
        if (elapsed) return new(CellKind.Elapsed);
        if (day || month && !hour) return new(hour ? CellKind.DateTime : CellKind.Date);
        if (hour) return new(CellKind.Time);
        if (percent) return new(CellKind.Percent);
        return plain && zeros > 1 ? new(CellKind.Padded, zeros) : default;
    }

    private static int Until(string code, char end, int from)
    {
        var at = code.IndexOf(end, Math.Min(from, code.Length));
        return at < 0 ? code.Length : at;
    }
}
