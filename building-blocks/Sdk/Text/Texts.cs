using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace KuaipuCrm.Sdk;

/// <summary>What people read, in their language (UI-9). The Chinese text is the key and what is shown where English lacks it.</summary>
/// <remarks>
/// English stands in <c>Texts/en.tsv</c> of the assembly that says it: a line a text, the Chinese, a tab, the English; holes are <c>{0}</c>, <c>{1}</c> … in the order of the Chinese,
/// <c>{0|row|rows}</c> is the word that goes with the number in hole 0, <c>{0:l}</c> a label within a sentence (customer), <c>{0:s}</c> several of it (customers).
/// </remarks>
public static class Texts
{
    private static FrozenDictionary<string, string> english = FrozenDictionary<string, string>.Empty;
    private static Pattern[] patterns = [];

    /// <summary>The languages there are, by their own names; the first is what everything is kept in.</summary>
    public static IReadOnlyList<(string Code, string Name)> Languages { get; } = [("zh-CN", "简体中文"), ("en", "English")];

    /// <summary>True when the user reads Chinese; whoever doesn't read English does.</summary>
    public static bool Chinese => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName != "en";

    /// <summary>The text in the user's language.</summary>
    public static string L(string chinese) => Chinese ? chinese : Label(chinese);

    /// <summary>The text with its values, in the user's language: <c>L($"已选 {count} 项")</c>.</summary>
    public static string L(Phrase phrase) => phrase.ToString(Chinese);

    /// <summary>A label as the heading over several: Customers.</summary>
    public static string Several(string label) => Chinese ? label : Pattern.Plural(Label(label));

    /// <summary>A sentence that was kept in Chinese, in the user's language: found again by the pattern it was made from. For what the system has written, never for what people have.</summary>
    public static string Retell(string chinese) => Chinese ? chinese : InEnglish(chinese);

    /// <summary>The same in English, whoever is at work now: for what is sent to someone who reads English.</summary>
    public static string RetellEnglish(string chinese) => InEnglish(chinese);

    /// <summary>The English of a Chinese text or of a phrase's <see cref="Phrase.Key"/>, or null.</summary>
    public static string? English(string chinese) => english.GetValueOrDefault(chinese);

    /// <summary>
    /// From here on, in the running call and what it calls, everything is said in Chinese. For what is kept and read by others later:
    /// commands, jobs and event handlers run so, and <see cref="Retell"/> says it in the reader's language.
    /// </summary>
    public static void SpeakChinese() => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Languages[0].Code);

    /// <summary>Takes in the texts of assemblies, beside those known. The first to translate a text stays.</summary>
    public static void Load(IEnumerable<Assembly> assemblies)
    {
        var all = new Dictionary<string, string>(english, StringComparer.Ordinal);
        foreach (var assembly in assemblies)
            foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".Texts.en.tsv", StringComparison.Ordinal)))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
                while (reader.ReadLine() is { } line)
                    if (line.Split('\t') is [var chinese, var text]) all.TryAdd(chinese, text);
            }
        english = all.ToFrozenDictionary(StringComparer.Ordinal);
        patterns = [.. all.Select(t => Pattern.Of(t.Key, t.Value)).OfType<Pattern>().OrderByDescending(p => p.Own)];
    }

    /// <summary>The English of a text; of a label in two parts (客户：查看); of a number of something (3 份客户); of a list of such. Else the text.</summary>
    internal static string Label(string chinese)
    {
        if (English(chinese) is { } whole) return whole;
        if (!Han(chinese)) return chinese;
        if (chinese.IndexOf('：', StringComparison.Ordinal) is > 0 and var at && English(chinese[..at]) is { } of && chinese[(at + 1)..] is var part && (English(part) is not null || !Han(part))) return $"{of}: {English(part) ?? part}";
        foreach (var pattern in patterns)
            if (pattern.IsWeak && pattern.Parts(chinese) is { } parts && parts.All(p => English(p) is not null || !Han(p))) return Pattern.Fill(pattern.English, [.. parts.Select(p => English(p) ?? p)]);
        if (chinese.Contains('，', StringComparison.Ordinal) && chinese.Split('，').Select(Label).ToArray() is var all && !all.Any(Han)) return string.Join(", ", all);
        return chinese.Contains('、', StringComparison.Ordinal) && chinese.Split('、') is var items && items.Select(Label).ToArray() is var said && !said.SequenceEqual(items) ? string.Join(", ", said) : chinese;
    }

    internal static string InEnglish(string chinese)
    {
        var label = Label(chinese);
        if (!ReferenceEquals(label, chinese) || !Han(chinese)) return label;
        foreach (var pattern in patterns)
            if (!pattern.IsWeak && pattern.Parts(chinese) is { } parts && !parts.Any(p => p.Contains('；', StringComparison.Ordinal))) return Pattern.Fill(pattern.English, [.. parts.Select(Label)]);
        // Several sentences after another, as of a form with several faults; a sentence about something; one that only lacks its stop.
        if (chinese.Contains('；', StringComparison.Ordinal)) return string.Join("; ", chinese.Split('；').Select(InEnglish));
        if (chinese.EndsWith('。') && InEnglish(chinese[..^1]) is var sentence && sentence != chinese[..^1]) return sentence + ".";
        return chinese.IndexOf('：', StringComparison.Ordinal) is > 0 and var at && InEnglish(chinese[..at]) is var about && about != chinese[..at] ? $"{about}: {Label(chinese[(at + 1)..])}" : chinese;
    }

    private static bool Han(string text) => text.Any(c => c is >= '\u3400' and <= '\u9fff');
}
