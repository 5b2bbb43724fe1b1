using System.Globalization;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.CustomFields;

/// <summary>A custom field as it is kept, and the field the platform makes of it.</summary>
internal sealed record CustomField(long Id, string Type, string Name, string Label, string? English, string Kind, string? Dictionary, string? RefersTo, string Section, string? Help, string? Start,
    bool Required, bool Listed, bool Indexed, bool Disabled, long Position, long Version, DateTime? DeletedAt)
{
    /// <summary>No declared field's name begins so.</summary>
    public const string Prefix = "x_";

    public const string DefaultSection = "补充信息";

    public const int TextLength = 200, LongTextLength = 2000;

    /// <summary>Kinds an administrator may choose.</summary>
    public static readonly IReadOnlyList<FieldKind> Kinds = [FieldKind.Text, FieldKind.LongText, FieldKind.Number, FieldKind.Quantity, FieldKind.Money, FieldKind.Date, FieldKind.Flag, FieldKind.Choice, FieldKind.Reference];

    public FieldKind FieldKind => Enum.Parse<FieldKind>(Kind);

    public bool Active => !Disabled && DeletedAt is null;

    /// <summary>Whole numbers in JSON and in the index; the others are texts.</summary>
    public static bool IsWhole(FieldKind kind) => kind is FieldKind.Number or FieldKind.Quantity or FieldKind.Money or FieldKind.Reference or FieldKind.Flag;

    /// <summary>Mostly asked for by equality: then the list's usual order stands behind the value.</summary>
    public static bool IsEquality(FieldKind kind) => kind is FieldKind.Choice or FieldKind.Reference or FieldKind.Flag;

    /// <summary>Its indexes: for ranges and order by itself, for equality in the usual order.</summary>
    public IEnumerable<(string Name, string Then)> Indexes()
    {
        yield return (IndexName(Id), "id");
        if (IsEquality(FieldKind)) yield return (IndexName(Id) + "_u", "updated_at desc, id desc");
    }

    public static string IndexName(long id) => "ix_x_" + id.ToString(CultureInfo.InvariantCulture);

    /// <param name="ready">Its indexes stand.</param>
    /// <param name="today">The day in the account set's zone.</param>
    public FieldDefinition Definition(bool ready, Func<DateOnly> today)
    {
        var kind = FieldKind;
        FieldDefinition field = null!;
        field = new FieldDefinition
        {
            Name = Name,
            Column = Name,
            Label = Label,
            English = English,
            Kind = kind,
            Custom = true,
            Get = r => FieldCodec.FromDb(field, r.Custom(Name) ?? DBNull.Value),
            Set = (r, v) => r.SetCustom(Name, FieldCodec.ToDb(field, v)),
            Required = Required && Active && kind != FieldKind.Flag,
            MaxLength = kind == FieldKind.LongText ? LongTextLength : kind == FieldKind.Choice ? 40 : TextLength,
            Dictionary = Dictionary,
            RefersTo = RefersTo,
            Section = Section,
            Help = Help,
            Listed = Listed && Active,
            Width = kind switch { FieldKind.Text => 140, FieldKind.LongText => 220, FieldKind.Reference when RefersTo != "user" => 180, FieldKind.Flag => 72, _ => 110 },
            Indexed = Indexed && ready && Active,
            IndexName = Indexed && ready && Active ? IndexName(Id) : null,
            Hidden = !Active,
            Batch = Active,
            Wide = kind == FieldKind.LongText,
            Normalize = kind == FieldKind.Text ? TextNorm.Clean : null,
        };
        if (Start is { Length: > 0 }) field.Default = Default(field, today);
        return field;
    }

    private Func<ICurrentUser, object?> Default(FieldDefinition f, Func<DateOnly> today)
    {
        switch (Start)
        {
            case "@me": return me => me.Id == 0 ? null : me.Id;
            case "@today": return _ => today();
        }
        var value = FieldCodec.Parse(f, Start, TimeZoneInfo.Utc);
        return _ => value;
    }
}
