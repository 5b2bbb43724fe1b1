using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace KuaipuCrm.Sdk;

/// <summary>A sentence with its values kept apart, so that it can be said in another language: written as <c>$"最多 {count} 行"</c> wherever a <see cref="Phrase"/> is taken.</summary>
/// <remarks>Values that are texts are said in the reader's language too, if they are known (labels of fields and types); names of people and records are not and stay.</remarks>
[InterpolatedStringHandler]
public sealed class Phrase(int literalLength, int holes)
{
    private readonly StringBuilder key = new(literalLength + holes * 3);
    private readonly List<(object? Value, string? Format)> values = new(holes);

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string literal) => key.Append(literal.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value, string? format = null)
    {
        key.Append('{').Append(CultureInfo.InvariantCulture, $"{values.Count}").Append('}');
        values.Add((value, format));
    }

    /// <summary>The Chinese with holes: what English is looked up by.</summary>
    public string Key => key.ToString();

    /// <summary>The sentence in Chinese or, where it has any, in English.</summary>
    public string ToString(bool chinese)
    {
        var text = (chinese ? null : Texts.English(Key)) is { } english ? english : Key;
        var said = values.Select(v => (object?)(v.Value switch
        {
            Phrase inner => inner.ToString(chinese),
            string s => chinese ? s : Texts.English(s) ?? s,
            IFormattable f => f.ToString(v.Format, CultureInfo.CurrentCulture),
            var other => other?.ToString(),
        })).ToArray();
        return string.Format(CultureInfo.CurrentCulture, text, said);
    }

    /// <summary>In the language of the current user.</summary>
    public override string ToString() => ToString(Texts.Chinese);
}
