using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KuaipuCrm.Sdk;

/// <summary>A text with holes: <c>{0}</c>, <c>{0|row|rows}</c> for the word that goes with the number in the hole, <c>{0:l}</c> for a label within a sentence (customer), <c>{0:s}</c> for several of it (customers), <c>{0:r}</c> for a kept sentence within another.</summary>
internal sealed partial class Pattern
{
    private const int Enough = 2;

    // Made at first need: few patterns ever meet a sentence that may be theirs.
    private readonly Lazy<Regex> form;
    private readonly string[] pieces;
    private readonly int[] holes;

    private Pattern(string chinese, string english)
    {
        English = english;
        var found = Holes().Matches(chinese);
        holes = [.. found.Select(m => int.Parse(m.Groups["n"].ValueSpan, CultureInfo.InvariantCulture))];
        // Between the holes; Split would give what the holes' own groups caught, too.
        pieces = [.. Enumerable.Range(0, found.Count + 1).Select(i => Plain(chinese[(i == 0 ? 0 : found[i - 1].Index + found[i - 1].Length)..(i == found.Count ? chinese.Length : found[i].Index)]))];
        Own = pieces.Sum(p => p.Count(c => c is >= '\u3400' and <= '\u9fff'));
        form = new(() => new("^" + string.Join("(.*?)", pieces.Select(Regex.Escape)) + "$", RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100)));
    }

    /// <summary>What it says in English, with the same holes.</summary>
    public string English { get; }

    /// <summary>How many characters of a sentence are the pattern's own.</summary>
    public int Own { get; }

    /// <summary>With hardly a word of its own it would fit sentences it has nothing to do with: it holds only where all its holes are known labels or numbers.</summary>
    public bool IsWeak => Own < Enough;

    /// <summary>The pattern of a Chinese text with holes; null where it has none, or no word of its own.</summary>
    public static Pattern? Of(string chinese, string english) => Holes().IsMatch(chinese) && new Pattern(chinese, english) is { Own: > 0 } pattern ? pattern : null;

    /// <summary>What stands in the holes of a sentence made from this pattern; null where it was not.</summary>
    public string[]? Parts(string sentence)
    {
        // Nearly all patterns end here, without a regular expression.
        if (!sentence.StartsWith(pieces[0], StringComparison.Ordinal) || !sentence.EndsWith(pieces[^1], StringComparison.Ordinal) || !pieces.All(p => sentence.Contains(p, StringComparison.Ordinal))) return null;
        var fits = form.Value.Match(sentence);
        if (!fits.Success) return null;
        var parts = new string[holes.Max() + 1];
        Array.Fill(parts, "");
        for (var i = 0; i < holes.Length; i++) parts[holes[i]] = fits.Groups[i + 1].Value;
        return parts;
    }

    /// <summary>The text with its holes filled.</summary>
    public static string Fill(string text, IReadOnlyList<string> values)
    {
        var b = new StringBuilder(text.Length + 16);
        var at = 0;
        foreach (Match hole in Holes().Matches(text))
        {
            b.Append(Plain(text[at..hole.Index]));
            at = hole.Index + hole.Length;
            var n = int.Parse(hole.Groups["n"].ValueSpan, CultureInfo.InvariantCulture);
            var value = n < values.Count ? values[n] : "";
            b.Append(hole.Groups["one"].Success ? value == "1" ? hole.Groups["one"].Value : hole.Groups["many"].Value : hole.Groups["form"].Value switch
            {
                "l" => Lower(value),
                "s" => Lower(Plural(value)),
                "r" => Texts.InEnglish(value),
                _ => value,
            });
        }
        return b.Append(Plain(text[at..])).ToString();
    }

    /// <summary>Several of what an English label names: Customers, Companies, Boxes.</summary>
    public static string Plural(string label) => label switch
    {
        [.., >= '\u3400'] or "" => label,
        [.., not ('a' or 'e' or 'i' or 'o' or 'u'), 'y'] => label[..^1] + "ies",
        [.., 's' or 'x'] or [.., 'c' or 's', 'h'] => label + "es",
        _ => label + "s",
    };

    /// <summary>API stays API.</summary>
    private static string Lower(string label) => label.Length > 1 && char.IsUpper(label[0]) && char.IsLower(label[1]) ? char.ToLowerInvariant(label[0]) + label[1..] : label;

    private static string Plain(string piece) => piece.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<!\{)\{(?<n>\d{1,2})(:(?<form>[lsr])|\|(?<one>[^{}|]*)\|(?<many>[^{}|]*))?\}(?!\})", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Holes();
}
