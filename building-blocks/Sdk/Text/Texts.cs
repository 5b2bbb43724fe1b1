using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace KuaipuCrm.Sdk;

/// <summary>What people read, in their language (UI-9). The Chinese text is the key and what is shown where English lacks it.</summary>
/// <remarks>English stands in <c>Texts/en.tsv</c> of the assembly that says it: a line a text, the Chinese, a tab, the English; holes are <c>{0}</c>, <c>{1}</c> … in the order of the Chinese.</remarks>
public static class Texts
{
    private static FrozenDictionary<string, string> english = FrozenDictionary<string, string>.Empty;

    /// <summary>True when the user reads Chinese; whoever doesn't read English does.</summary>
    public static bool Chinese => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName != "en";

    /// <summary>The text in the user's language.</summary>
    public static string L(string chinese) => Chinese ? chinese : English(chinese) ?? chinese;

    /// <summary>The text with its values, in the user's language: <c>L($"已选 {count} 项")</c>.</summary>
    public static string L(Phrase phrase) => phrase.ToString(Chinese);

    /// <summary>The English of a Chinese text or of a phrase's <see cref="Phrase.Key"/>, or null.</summary>
    public static string? English(string chinese) => english.GetValueOrDefault(chinese);

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
    }
}
