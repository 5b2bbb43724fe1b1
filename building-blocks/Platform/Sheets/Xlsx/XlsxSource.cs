namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>The sheets of an .xlsx or .xlsm.</summary>
internal sealed class XlsxSource : ITableSource
{
    private readonly XlsxPackage _package;
    private readonly XlsxWorkbook _workbook;
    private readonly SheetLimits _limits;
    private SharedStrings? _strings;
    private CellFormats? _formats;

    private XlsxSource(XlsxPackage package, SheetLimits limits)
    {
        _package = package;
        _limits = limits;
        _workbook = XlsxWorkbook.Read(package);
        Sheets = [.. _workbook.Sheets.Select(s => s.Name)];
    }

    public IReadOnlyList<string> Sheets { get; }

    public static XlsxSource Open(string path, SheetLimits limits)
    {
        var package = new XlsxPackage(path, limits);
        try
        {
            return new XlsxSource(package, limits);
        }
        catch
        {
            package.Dispose();
            throw;
        }
    }

    public IEnumerable<SheetRow> Rows(int sheet, CancellationToken cancellationToken)
    {
        _formats ??= Load(_workbook.Styles, CellFormats.Read, cancellationToken) ?? new CellFormats();
        _strings ??= Load(_workbook.Strings, part => SharedStrings.Read(part, _limits), cancellationToken) ?? new SharedStrings();
        using var part = _package.Open(_workbook.Sheets[sheet].Part, cancellationToken);
        var rows = new XlsxRows(part, _formats, _strings, _workbook.From1904, _limits);
        while (rows.Next() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    public void Dispose() => _package.Dispose();

    private T? Load<T>(string? name, Func<XlsxPart, T> read, CancellationToken cancellationToken) where T : class
    {
        if (name is null) return null;
        using var part = _package.Open(name, cancellationToken);
        return read(part);
    }
}
