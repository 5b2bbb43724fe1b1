using System.Text;
using AnyAscii;

namespace KuaipuCrm.Sdk.Text;

/// <summary>Pinyin initials of names (UI-8).</summary>
public static class Pinyin
{
    private const int First = 0x4E00, Last = 0x9FFF;

    /// <summary>Read otherwise in these words than alone.</summary>
    private static readonly Dictionary<string, string> Phrases = new()
    {
        ["重庆"] = "cq", ["长沙"] = "cs", ["长春"] = "cc", ["长安"] = "ca", ["长江"] = "cj", ["长城"] = "cc", ["长虹"] = "ch", ["长电"] = "cd", ["长白"] = "cb", ["长盈"] = "cy",
        ["厦门"] = "xm", ["银行"] = "yh", ["行业"] = "hy", ["成都"] = "cd", ["都江堰"] = "djy", ["番禺"] = "py", ["六安"] = "la", ["朝阳"] = "cy", ["蚌埠"] = "bb", ["大厦"] = "ds",
        ["尉迟"] = "yc", ["音乐"] = "yy", ["乐器"] = "yq", ["乐山"] = "ls", ["重工"] = "zg", ["重型"] = "zx", ["行政"] = "xz", ["会计"] = "kj", ["单县"] = "sx", ["长远"] = "cy", ["长青"] = "cq", ["长三角"] = "csj",
    };
    private static readonly Dictionary<char, List<string>> ByFirst = Phrases.Keys.GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.OrderByDescending(p => p.Length).ToList());

    /// <summary>Surnames read otherwise at the beginning of a short name.</summary>
    private static readonly Dictionary<char, char> Surnames = new() { ['单'] = 's', ['仇'] = 'q', ['曾'] = 'z', ['翟'] = 'z', ['解'] = 'x', ['朴'] = 'p', ['查'] = 'z', ['区'] = 'o', ['盖'] = 'g', ['乐'] = 'y' };
    private static readonly Dictionary<char, char> Alone = new() { ['都'] = 'd', ['晟'] = 's', ['绿'] = 'l', ['厦'] = 'x', ['行'] = 'h', ['长'] = 'c', ['重'] = 'z', ['乐'] = 'l', ['沈'] = 's', ['弹'] = 'd' };
    private static readonly Lazy<char[]> Table = new(() =>
    {
        var table = new char[Last - First + 1];
        for (var c = First; c <= Last; c++)
        {
            var ascii = ((char)c).ToString().Transliterate();
            table[c - First] = Alone.TryGetValue((char)c, out var set) ? set : ascii.Length > 0 && char.IsAsciiLetter(ascii[0]) ? char.ToLowerInvariant(ascii[0]) : '\0';
        }
        return table;
    });

    /// <summary>Lower-case initials; Latin letters and digits stay, all else is dropped; at most 60.</summary>
    public static string Initials(string name)
    {
        var b = new StringBuilder(Math.Min(name.Length, 60));
        var folded = TextNorm.Fold(name);
        for (var i = 0; i < folded.Length && b.Length < 60; i++)
        {
            var c = folded[i];
            if (char.IsAsciiLetterOrDigit(c)) b.Append(c);
            if (c is < (char)First or > (char)Last) continue;
            if (ByFirst.TryGetValue(c, out var phrases) && phrases.FirstOrDefault(p => string.CompareOrdinal(folded, i, p, 0, p.Length) == 0) is { } phrase)
            {
                b.Append(Phrases[phrase]);
                i += phrase.Length - 1;
            }
            else if (i == 0 && folded.Length <= 4 && Surnames.TryGetValue(c, out var surname)) b.Append(surname);
            else if (Table.Value[c - First] is var letter and not '\0') b.Append(letter);
        }
        return b.Length > 60 ? b.ToString(0, 60) : b.ToString();
    }
}
