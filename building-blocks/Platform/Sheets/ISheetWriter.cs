namespace KuaipuCrm.Platform.Sheets;

/// <summary>
/// Writes a table row by row in constant memory. The stream is written only asynchronously and stays open; disposing completes the
/// file. A caller that gives up half-way throws the stream's content away: the table would look complete.
/// </summary>
public interface ISheetWriter : IAsyncDisposable
{
    /// <summary>
    /// Writes one row. Strings are text whatever they begin with; numbers, bool (是/否), DateOnly, DateTime and DateTimeOffset (its
    /// own clock time) go by the column's kind; null is an empty cell. A text over 32,767 UTF-16 units is cut and ends with ….
    /// </summary>
    /// <param name="cells">Values in the order of the columns; missing ones are empty.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="ArgumentException">More values than columns.</exception>
    /// <exception cref="SheetException">More rows than an .xlsx may have.</exception>
    ValueTask WriteRow(IReadOnlyList<object?> cells, CancellationToken cancellationToken = default);
}
