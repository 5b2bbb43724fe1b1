using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace KuaipuCrm.Sdk;

/// <summary>A sentence with its values kept apart, so that it can be said in another language: written as <c>$"最多 {count} 行"</c> wherever a <see cref="Phrase"/> is taken.</summary>
/// <remarks>Values that are texts are said in the reader's language too, if they are known (labels of fields and types); names of people and records are not and stay.</remarks>
[InterpolatedStringHandler]
public sealed class Phrase : IEquatable<Phrase>
{
    private readonly StringBuilder key;
    private readonly List<(object? Value, string? Format)> values;
    // A finished sentence: said again by the pattern it was made from.
    private readonly string? finished;

    /// <summary>Called by the compiler.</summary>
    public Phrase(int literalLength, int holes) => (key, values) = (new(literalLength + holes * 3), new(holes));

    private Phrase(string finished) : this(0, 0) => this.finished = finished;

    /// <summary>A finished Chinese sentence, for want of its parts: its English is found by the pattern it was made from (<see cref="Texts.Retell"/>).</summary>
    public static implicit operator Phrase(string chinese) => new(chinese);

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string literal) => key.Append(literal.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value, string? format = null)
    {
        key.Append('{').Append(CultureInfo.InvariantCulture, $"{values.Count}").Append('}');
        values.Add((value, format));
    }

    /// <summary>The Chinese with holes: what English is looked up by.</summary>
    public string Key => finished ?? key.ToString();

    /// <summary>The sentence in Chinese or, where it has any, in English.</summary>
    public string ToString(bool chinese)
    {
        if (finished is not null) return chinese ? finished : Texts.InEnglish(finished);
        var said = values.Select(v => v.Value switch
        {
            Phrase inner => inner.ToString(chinese),
            string s => chinese ? s : Texts.Label(s),
            IFormattable f => f.ToString(v.Format, CultureInfo.CurrentCulture),
            var other => other?.ToString() ?? "",
        }).ToArray();
        return Pattern.Fill((chinese ? null : Texts.English(Key)) ?? Key, said);
    }

    /// <summary>In the language of the current user.</summary>
    public override string ToString() => ToString(Texts.Chinese);

    /// <inheritdoc/>
    public bool Equals(Phrase? other) => other is not null && ToString(chinese: true) == other.ToString(chinese: true);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Phrase);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString(chinese: true).GetHashCode(StringComparison.Ordinal);
}
