using System.Runtime.InteropServices;

namespace KuaipuCrm.Sdk.Text;

/// <summary>
/// The pieces a name is found by. A piece of a query that stands in a name without a break is always a piece of that name.
/// The numbers are kept in databases: changing how they are made makes every stored name unfindable.
/// </summary>
public static class Grams
{
    /// <summary>The distinct two-character pieces of a folded text, each as <c>(first &lt;&lt; 16) | second</c> in UTF-16 units.</summary>
    /// <remarks>
    /// Blanks and signs are no part of a piece and words are not joined over them: else a query 深圳 大疆 would ask for 圳大,
    /// which 深圳市大疆 has not. Characters beyond the basic plane are signs here.
    /// </remarks>
    public static IReadOnlyList<long> Of(string folded)
    {
        var grams = new List<long>(folded.Length);
        Of(folded, grams);
        return grams;
    }

    /// <summary>As <see cref="Of(string)"/>, added to a list; distinct among themselves, not from what the list had.</summary>
    public static void Of(string folded, List<long> into)
    {
        var from = into.Count;
        for (var i = 0; i + 1 < folded.Length; i++)
            if (Counts(folded[i]) && Counts(folded[i + 1])) Add(((long)folded[i] << 16) | folded[i + 1], into, from);
    }

    /// <summary>The distinct three-letter pieces of pinyin initials, as negative numbers, apart from those of names.</summary>
    public static IReadOnlyList<long> OfInitials(string initials)
    {
        var grams = new List<long>(initials.Length);
        OfInitials(initials, grams);
        return grams;
    }

    /// <summary>As <see cref="OfInitials(string)"/>, added to a list; distinct among themselves, not from what the list had.</summary>
    public static void OfInitials(string initials, List<long> into)
    {
        var from = into.Count;
        for (var i = 0; i + 2 < initials.Length; i++) Add(-(((long)initials[i] << 32) | ((long)initials[i + 1] << 16) | initials[i + 2]), into, from);
    }

    // Names are short: looking through the list costs less than a set.
    private static void Add(long gram, List<long> into, int from)
    {
        if (!CollectionsMarshal.AsSpan(into)[from..].Contains(gram)) into.Add(gram);
    }

    // 〇 (U+3007) is a number letter, not a letter, yet part of names.
    private static bool Counts(char c) => char.IsLetterOrDigit(c) || c == '〇';
}
