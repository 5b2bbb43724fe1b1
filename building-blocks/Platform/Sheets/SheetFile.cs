using KuaipuCrm.Platform.Sheets.Csv;
using KuaipuCrm.Platform.Sheets.Xlsx;

namespace KuaipuCrm.Platform.Sheets;

/// <summary>
/// A table file (.xlsx, .xlsm, .csv, .txt) opened to be read row by row. What it is, is told by its content, never by its name.
/// Rows may be read several times; not for use by several threads at once.
/// </summary>
public sealed class SheetFile : IDisposable
{
    private readonly ITableSource _source;

    private SheetFile(ITableSource source) => _source = source;

    /// <summary>Names of the visible sheets in their order; a text file has one.</summary>
    public IReadOnlyList<string> Sheets => _source.Sheets;

    /// <summary>Opens and checks a file; no row is read yet (a text file is read once for its encoding).</summary>
    /// <exception cref="SheetException">Not a table file, too large, damaged, encrypted, or of an unknown encoding.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static SheetFile Open(string path, SheetLimits limits)
    {
        var length = new FileInfo(path).Length;
        if (length > limits.MaxFileBytes)
            throw new SheetException($"文件有 {length / 1048576.0:0.#} MB，超过上限 {limits.MaxFileBytes / 1048576.0:0.#} MB。请拆成几个文件再上传。");
        if (length == 0) throw new SheetException("文件是空的。");
        return new SheetFile(FileKind.IsZip(path) ? XlsxSource.Open(path, limits) : CsvSource.Open(path, limits));
    }

    /// <summary>The rows that are not empty, streamed.</summary>
    /// <param name="sheet">Index into <see cref="Sheets"/>.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="SheetException">While enumerating: damaged, or over a limit.</exception>
    public IEnumerable<SheetRow> Rows(int sheet = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sheet);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sheet, Sheets.Count);
        return _source.Rows(sheet, cancellationToken);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();
}
