using Microsoft.AspNetCore.Components;

namespace KuaipuCrm.Web.Controls;

/// <summary>What a <see cref="Field"/> tells the input inside it.</summary>
public sealed class FieldContext
{
    /// <summary>Id the label points to.</summary>
    public required string Id { get; init; }

    /// <summary>Ids of hint and error text, or null.</summary>
    public string? DescribedBy { get; set; }

    /// <summary>True while the field shows an error.</summary>
    public bool Invalid { get; set; }

    /// <summary>True when a value must be given.</summary>
    public bool Required { get; set; }

    /// <summary>Label as text.</summary>
    public string Label { get; set; } = "";
}

/// <summary>Ids that are unique in the process, so also on a page.</summary>
internal static class Ids
{
    private static long s_last;

    public static string Next(string start = "k") => start + Interlocked.Increment(ref s_last).ToString("x");
}

/// <summary>What all inputs share. An input stands in a <see cref="Field"/>, or is named by <see cref="Label"/>.</summary>
public abstract class ControlBase<T> : ComponentBase
{
    private readonly string _own = Ids.Next();

    /// <summary>The value shown.</summary>
    [Parameter] public T? Value { get; set; }

    /// <summary>Called when the user has changed the value: on leaving the input, not on each key.</summary>
    [Parameter] public EventCallback<T?> ValueChanged { get; set; }

    /// <summary>Error text of this input; inside a field, give it to the field instead.</summary>
    [Parameter] public string? Error { get; set; }

    /// <summary>No input possible.</summary>
    [Parameter] public bool Disabled { get; set; }

    /// <summary>Text shown while empty.</summary>
    [Parameter] public string? Placeholder { get; set; }

    /// <summary>Name in the form; drafts are kept under it.</summary>
    [Parameter] public string? Name { get; set; }

    /// <summary>Name for screen readers where no field gives a label.</summary>
    [Parameter] public string? Label { get; set; }

    /// <summary>Further CSS classes.</summary>
    [Parameter] public string? Class { get; set; }

    /// <summary>Gets the focus when its dialog opens.</summary>
    [Parameter] public bool AutoFocus { get; set; }

    /// <summary>The field around it.</summary>
    [CascadingParameter] public FieldContext? Field { get; set; }

    /// <summary>Error of the control itself, such as text that is no number.</summary>
    protected string? OwnError { get; set; }

    /// <summary>Id of the HTML input.</summary>
    protected string Id => Field?.Id ?? _own;

    /// <summary>Error text shown right below.</summary>
    protected string? ShownError => OwnError ?? Error;

    /// <summary>aria-invalid.</summary>
    protected string? AriaInvalid => ShownError is not null || Field?.Invalid == true ? "true" : null;

    /// <summary>aria-required.</summary>
    protected string? AriaRequired => Field?.Required == true ? "true" : null;

    /// <summary>aria-label: of several controls in one field each says what it is.</summary>
    protected string? AriaLabel => Label ?? (Field is null ? Placeholder : null);

    /// <summary>aria-describedby.</summary>
    protected string? DescribedBy => string.Join(' ', new[] { ShownError is null ? null : Id + "-e", Field?.DescribedBy }.Where(x => x is not null)) is { Length: > 0 } ids ? ids : null;

    /// <summary>The error line below the input.</summary>
    protected RenderFragment ErrorLine => builder =>
    {
        if (ShownError is null) return;
        builder.OpenElement(0, "div");
        builder.AddAttribute(1, "class", "field-error");
        builder.AddAttribute(2, "id", Id + "-e");
        builder.AddContent(3, ShownError);
        builder.CloseElement();
    };

    /// <summary>Takes a new value from the user.</summary>
    protected Task Set(T? value)
    {
        OwnError = null;
        if (EqualityComparer<T?>.Default.Equals(value, Value)) return Task.CompletedTask;
        Value = value;
        return ValueChanged.InvokeAsync(value);
    }
}

/// <summary>Something to choose: stored value, shown text, and a second text in grey.</summary>
public sealed record Option(string Value, string Text, string? Detail = null)
{
    /// <summary>No longer to be chosen, but still shown where a record has it.</summary>
    public bool Disabled { get; init; }

    /// <summary>Heading it is listed under.</summary>
    public string? Group { get; init; }

    /// <summary>Value of the option above it, for a <see cref="CascadeSelect"/>.</summary>
    public string? Parent { get; init; }
}
