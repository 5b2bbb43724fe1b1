using System.Runtime.CompilerServices;
using System.Text;

namespace KuaipuCrm.Sdk;

/// <summary>
/// Hand-written SQL with its parameters: <c>db.Query&lt;Row&gt;($"select id from customers.customer where owner_id = {me}")</c>.
/// Every hole becomes a parameter; only another <see cref="Sql"/> is spliced in as text. A string can't become SQL.
/// </summary>
[InterpolatedStringHandler]
public sealed class Sql
{
    /// <summary>Stands for a parameter in <see cref="Text"/>.</summary>
    public const char Hole = '\u0001';

    /// <summary>Encloses a document type's name where its rows are cut to what the user may see. Stripped before the text is sent.</summary>
    public const char Guard = '\u0002';

    private readonly StringBuilder text;
    private readonly List<object?> values;

    /// <summary>Called by the compiler.</summary>
    public Sql(int literalLength, int holes)
    {
        text = new StringBuilder(literalLength + holes * 2);
        values = new List<object?>(holes);
    }

    /// <summary>Called by the compiler for <see cref="When"/>: where the condition fails, the holes are not even evaluated.</summary>
    public Sql(int literalLength, int holes, bool condition, out bool append) : this(condition ? literalLength : 0, condition ? holes : 0) => append = condition;

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string literal) => text.Append(literal);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value)
    {
        text.Append(Hole);
        values.Add(value);
    }

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted(Sql? part)
    {
        if (part is null) return;
        text.Append(part.text);
        values.AddRange(part.values);
    }

    /// <summary>The part if the condition holds, nothing otherwise. For optional filters.</summary>
    public static Sql? When(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] Sql part) => condition ? part : null;

    /// <summary>The parts one after the other, a separator between them.</summary>
    public static Sql Join(string separator, IEnumerable<Sql> parts)
    {
        var joined = new Sql(64, 4);
        var first = true;
        foreach (var part in parts)
        {
            if (!first) joined.AppendLiteral(separator);
            joined.AppendFormatted(part);
            first = false;
        }
        return joined;
    }

    /// <summary>Text that is known to be safe: names out of declarations. Never anything a user sent.</summary>
    public static Sql Trusted(string text)
    {
        var sql = new Sql(text.Length, 0);
        sql.AppendLiteral(text);
        return sql;
    }

    /// <summary>The text with <see cref="Hole"/> for each parameter.</summary>
    public string Text => text.ToString();

    /// <summary>The parameters in the order of their holes.</summary>
    public IReadOnlyList<object?> Values => values;
}
