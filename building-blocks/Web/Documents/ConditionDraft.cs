using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Web.Documents;

/// <summary>A condition while someone puts it together.</summary>
public sealed class ConditionDraft
{
    /// <param name="field">What is compared.</param>
    /// <param name="op">How; the kind's usual way by default.</param>
    /// <param name="values">As in a <see cref="Filter"/>.</param>
    /// <param name="by">The field that refers to the document the field belongs to.</param>
    public ConditionDraft(FieldDefinition field, FilterOp? op, IReadOnlyList<string> values, FieldDefinition? by = null)
    {
        (Field, Op, By) = (field, op ?? FilterText.Ops(field)[0], by);
        if (Op == FilterOp.In) Op = FilterOp.Is;
        if (Op == FilterOp.Within) Text = values.FirstOrDefault();
        else if (values.FirstOrDefault() is { } v)
            Value = field.Kind switch
            {
                FieldKind.Reference => long.TryParse(v, out var id) ? id : null,
                FieldKind.Number or FieldKind.Money or FieldKind.Quantity => decimal.TryParse(v, CultureInfo.InvariantCulture, out var n) ? n : null,
                FieldKind.Date or FieldKind.Instant => DateOnly.TryParse(v, CultureInfo.InvariantCulture, out var d) ? d : null,
                FieldKind.Flag => v == "true",
                _ => v,
            };
    }

    public FieldDefinition Field { get; private set; }
    public FieldDefinition? By { get; private set; }
    public string Name => By is null ? Field.Name : $"{By.Name}.{Field.Name}";
    public Filter Filter => new(Name, Op, Values);
    public FilterOp Op { get; private set; }
    public object? Value { get; set; }
    public string? Text { get; set; }

    public IReadOnlyList<string> Values => Op switch
    {
        FilterOp.Within => Text is { Length: > 0 } t ? [t] : [],
        FilterOp.Empty or FilterOp.NotEmpty => [],
        _ => Value switch
        {
            null => Field.Kind == FieldKind.Flag ? ["false"] : [],
            bool b => [b ? "true" : "false"],
            DateOnly d => [d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)],
            IFormattable f => [f.ToString(null, CultureInfo.InvariantCulture)],
            var v => [v.ToString()!],
        },
    };

    public void Choose(FieldDefinition field, FieldDefinition? by = null) => (Field, By, Op, Value, Text) = (field, by, FilterText.Ops(field)[0], null, null);

    public void Set(FilterOp op) => Op = op;
}
