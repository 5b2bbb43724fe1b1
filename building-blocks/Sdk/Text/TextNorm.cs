using System.Globalization;
using System.Text;

namespace KuaipuCrm.Sdk.Text;

/// <summary>The forms in which texts are stored and compared.</summary>
public static class TextNorm
{
    /// <summary>What is stored of a typed single-line text: no control, zero-width or direction characters, blanks single and plain.</summary>
    public static string Clean(string text)
    {
        var b = new StringBuilder(text.Length);
        foreach (var c in text.IsNormalized() ? text : text.Normalize())
            if (IsBlank(c)) { if (b.Length > 0 && b[^1] != ' ') b.Append(' '); }
            else if (!IsInvisible(c)) b.Append(c);
        return b.ToString().TrimEnd(' ');
    }

    /// <summary>For comparing: half width, lower case, blanks single.</summary>
    public static string Fold(string text)
    {
        var b = new StringBuilder(text.Length);
        foreach (var c in text)
            if (IsBlank(c)) { if (b.Length > 0 && b[^1] != ' ') b.Append(' '); }
            else if (!IsInvisible(c)) b.Append(char.ToLowerInvariant(c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c));
        return b.ToString().TrimEnd(' ');
    }

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c is '\u3000' or '\u00A0';

    private static bool IsInvisible(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format;
}
