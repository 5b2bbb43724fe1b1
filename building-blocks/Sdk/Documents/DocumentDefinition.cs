namespace KuaipuCrm.Sdk;

/// <summary>A document type as the platform runs it: made once from its declaration. The custom fields an administrator adds (DOC-11) come and go while it runs.</summary>
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
    /// <summary>Declared in Chinese, read in the reader's language.</summary>
    public required string Label { get => Texts.L(label); init => label = value; }
    /// <summary>The label over several, as in menus and lists: Customers.</summary>
    public string Labels => Texts.Several(label);
    /// <summary>The label in every language.</summary>
    public IEnumerable<string> Headings => Texts.English(label) is { } english ? [label, english] : [label];
    /// <summary>In the menu; the label by default. Declared in Chinese, read in the reader's language.</summary>
    public string? MenuText { get => field is null ? null : Texts.L(field); set; }
    /// <summary>FontAwesome name.</summary>
    public string Icon { get; set; } = "file";
    /// <summary>Heading in the quick menu under which the list stands; Chinese. None: under the module's name.</summary>
    public string? MenuGroup { get; set; }
    /// <summary>Place in the quick menu, as <see cref="MenuEntry.Order"/>; before all entries of pages unless said.</summary>
    public int? MenuOrder { get; set; }
    /// <summary>The declared fields and, before the system's, the custom ones of this moment. Take it once where several answers must fit together.</summary>
    public required IReadOnlyList<FieldDefinition> Fields { get => fields.All; init => (Declared, fields) = (value, new(value)); }
    /// <summary>The fields that stand in code, each with a column of its own.</summary>
    public IReadOnlyList<FieldDefinition> Declared { get; private init; } = [];
    /// <summary>The field that names a record.</summary>
    public required FieldDefinition Title { get; init; }
    /// <summary>The field shown as status in the head, if there is one.</summary>
    public FieldDefinition? Status { get; set; }
    /// <summary>Values of <see cref="Status"/> that are final: from then on the document may change hands, as everything a person leaves; nothing else of it is changed by whoever fills in a form, a sheet or a request.</summary>
    public IReadOnlyList<string> Final { get; set; } = [];

    public bool IsFinal(Document record) => Final.Count > 0 && Status?.Get(record) is string code && Final.Contains(code);

    /// <summary>The status as people read it; empty without one.</summary>
    public string StatusText(Document record) => Status?.Get(record) is string code ? Status.Values.FirstOrDefault(v => v.Code == code)?.Label ?? code : "";
    /// <summary>Fields whose phone numbers global search finds.</summary>
    public IReadOnlyList<FieldDefinition> Phones { get; set; } = [];
    /// <summary>A line below the title in search results and look-ups.</summary>
    public FieldDefinition? Subtitle { get; set; }
    /// <summary>
    /// The type whose documents this type's rows keep figures of, one row each under the same id: how often it was contacted, what it bought. The rows come, go, change
    /// hands and are seen with the documents, by themselves; the module writes its figures and nothing else. Nobody fills them in: such a type has lists, counts, exports, no form.
    /// </summary>
    public string? FiguresOf { get; set; }
    /// <summary>The order of a list where none is asked for: a declared field, and whether the largest come first.</summary>
    public (string Field, bool Descending) Order { get; set; } = ("updatedAt", true);
    /// <summary>Rows belong to an owner and are cut by the data scope; otherwise whoever may read sees all rows (base data).</summary>
    public bool Owned { get; set; } = true;
    /// <summary>A choice by which base data is cut (SEC-8): whoever may use some entries of its dictionary only, sees rows of those and rows without one.</summary>
    public FieldDefinition? CutBy { get; set; }
    /// <summary>Fields that name a user who takes part in the document without owning it: it stands in that person's file (UI-7). An index begins with each.</summary>
    public IReadOnlyList<FieldDefinition> Participants { get; set; } = [];
    /// <summary>Whose people take part in the document, besides those its fields name.</summary>
    public DocumentTeam? Team { get; set; }
    /// <summary>Names are found by grams and pinyin and appear in global search.</summary>
    public bool Searchable { get; set; } = true;
    public bool Importable { get; set; }
    /// <summary>May be submitted for approval (审核, DOC-9) by the flows set up for it.</summary>
    public bool Approvals { get; set; }
    /// <summary>Has review comments (点评, DOC-6).</summary>
    public bool Comments { get; set; }
    /// <summary>A document may be shared with people and departments, with what is tied to it (CUS-15).</summary>
    public bool Shareable { get; set; }
    /// <summary>Its page has a tab that shows all that is tied to it by date (时间线).</summary>
    public bool Timeline { get; set; }
    /// <summary>The date or moment by which it stands in the timelines of what it refers to; when it was created, where not set.</summary>
    public FieldDefinition? HappenedAt { get; set; }
    /// <summary>Has files beside it (附件, DOC-7).</summary>
    public bool Attachments { get; set; }
    /// <summary>May have tasks (计划任务, TGT-5) tied to it: they stand in a tab of its page.</summary>
    public bool Tasks { get; set; }
    /// <summary>Mail and text messages are written about it, and listed beside it (邮件记录, SET-12).</summary>
    public bool Mail { get; set; }
    /// <summary>People are reminded of its dates (提醒, DOC-8).</summary>
    public bool Reminders { get; set; }
    /// <summary>Two letters or so; the default numbering rule is prefix, date, digits.</summary>
    public required string NumberPrefix { get; init; }
    /// <summary>Named filters every user has (全部, 我的, 下属的 …).</summary>
    public IReadOnlyList<ListView> Views { get; set; } = [];
    /// <summary>Fields by which an import may update existing rows.</summary>
    public IReadOnlyList<string> UpdateKeys { get; set; } = ["number"];
    /// <summary>Asked while someone fills the form: what is there already that may be the same, a line each. Given the values so far and the record's id.</summary>
    public Func<IReadOnlyDictionary<string, object?>, long?, IQuery<IReadOnlyList<string>>>? Likely { get; set; }
    /// <summary>Asked while someone fills in a new record, given the values so far: a value for a field that is still empty, or as it was proposed before. Null: nothing to ask yet.</summary>
    public Func<IReadOnlyDictionary<string, object?>, IQuery<Proposal?>?>? Propose { get; set; }
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
    public FieldDefinition? Find(string name) => fields.ByName.GetValueOrDefault(name);

    private readonly string label = "";
    /// <summary>Called by the platform when custom fields have changed: all at once, so that who reads sees the former ones or the new ones.</summary>
    public void Extend(IReadOnlyList<FieldDefinition> custom)
    {
        var own = Declared.TakeWhile(f => !f.System || f.Name == "number").ToList();
        fields = custom.Count == 0 ? new(Declared) : new([.. own, .. custom, .. Declared.Skip(own.Count)]);
    }

    private volatile FieldSet fields = new([]);

    private sealed class FieldSet(IReadOnlyList<FieldDefinition> all)
    {
        public IReadOnlyList<FieldDefinition> All { get; } = all;
        public Dictionary<string, FieldDefinition> ByName { get; } = all.ToDictionary(f => f.Name, StringComparer.Ordinal);
    }
}

/// <summary>A named filter that comes with the type.</summary>
/// <param name="Name">Stable, for URLs.</param>
/// <param name="Label">Declared in Chinese, read in the reader's language.</param>
/// <param name="Filters">Its conditions; the value <c>@me</c> stands for the current user.</param>
public sealed record ListView(string Name, string Label, IReadOnlyList<Filter> Filters)
{
    public string Label { get => Texts.L(field); } = Label;
    /// <summary>A condition that filters can't express, given the row's alias and who asks; names the module's own tables only. The data scope is always there beside it.</summary>
    public Func<string, Viewing, Sql>? Where { get; init; }
    /// <summary>The field its rows are ordered by unless the user chooses otherwise; the type's order by default.</summary>
    public string? Sort { get; init; }
    /// <summary>Whether the largest come first.</summary>
    public bool Descending { get; init; }
    /// <summary>Where a setting of the module has the days of its condition <c>atLeast:15</c>: a query of that one number, which names the module's own tables only. The declared days stand in where it finds none.</summary>
    public Sql? Days { get; init; }
    /// <summary>Its conditions hold for a good part of all rows and no index has them: the list's order is walked until the page is full.</summary>
    public bool Usual { get; init; }
    /// <summary>The index made for this list, by its name within the table: of the rows its conditions take, in its order, owner and department behind. Whoever sees more than a few people's rows goes along it: SQLite has to be told.</summary>
    public string? Index { get; init; }
    /// <summary>The rows of this <see cref="RowOpening"/> instead of those in the user's scope.</summary>
    public string? Opening { get; init; }
    /// <summary>Rows that are opened to the user (<see cref="RowOpening"/>) beside those in the user's scope: on the screen, never in an export.</summary>
    public bool WithOpened { get; init; }
}

/// <summary>Who looks at a list, for the conditions of its views.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Subordinates">All who report to the user, directly or through others.</param>
/// <param name="Dialect">What the engines write differently.</param>
/// <param name="Shared">The condition that a row, given its alias, was itself shared with the user.</param>
/// <param name="Scope">For a condition that asks other document types: what it must carry.</param>
public sealed record Viewing(long UserId, IReadOnlyList<long> Subordinates, IDialect Dialect, Func<string, Sql> Shared, IScope Scope);

/// <summary>A value proposed for a field.</summary>
/// <param name="Value">Of the field's plain kind.</param>
/// <param name="Reason">Shown below the input, in Chinese.</param>
public sealed record Proposal(string Field, object? Value, string Reason);
