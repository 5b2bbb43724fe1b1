namespace KuaipuCrm.Sdk;

/// <summary>How a filter compares.</summary>
public enum FilterOp
{
    Is,
    IsNot,
    In,
    Contains,
    StartsWith,
    From,
    To,
    Empty,
    NotEmpty,
    /// <summary>
    /// For dates and instants: a named span such as <c>today</c>, <c>thisWeek</c>, <c>thisMonth</c>, <c>last30Days</c>, <c>next7Days</c> (today and the six days after),
    /// <c>beforeToday</c>, <c>untilToday</c>, <c>atLeast:15</c> (15 or more days ago), <c>lessThan:15</c>. Days are those of the account set's time zone.
    /// </summary>
    Within,
}

/// <summary>A condition on a declared field. Values are texts as in the API: codes, ids, ISO dates.</summary>
[method: System.Text.Json.Serialization.JsonConstructor]
public sealed record Filter(string Field, FilterOp Op, IReadOnlyList<string> Values)
{
    public Filter(string field, FilterOp op, string value) : this(field, op, [value]) { }
}

/// <summary>Conditions joined by and or by or, with groups within (UI-8). A field of a document referred to is named <c>employerId.industry</c>.</summary>
/// <param name="Any">One of them is enough; else all must hold.</param>
public sealed record ConditionGroup(bool Any = false, IReadOnlyList<Filter>? Filters = null, IReadOnlyList<ConditionGroup>? Groups = null);

/// <summary>What a list shall show.</summary>
public sealed record ListRequest
{
    public IReadOnlyList<Filter> Filters { get; init; } = [];
    /// <summary>Further conditions with and/or groups, at most four deep and fifty in all; must hold beside <see cref="Filters"/>.</summary>
    public ConditionGroup? Where { get; init; }
    /// <summary>Name of one of the type's views (<see cref="ListView"/>), whose conditions are added.</summary>
    public string? View { get; init; }
    /// <summary>Quick search in title, number, pinyin initials and phones.</summary>
    public string? Text { get; init; }
    /// <summary>A declared field's name; the type's own order by default.</summary>
    public string? Sort { get; init; }
    public bool Descending { get; init; } = true;
    /// <summary>Rows, 1 to 500.</summary>
    public int Take { get; init; } = 50;
    /// <summary>From <see cref="ListPage.Next"/> or <see cref="ListPage.Previous"/>.</summary>
    public string? Cursor { get; init; }
    /// <summary>Jumps to a page by number, from 1; not together with a cursor.</summary>
    public int? Page { get; init; }
    /// <summary>Field names; the listed ones by default.</summary>
    public IReadOnlyList<string>? Columns { get; init; }
    /// <summary>The recycle bin instead of the living rows.</summary>
    public bool Bin { get; init; }
    /// <summary>Only rows tied to this document through <see cref="TiedBy"/>.</summary>
    public long? TiedTo { get; init; }
    /// <summary>Only these rows; at most 1,000.</summary>
    public IReadOnlyCollection<long>? Ids { get; init; }
    /// <summary>Name of the related tab that ties the rows.</summary>
    public string? TiedBy { get; init; }
}

/// <summary>A row of a list: values in the order of <see cref="ListPage.Columns"/>, in the kinds' plain types.</summary>
public sealed record ListRow(long Id, long Version, object?[] Values);

/// <summary>A page of a list.</summary>
public sealed record ListPage(IReadOnlyList<string> Columns, IReadOnlyList<ListRow> Rows, string? Next, string? Previous, IReadOnlyDictionary<long, string> Names)
{
    /// <summary>Where this page begins, when it was reached by number; cursors don't know.</summary>
    public long? Skipped { get; init; }

    /// <summary>The days the named view went by where a setting has them (<see cref="ListView.Days"/>), as its condition would say it: <c>atLeast:20</c>.</summary>
    public string? Ago { get; init; }
}

/// <summary>How many rows a list has; beyond the cap only that there are more.</summary>
public sealed record ListCount(long Count, bool More);

/// <summary>The rows of a document type the user may see.</summary>
public sealed record ListDocuments(string Type, ListRequest Request) : IQuery<ListPage>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Counts what <see cref="ListDocuments"/> would show in all, up to 10,000.</summary>
public sealed record CountDocuments(string Type, ListRequest Request) : IQuery<ListCount>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>The sums of a list's money and other totalled fields, over all rows that <see cref="ListDocuments"/> would show page by page.</summary>
/// <param name="Sums">Field name → sum, in the field's plain type; 0 where no row has a value.</param>
public sealed record ListTotals(IReadOnlyDictionary<string, decimal> Sums);

/// <summary>Sums up what <see cref="ListDocuments"/> would show in all (UI-4). Reads every row of the list.</summary>
public sealed record SumDocuments(string Type, ListRequest Request) : IQuery<ListTotals>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>One document with all its values.</summary>
/// <param name="Unmask">Shows masked fields in full to those who may; is logged.</param>
public sealed record GetDocument(string Type, long Id, bool Unmask = false) : IQuery<DocumentView>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>A document as its page shows it.</summary>
/// <param name="Values">By field name, in the kinds' plain types; masked where the user may not see.</param>
/// <param name="Names">Titles of the documents referred to.</param>
/// <param name="Rights">Rights of the user on this row (<see cref="DocumentRight"/>).</param>
/// <param name="Masked">Fields shown masked.</param>
public sealed record DocumentView(
    string Type, long Id, long Version, string Title, IReadOnlyDictionary<string, object?> Values,
    IReadOnlyDictionary<long, string> Names, IReadOnlySet<string> Rights, IReadOnlySet<string> Masked, DateTime? DeletedAt)
{
    /// <summary>Outside the user's scope and only opened to be read (<see cref="RowOpening"/>): what lies beside it is not.</summary>
    public bool Opened { get; init; }
}

/// <summary>What was saved.</summary>
public sealed record Saved(long Id, long Version, string Number);

/// <summary>Creates or changes a document from values by field name. Fields left out stay as they are.</summary>
/// <param name="Id">None to create.</param>
/// <param name="Version">The version the user has seen; a stale one is a <see cref="Conflict"/>.</param>
/// <param name="Values">In the kinds' plain types, or as text or JSON values, which are parsed.</param>
/// <param name="Confirmed">Codes of confirmed warnings.</param>
public sealed record SaveDocument(string Type, long? Id, long Version, IReadOnlyDictionary<string, object?> Values, IReadOnlyList<string>? Confirmed = null)
    : ICommand<Saved>, IOnDocuments
{
    /// <summary>A key of the form's under which the same creation is carried out once, however often it is sent (double click, lost answer).</summary>
    public string? OnceKey { get; init; }
    /// <summary>Changes whatever version stands; <see cref="Version"/> is 0.</summary>
    public bool AnyVersion { get; init; }
    public string? Right => Id is null ? DocumentRight.Create : DocumentRight.Update;
}

/// <summary>A row an act was meant for, with the version the user saw; version 0 takes whatever stands.</summary>
public sealed record RowRef(long Id, long Version = 0);

/// <summary>What an act over many rows did.</summary>
public sealed record BatchResult(long OperationId, int Done, IReadOnlyList<RowProblem> Problems);

/// <summary>A row that was left as it was, and why.</summary>
/// <param name="Field"><c>id</c> where there is no such row, <c>version</c> where it was changed since; else the first field that is wrong.</param>
public sealed record RowProblem(long Id, string Title, string Message, string? Field = null)
{
    /// <summary>In the reader's language.</summary>
    public string Message { get => Texts.Retell(field); } = Message;
}

/// <summary>Moves rows to the recycle bin.</summary>
public sealed record DeleteDocuments(string Type, IReadOnlyList<RowRef> Rows) : ICommand<BatchResult>, IOnDocuments
{
    public string? Right => DocumentRight.Delete;
}

/// <summary>Takes rows back out of the recycle bin.</summary>
public sealed record RestoreDocuments(string Type, IReadOnlyList<RowRef> Rows) : ICommand<BatchResult>, IOnDocuments
{
    public string? Right => DocumentRight.Restore;
}

/// <summary>Deletes rows in the recycle bin for good, leaving a trace in the history.</summary>
public sealed record PurgeDocuments(string Type, IReadOnlyList<RowRef> Rows) : ICommand<BatchResult>, IOnDocuments
{
    public string? Right => DocumentRight.Purge;
}

/// <summary>Sets the same values on many rows; a journaled operation with undo (DOC-14).</summary>
public sealed record ChangeDocuments(string Type, IReadOnlyList<RowRef> Rows, IReadOnlyDictionary<string, object?> Values) : ICommand<BatchResult>, IOnDocuments
{
    public string? Right => DocumentRight.Batch;
}

/// <summary>The history of a document, newest first.</summary>
public sealed record GetHistory(string Type, long Id, int Take = 100, long? BeforeId = null) : IQuery<IReadOnlyList<HistoryEntry>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>One entry of a history: who did what, when, from where.</summary>
/// <param name="Kind"><c>create update delete restore purge view unmask export undo</c>.</param>
public sealed record HistoryEntry(long Id, DateTime At, string Who, string? SeenBy, string Kind, string Source, long? OperationId, IReadOnlyList<FieldChange> Changes)
{
    /// <summary>Of a document that was merged into this one: that document's name.</summary>
    public string? Of { get; init; }
}

/// <summary>A field's values as people read them.</summary>
public sealed record FieldChange(string Field, string Label, string? From, string? To)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.L(field); } = Label;
}
