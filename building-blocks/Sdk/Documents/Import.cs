namespace KuaipuCrm.Sdk;

/// <summary>Another type whose records may stand in the same row of an import, e.g. a customer's contact.</summary>
/// <param name="Type">The other type.</param>
/// <param name="TieField">Its field that refers to the record of the row.</param>
public sealed record ImportCompanion(string Type, string TieField);

/// <summary>What a file holds, and how its columns are understood.</summary>
/// <param name="File">Token of the uploaded file.</param>
/// <param name="Columns">One for each column of the sheet.</param>
/// <param name="Targets">Fields a column may go to.</param>
/// <param name="Keys">Fields by which existing rows may be updated.</param>
public sealed record ImportFile(string File, string Name, IReadOnlyList<string> Sheets, int Sheet, IReadOnlyList<ImportColumn> Columns, IReadOnlyList<ImportTarget> Targets, IReadOnlyList<ImportTarget> Keys);

/// <param name="Index">From 0.</param>
/// <param name="Target">The field it goes to; null where it is left out.</param>
/// <param name="Samples">The first values.</param>
public sealed record ImportColumn(int Index, string Title, string? Target, IReadOnlyList<string> Samples);

/// <param name="Name">Field name; those of a companion with its type before, e.g. <c>contact.mobile</c>.</param>
public sealed record ImportTarget(string Name, string Label, bool Required);

/// <summary>What to do with a file.</summary>
/// <param name="Columns">Column index → field.</param>
/// <param name="UpdateKey">Rows whose value of this field exists already are updated; none: existing ones are duplicates.</param>
public sealed record ImportPlan(string File, int Sheet, IReadOnlyDictionary<int, string> Columns, string? UpdateKey, ImportMode Mode);

public enum ImportMode
{
    /// <summary>Checks every row, writes nothing.</summary>
    DryRun,
    /// <summary>Imports the rows without faults; the others go to the error file.</summary>
    GoodRows,
    /// <summary>Imports only if no row has a fault.</summary>
    AllOrNothing,
}

/// <summary>Takes a file in to be looked into; nothing is imported yet.</summary>
/// <remarks>No command: it writes no row, and a slow upload must not hold a transaction.</remarks>
public sealed record TakeImportFile(string Type, string Name, Stream Content) : IQuery<string>, IOnDocuments
{
    public string? Right => DocumentRight.Import;
}

/// <summary>Looks into an uploaded file.</summary>
public sealed record InspectImport(string Type, string File, int Sheet = 0) : IQuery<ImportFile>, IOnDocuments
{
    public string? Right => DocumentRight.Import;
}

/// <summary>Starts a dry run or an import in the background; go on by <see cref="GetImport"/>.</summary>
public sealed record StartImport(string Type, ImportPlan Plan) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Import;
}

/// <summary>How an import stands and what it found.</summary>
public sealed record GetImport(long OperationId) : IQuery<ImportReport>;

/// <param name="Kinds">Findings by kind, most frequent first.</param>
/// <param name="Findings">The first findings, in the order of the lines.</param>
public sealed record ImportReport(OperationInfo Operation, ImportMode Mode, IReadOnlyList<ImportKind> Kinds, IReadOnlyList<ImportFinding> Findings, bool HasErrorFile, int Created, int Updated, int Warned);

/// <param name="Code"><c>required duplicate existing invalid choice reference length formula other</c>.</param>
/// <param name="Fault">The row can't be imported; otherwise it is only pointed out.</param>
public sealed record ImportKind(string Code, string Label, int Count, bool Fault)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.L(field); } = Label;
}

/// <param name="Line">As Excel shows it.</param>
/// <param name="Column">Title of the column, where it is one.</param>
public sealed record ImportFinding(int Line, string? Column, string Code, string Message, bool Fault)
{
    /// <summary>In the reader's language.</summary>
    public string Message { get => Texts.Retell(field); } = Message;
}
