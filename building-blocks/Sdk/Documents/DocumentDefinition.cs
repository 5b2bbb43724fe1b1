namespace KuaipuCrm.Sdk;

/// <summary>A document type as the platform runs it: made once from its declaration.</summary>
public sealed class DocumentDefinition
{
    /// <summary>Short, lower case, unique over all modules: <c>customer</c>.</summary>
    public required string Type { get; init; }
    public required string Module { get; init; }
    /// <summary>The record's class.</summary>
    public required Type Class { get; init; }
    public required string Table { get; init; }
    /// <summary>In paths and permissions: <c>customers</c>.</summary>
    public required string Plural { get; init; }
    /// <summary>Chinese.</summary>
    public required string Label { get; init; }
    /// <summary>Chinese, in the menu; the label by default.</summary>
    public string? MenuText { get; set; }
    /// <summary>FontAwesome name.</summary>
    public string Icon { get; set; } = "file";
    /// <summary>Heading in the quick menu under which the list stands; Chinese. None: under the module's name.</summary>
    public string? MenuGroup { get; set; }
    /// <summary>Place in the quick menu, as <see cref="MenuEntry.Order"/>; before all entries of pages unless said.</summary>
    public int? MenuOrder { get; set; }
    public required IReadOnlyList<FieldDefinition> Fields { get; init; }
    /// <summary>The field that names a record.</summary>
    public required FieldDefinition Title { get; init; }
    /// <summary>The field shown as status in the head, if there is one.</summary>
    public FieldDefinition? Status { get; set; }
    /// <summary>Fields whose phone numbers global search finds.</summary>
    public IReadOnlyList<FieldDefinition> Phones { get; set; } = [];
    /// <summary>A line below the title in search results and look-ups.</summary>
    public FieldDefinition? Subtitle { get; set; }
    /// <summary>Rows belong to an owner and are cut by the data scope; otherwise whoever may read sees all rows (base data).</summary>
    public bool Owned { get; set; } = true;
    /// <summary>Names are found by grams and pinyin and appear in global search.</summary>
    public bool Searchable { get; set; } = true;
    public bool Importable { get; set; }
    /// <summary>May be submitted for approval (审核, DOC-9) by the flows set up for it.</summary>
    public bool Approvals { get; set; }
    /// <summary>Has review comments (点评, DOC-6).</summary>
    public bool Comments { get; set; }
    /// <summary>Has files beside it (附件, DOC-7).</summary>
    public bool Attachments { get; set; }
    /// <summary>Two letters or so; the default numbering rule is prefix, date, digits.</summary>
    public required string NumberPrefix { get; init; }
    /// <summary>Named filters every user has (全部, 我的, 下属的 …).</summary>
    public IReadOnlyList<ListView> Views { get; set; } = [];
    /// <summary>Fields by which an import may update existing rows.</summary>
    public IReadOnlyList<string> UpdateKeys { get; set; } = ["number"];
    /// <summary>Asked while someone fills the form: what is there already that may be the same, a line each. Given the values so far and the record's id.</summary>
    public Func<IReadOnlyDictionary<string, object?>, long?, IQuery<IReadOnlyList<string>>>? Likely { get; set; }
    /// <summary>Another type whose records may stand in the same row of an import.</summary>
    public ImportCompanion? ImportWith { get; set; }
    /// <summary>Path of the list page.</summary>
    public string Path => $"/{Module}/{Plural}";
    /// <summary>The permission of a right (<see cref="DocumentRight"/>) on this type.</summary>
    public string Permission(string right) => $"{Module}.{Plural}.{right}";

    /// <summary>The field of that name.</summary>
    /// <exception cref="Invalid">There is none: filters, sorts and values may name declared fields only.</exception>
    public FieldDefinition Field(string name) => Find(name) ?? throw new Invalid("", $"{Label}没有名为“{(name.Length > 40 ? name[..40] : name)}”的字段。");

    /// <summary>The field of that name, or null.</summary>
    public FieldDefinition? Find(string name) => byName.GetValueOrDefault(name);

    private Dictionary<string, FieldDefinition> byName => index ??= Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
    private Dictionary<string, FieldDefinition>? index;
}

/// <summary>A named filter that comes with the type.</summary>
/// <param name="Name">Stable, for URLs.</param>
/// <param name="Label">Chinese.</param>
/// <param name="Filters">Its conditions; the value <c>@me</c> stands for the current user.</param>
public sealed record ListView(string Name, string Label, IReadOnlyList<Filter> Filters)
{
    /// <summary>The rows of this <see cref="RowOpening"/> instead of those in the user's scope.</summary>
    public string? Opening { get; init; }
}
