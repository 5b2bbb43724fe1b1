using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Sdk;

/// <summary>The words in which a document type is declared.</summary>
public sealed class DocumentBuilder<T>(string module) where T : Document, new()
{
    private readonly List<FieldDefinition> fields = [];
    private string? type, label, table, plural, prefix, section, title;
    private Action<DocumentDefinition>? more;

    /// <summary>Names the type. <paramref name="prefix"/>: begins its numbers.</summary>
    public DocumentBuilder<T> Named(string type, string plural, string label, string table, string prefix)
    {
        (this.type, this.plural, this.label, this.table, this.prefix) = (type, plural, label, table, prefix);
        return this;
    }

    /// <summary>The fields that follow stand under this heading.</summary>
    public DocumentBuilder<T> Section(string heading)
    {
        section = heading;
        return this;
    }

    public FieldBuilder Text(Expression<Func<T, string?>> field, string label, int max = 100) => Add(field, label, FieldKind.Text, f => { f.MaxLength = max; f.Normalize = TextNorm.Clean; });
    public FieldBuilder LongText(Expression<Func<T, string?>> field, string label, int max = 2000) => Add(field, label, FieldKind.LongText, f => { f.MaxLength = max; f.Wide = true; });
    public FieldBuilder Phone(Expression<Func<T, string?>> field, string label) => Add(field, label, FieldKind.Phone, f =>
    {
        f.MaxLength = 30;
        f.Normalize = TextNorm.Clean;
        f.Check = v => Sdk.Text.Phone.IsPhone(v) ? null : $"{label}“{Short(v)}”不是有效的电话号码。";
    });
    public FieldBuilder Mobile(Expression<Func<T, string?>> field, string label) => Add(field, label, FieldKind.Phone, f =>
    {
        f.MaxLength = 30;
        f.Normalize = v => Sdk.Text.Phone.IsMobile(v) ? Sdk.Text.Phone.Normalize(v) : TextNorm.Clean(v);
        f.Check = v => Sdk.Text.Phone.IsMobile(v) ? null : $"{label}“{Short(v)}”不是有效的 11 位手机号码。";
    });
    public FieldBuilder Email(Expression<Func<T, string?>> field, string label) => Add(field, label, FieldKind.Email, f => { f.MaxLength = 120; f.Normalize = TextNorm.Clean; f.Check = v => FieldChecks.Email(label, v); });
    public FieldBuilder Url(Expression<Func<T, string?>> field, string label) => Add(field, label, FieldKind.Url, f => { f.MaxLength = 200; f.Normalize = TextNorm.Clean; f.Check = v => FieldChecks.Url(label, v); });
    public FieldBuilder Number(Expression<Func<T, long?>> field, string label) => Add(field, label, FieldKind.Number);
    public FieldBuilder Money(Expression<Func<T, decimal?>> field, string label) => Add(field, label, FieldKind.Money, f => f.Totalled = true);
    public FieldBuilder Quantity(Expression<Func<T, decimal?>> field, string label) => Add(field, label, FieldKind.Quantity);
    public FieldBuilder Date(Expression<Func<T, DateOnly?>> field, string label) => Add(field, label, FieldKind.Date);
    public FieldBuilder Instant(Expression<Func<T, DateTime?>> field, string label) => Add(field, label, FieldKind.Instant);
    public FieldBuilder Flag(Expression<Func<T, bool>> field, string label) => Add(field, label, FieldKind.Flag);
    public FieldBuilder Choice(Expression<Func<T, string?>> field, string label, string dictionary) => Add(field, label, FieldKind.Choice, f => { f.Dictionary = dictionary; f.MaxLength = 40; });
    public FieldBuilder OneOf(Expression<Func<T, string?>> field, string label, params FixedValue[] values) => Add(field, label, FieldKind.Fixed, f => { f.Values = values; f.MaxLength = 40; });
    public FieldBuilder Reference(Expression<Func<T, long?>> field, string label, string type) => Add(field, label, FieldKind.Reference, f => f.RefersTo = type);

    /// <summary>A reference to a type of a module that may not be there.</summary>
    public FieldBuilder OptionalReference(Expression<Func<T, long?>> field, string label, string type) => Add(field, label, FieldKind.Reference, f => (f.RefersTo, f.Optional) = (type, true));

    /// <summary>The field that names a record.</summary>
    public DocumentBuilder<T> Title(Expression<Func<T, string?>> field)
    {
        title = NameOf(field);
        return this;
    }

    /// <summary>Whatever else the definition holds.</summary>
    public DocumentBuilder<T> With(Action<DocumentDefinition> set)
    {
        more += set;
        return this;
    }

    /// <summary>Made by the platform, once.</summary>
    public DocumentDefinition Build()
    {
        if (type is null || title is null) throw new InvalidOperationException($"The declaration of {typeof(T).Name} lacks Named(…) or Title(…).");
        IReadOnlyList<FieldDefinition> all = [.. SystemFields.Before(), .. fields, .. SystemFields.After()];
        var definition = new DocumentDefinition
        {
            Type = type,
            Module = module,
            Class = typeof(T),
            Table = table!,
            Plural = plural!,
            Label = label!,
            NumberPrefix = prefix!,
            Fields = all,
            Title = all.Single(f => f.Name == title),
        };
        more?.Invoke(definition);
        // Base data belongs to nobody: no owner to show, none to filter by.
        if (!definition.Owned)
            foreach (var f in all.Where(f => f.Name is "ownerId" or "departmentId")) f.Hidden = true;
        // What is kept of another type's documents has their names and owners; when the row was written is of no interest.
        if (definition.FiguresOf is not null)
            foreach (var f in all.Where(f => f.Name is "createdBy" or "updatedBy" or "updatedAt" or "number")) (f.Hidden, f.Listed) = (f.Name != "number", false);
        if (!definition.Approvals) all.Single(f => f.Name == "approval").Hidden = true;
        return definition;
    }

    private FieldBuilder Add<TValue>(Expression<Func<T, TValue>> field, string label, FieldKind kind, Action<FieldDefinition>? set = null)
    {
        var property = (PropertyInfo)((MemberExpression)field.Body).Member;
        var definition = Accessors.Field(property, label, kind, section ?? "基本信息");
        set?.Invoke(definition);
        fields.Add(definition);
        return new FieldBuilder(definition);
    }

    private static string NameOf<TValue>(Expression<Func<T, TValue>> field) => Accessors.Camel(((MemberExpression)field.Body).Member.Name);
    private static string Short(string v) => v.Length > 30 ? v[..30] + "…" : v;
}

/// <summary>What can be said of a field.</summary>
public sealed class FieldBuilder(FieldDefinition field)
{
    public FieldDefinition Definition { get; } = field;
    public FieldBuilder Required() { Definition.Required = true; return this; }
    /// <summary>In the list by default, with its width in pixels.</summary>
    public FieldBuilder Listed(int width = 120) { Definition.Listed = true; Definition.Width = width; return this; }
    /// <summary>An index in the migration carries this order.</summary>
    public FieldBuilder Indexed(string? sortColumn = null) { Definition.Indexed = true; Definition.SortColumn = sortColumn; return this; }
    /// <summary>An index of that name carries this order over all rows, owner and department behind it.</summary>
    public FieldBuilder Walked(string index) { (Definition.Indexed, Definition.OrderIndex) = (true, index); return this; }
    /// <summary>Only what the related tab ties to the document that the other field refers to.</summary>
    public FieldBuilder Among(string field, string tab) { Definition.Among = (field, tab); return this; }
    /// <summary>See <see cref="FieldDefinition.CopyOf"/>.</summary>
    public FieldBuilder CopyOf(string field) { (Definition.CopyOf, Definition.ReadOnly) = (field, true); return this; }
    /// <summary>See <see cref="FieldDefinition.StartsNow"/>.</summary>
    public FieldBuilder StartsNow() { Definition.StartsNow = true; return this; }
    /// <summary>See <see cref="FieldDefinition.WithAge"/>.</summary>
    public FieldBuilder WithAge() { Definition.WithAge = true; return this; }
    /// <summary>Whether the list sums it up: a price a piece is not, a number of pieces is.</summary>
    public FieldBuilder Total(bool summed = true) { Definition.Totalled = summed; return this; }
    public FieldBuilder Batch() { Definition.Batch = true; return this; }
    public FieldBuilder ReadOnly() { Definition.ReadOnly = true; return this; }
    /// <summary>Set on creation only.</summary>
    public FieldBuilder Fixed() { Definition.Fixed = true; return this; }
    public FieldBuilder Hidden() { Definition.Hidden = true; return this; }
    public FieldBuilder Masked() { Definition.Masked = true; return this; }
    public FieldBuilder Wide() { Definition.Wide = true; return this; }
    public FieldBuilder Cascading() { Definition.Cascading = true; return this; }
    /// <summary>Of a reference: who owns the document referred to sees this one, whoever made it (SEC-2).</summary>
    public FieldBuilder OpensWithOwner() { Definition.OpensWithOwner = true; return this; }
    /// <summary>A valid value for the API's description.</summary>
    public FieldBuilder Example(string value) { Definition.Example = value; return this; }
    public FieldBuilder Help(string text) { Definition.Help = text; return this; }
    /// <summary>Other headings under which import recognizes it.</summary>
    public FieldBuilder Aliases(params string[] names) { Definition.Aliases = names; return this; }
    public FieldBuilder Default(Func<ICurrentUser, object?> value) { Definition.Default = value; return this; }
    public FieldBuilder Range(decimal? min, decimal? max) { Definition.Min = min; Definition.Max = max; return this; }
    public FieldBuilder VisibleWhen(Func<IReadOnlyDictionary<string, object?>, bool> condition) { Definition.VisibleWhen = condition; return this; }
    /// <summary>A further check: an error in Chinese, or null.</summary>
    public FieldBuilder Check(Func<string, string?> check) { Definition.Check = check; return this; }
    public FieldBuilder Normalize(Func<string, string> normalize) { Definition.Normalize = normalize; return this; }
}
