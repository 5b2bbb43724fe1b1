namespace KuaipuCrm.Sdk;

/// <summary>A field of a document type as declared; everything that shows, checks, filters, imports or exports it reads this.</summary>
public sealed class FieldDefinition
{
    /// <summary>In camel case; the name in the API, in filters and in errors.</summary>
    public required string Name { get; init; }
    public required string Column { get; init; }
    /// <summary>Declared in Chinese, read in the reader's language.</summary>
    public required string Label { get => English is null || Texts.Chinese ? Texts.L(label) : English; init => label = value; }
    /// <summary>The label in English, where the tables of texts can't have it: of custom fields.</summary>
    public string? English { get; init; }
    /// <summary>The label as declared, in Chinese: the same for every reader.</summary>
    public string Declared => label;
    /// <summary>The label in every language: an import knows the headings of any user's export.</summary>
    public IEnumerable<string> Headings => (English ?? Texts.English(label)) is { } english ? [label, english] : [label];
    public required FieldKind Kind { get; init; }
    /// <summary>Reads the value from a record, in the kind's plain type: string, long, decimal, DateOnly, DateTime (UTC), bool; null where empty.</summary>
    public required Func<Document, object?> Get { get; init; }
    /// <summary>Writes a value of the kind's plain type into a record.</summary>
    public required Action<Document, object?> Set { get; init; }

    private readonly string label = "";

    public bool Required { get; set; }
    /// <summary>Characters, for texts.</summary>
    public int MaxLength { get; set; } = 200;
    public decimal? Min { get; set; }
    public decimal? Max { get; set; }
    /// <summary>For <see cref="FieldKind.Choice"/>.</summary>
    public string? Dictionary { get; set; }
    /// <summary>For <see cref="FieldKind.Choice"/>: the user picks a parent first (region: province, then city).</summary>
    public bool Cascading { get; set; }
    /// <summary>For <see cref="FieldKind.Fixed"/>.</summary>
    public IReadOnlyList<FixedValue> Values { get; set; } = [];
    /// <summary>In the place of a type: a document of any type; one id names one document anywhere.</summary>
    public const string AnyType = "*";
    /// <summary>For <see cref="FieldKind.Reference"/>: the document type referred to, or <see cref="AnyType"/>.</summary>
    public string? RefersTo { get; set; }
    /// <summary>For <see cref="FieldKind.Reference"/>: the module with that type may be missing; then the field is, too.</summary>
    public bool Optional { get; set; }
    /// <summary>For <see cref="FieldKind.Reference"/>: only what the related tab of that name ties to the document another field refers to, e.g. the contacts of the customer.</summary>
    public (string Field, string Tab)? Among { get; set; }
    /// <summary>For <see cref="DocumentDefinition.FiguresOf"/>: a copy of that field of the document, kept by the platform.</summary>
    public string? CopyOf { get; set; }
    /// <summary>A new record begins with the present moment.</summary>
    public bool StartsNow { get; set; }
    /// <summary>Shown with the days gone by since.</summary>
    public bool WithAge { get; set; }
    /// <summary>The last part of the name of the index that carries the order over all rows, for lists that must be told to walk it.</summary>
    public string? OrderIndex { get; set; }
    /// <summary>For <see cref="FieldKind.Reference"/>: whoever sees the owner of the document referred to sees this one, too, whoever made it (SEC-2).</summary>
    public bool OpensWithOwner { get; set; }
    /// <summary>Shown in the list unless the user chooses otherwise.</summary>
    public bool Listed { get; set; }
    /// <summary>Width in the list, pixels.</summary>
    public int Width { get; set; } = 120;
    /// <summary>Summed up below the list (money unless told otherwise; numbers and quantities where told).</summary>
    public bool Totalled { get; set; }
    /// <summary>An index carries the order, so sorting by it stays fast at any size.</summary>
    public bool Indexed { get; set; }
    /// <summary>The index that carries the order, where the lists may be told to walk it.</summary>
    public string? IndexName { get; set; }
    /// <summary>Another column that carries the order people expect, e.g. the pinyin of a name.</summary>
    public string? SortColumn { get; set; }
    /// <summary>A user can't set it; the system does.</summary>
    public bool ReadOnly { get; set; }
    /// <summary>Set on creation only.</summary>
    public bool Fixed { get; set; }
    /// <summary>Neither in form nor in list; for rules.</summary>
    public bool Hidden { get; set; }
    /// <summary>Phone, mobile, ID number: masked for those without the right, views and exports are logged (SEC-4).</summary>
    public bool Masked { get; set; }
    /// <summary>A dictionary entry one must be allowed to use (SEC-8) to see the value, to set it, to filter or sort by it: a price by its kind. For those who may not it is empty.</summary>
    public (string Dictionary, string Code)? Entry { get; set; }
    /// <summary>Whether the user may see the value at all; its row is another matter.</summary>
    public bool VisibleTo(ICurrentUser me) => Entry is not { } entry || me.EntriesOf(entry.Dictionary) is not { } allowed || allowed.Contains(entry.Code);
    /// <summary>For <see cref="FieldKind.Choice"/>: entries below entries; shown with those above them, 硬件 / 打印机.</summary>
    public bool Tree { get; set; }
    /// <summary>Can be set for many rows at once.</summary>
    public bool Batch { get; set; }
    /// <summary>A valid value for the API's description, where one made from kind and label would not be.</summary>
    public string? Example { get; set; }
    /// <summary>Shown below the input.</summary>
    public string? Help { get => field is null ? null : Texts.L(field); set; }
    /// <summary>Heading it stands under in form and page.</summary>
    public string Section { get => Texts.L(field); set; } = "基本信息";
    /// <summary>Takes the whole width of the form.</summary>
    public bool Wide { get; set; }
    /// <summary>Other headings under which import recognizes it.</summary>
    public IReadOnlyList<string> Aliases { get; set; } = [];
    /// <summary>Value of a new record, of the kind's plain type.</summary>
    public Func<ICurrentUser, object?>? Default { get; set; }
    /// <summary>Shown only where this holds for the record's other values.</summary>
    public Func<IReadOnlyDictionary<string, object?>, bool>? VisibleWhen { get; set; }
    /// <summary>Checks and rewrites a text before anything else: returns an error in Chinese, or null.</summary>
    public Func<string, string?>? Check { get; set; }
    /// <summary>Rewrites a text to its stored form.</summary>
    public Func<string, string>? Normalize { get; set; }
    /// <summary>Can be set by import for administrators although it is read-only (created at, created by).</summary>
    public bool ImportedByAdministrators { get; set; }
    /// <summary>One of the columns every document has.</summary>
    public bool System { get; init; }
    /// <summary>Added by an administrator (DOC-11): no column of its own, kept in <see cref="Document.Extra"/> under its name.</summary>
    public bool Custom { get; init; }
}
