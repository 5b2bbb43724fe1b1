namespace KuaipuCrm.Sdk;

/// <summary>What a field holds; decides its input, its display, its column, its filters and how import reads it.</summary>
public enum FieldKind
{
    /// <summary>One line.</summary>
    Text,
    /// <summary>Several lines.</summary>
    LongText,
    Phone,
    Email,
    Url,
    /// <summary>Whole number.</summary>
    Number,
    /// <summary>Stored as whole fen, handled as decimal yuan.</summary>
    Money,
    /// <summary>Stored as whole ten-thousandths.</summary>
    Quantity,
    /// <summary>A day.</summary>
    Date,
    /// <summary>A moment, UTC inside, the account set's time zone outside.</summary>
    Instant,
    Flag,
    /// <summary>The code of a dictionary entry.</summary>
    Choice,
    /// <summary>One of a few values fixed in code.</summary>
    Fixed,
    /// <summary>The id of another document.</summary>
    Reference,
}

/// <summary>One of the values of a <see cref="FieldKind.Fixed"/> field.</summary>
/// <param name="Label">Declared in Chinese, read in the reader's language.</param>
public sealed record FixedValue(string Code, string Label, string English)
{
    private readonly string chinese = Label;

    public string Label => Texts.Chinese ? chinese : English;

    /// <summary>Whether someone means this value: by code, or by label in any language.</summary>
    public bool IsCalled(string text) => text == Code || text == chinese || string.Equals(text, English, StringComparison.OrdinalIgnoreCase);
}
