namespace KuaipuCrm.Sdk;

/// <summary>A row of a bulk save: without id a new document, with id and version a change.</summary>
public sealed record BulkRow(long? Id, long Version, IReadOnlyDictionary<string, object?> Values, IReadOnlyList<string>? Confirmed = null);

/// <summary>Creates and changes many documents in one journaled operation with undo (API-3, DOC-14), at most 1,000.</summary>
/// <param name="AllOrNothing">One bad row holds all back; otherwise the good ones are saved.</param>
public sealed record SaveDocuments(string Type, IReadOnlyList<BulkRow> Rows, bool AllOrNothing) : ICommand<BulkResult>, IOnDocuments
{
    /// <summary>The handler asks for the other right, too, where rows want it.</summary>
    public string? Right => Rows.Count == 0 || Rows.Any(r => r.Id is null) ? DocumentRight.Create : DocumentRight.Update;
}

/// <param name="OperationId">For looking up and undoing.</param>
/// <param name="Rows">A result for each row, in the order of the request.</param>
public sealed record BulkResult(long OperationId, int Saved, int Failed, IReadOnlyList<BulkRowResult> Rows);

/// <param name="Row">From 1.</param>
/// <param name="State"><c>created changed unchanged failed skipped</c>; skipped: good, but held back by a bad one.</param>
public sealed record BulkRowResult(int Row, string State, long? Id, long? Version, string? Number, IReadOnlyList<FieldError> Errors, IReadOnlyList<Warning> Warnings);

/// <summary>All or nothing was asked for, and some rows are bad: nothing was saved.</summary>
public sealed class RowsRefused(IReadOnlyList<BulkRowResult> rows) : Exception
{
    public override string Message => Texts.L($"{Rows.Count(r => r.State == "failed")} 行有误，没有保存任何一行。");
    public IReadOnlyList<BulkRowResult> Rows { get; } = rows;
}
