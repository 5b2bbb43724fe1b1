using System.Globalization;
using System.Text.RegularExpressions;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>Excel's way (_x000D_) to write in XML what XML would change or forbid.</summary>
internal static partial class EscapedChars
{
    public static string Decode(string text) => text.Contains("_x", StringComparison.Ordinal)
        ? Escape().Replace(text, m => ((char)int.Parse(m.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString())
        : text;

    /// <summary>True if what stands at <paramref name="at"/> would be read as an escape and so must be escaped itself.</summary>
    public static bool IsEscape(string text, int at) => text[at] == '_' && Escape().IsMatch(text.AsSpan(at, Math.Min(7, text.Length - at)));

    [GeneratedRegex("_x([0-9A-Fa-f]{4})_")]
    private static partial Regex Escape();
}
