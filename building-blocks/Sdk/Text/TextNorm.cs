using System.Globalization;
using System.Text;

namespace KuaipuCrm.Sdk.Text;

/// <summary>The forms in which single-line texts are stored and compared. Never fails, whatever was typed or pasted.</summary>
public static class TextNorm
{
    private const int OnStack = 256;

    /// <summary>
    /// What is stored of a typed single-line text: trimmed, every run of blanks (line breaks, tabs and full-width blanks among them) one plain blank,
    /// without control, zero-width and text direction characters, composed (NFC). Case and width of letters stay as typed.
    /// </summary>
    public static string Clean(string text)
    {
        // Composed last: half of a surrogate pair, which cannot be composed (nor stored by PostgreSQL), is gone by then.
        var clean = Strip(text, fold: false);
        return clean.IsNormalized() ? clean : clean.Normalize();
    }

    /// <summary>For comparing and searching: as <see cref="Clean"/>, but also half width and lower case, and not composed.</summary>
    public static string Fold(string text) => Strip(text, fold: true);

    /// <summary>The half-width form of a full-width letter, digit or sign; any other character as it is.</summary>
    internal static char HalfWidth(char c) => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c;

    private static string Strip(string text, bool fold)
    {
        Span<char> into = text.Length <= OnStack ? stackalloc char[OnStack] : new char[text.Length];
        var n = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (IsBlank(c))
            {
                if (n > 0 && into[n - 1] != ' ') into[n++] = ' ';
            }
            else if (char.IsSurrogate(c))
            {
                if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) continue;
                var low = text[++i];
                if (Rune.GetUnicodeCategory(new Rune(c, low)) == UnicodeCategory.Format) continue;
                into[n++] = c;
                into[n++] = low;
            }
            else if (!IsInvisible(c)) into[n++] = fold ? char.ToLowerInvariant(HalfWidth(c)) : c;
        }
        if (n > 0 && into[n - 1] == ' ') n--;
        return into[..n].SequenceEqual(text) ? text : new string(into[..n]);
    }

    /// <summary>White space, and the letters that show as nothing (Hangul fillers, the empty Braille cell) and would pass for a name.</summary>
    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c is '\u115F' or '\u1160' or '\u2800' or '\u3164' or '\uFFA0';

    private static bool IsInvisible(char c) =>
        c is not (>= ' ' and <= '~') and not (>= '\u3001' and <= '\uD7FF') &&
        (c >= '\uFFFE' || char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format);
}
