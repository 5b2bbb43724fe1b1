using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>Writes an .xlsx of one sheet, part after part; see <see cref="SheetWriter.CreateXlsx"/>.</summary>
internal sealed class XlsxWriter : ISheetWriter
{
    private const int MaxRows = 1_048_576;

    // Days before are one off in Excel's calendar (it has a 29 February 1900) or not there at all.
    private static readonly DateTime FirstDay = new(1900, 3, 1);

    private readonly Stream _stream;
    private readonly string _sheetName;
    private readonly IReadOnlyList<SheetColumn> _columns;
    private readonly TextBuffer _out = new();
    private ZipArchive? _zip;
    private Stream? _sheet;
    private int _rows;
    private bool _done;

    public XlsxWriter(Stream stream, string sheetName, IReadOnlyList<SheetColumn> columns)
    {
        _stream = stream;
        _sheetName = XlsxParts.SheetName(sheetName);
        _columns = columns;
    }

    public async ValueTask WriteRow(IReadOnlyList<object?> cells, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cells.Count, _columns.Count, nameof(cells));
        if (_zip is null) await Start(cancellationToken);
        if (_rows == MaxRows) throw new SheetException($"超过一张工作表的 {MaxRows:N0} 行。请缩小范围，或导出为 CSV。");
        _rows++;
        _out.Text.Append("<row>");
        for (var i = 0; i < _columns.Count; i++)
            if (i < cells.Count && cells[i] is { } value) Append(value, _columns[i].Kind, i);
            // Without references a cell stands after the one before it, so an empty one must be there.
            else _out.Text.Append("<c/>");
        _out.Text.Append("</row>");
        if (_out.IsFull) await _out.Flush(_sheet!, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_done) return;
        _done = true;
        if (_zip is null) await Start(CancellationToken.None);
        var range = $"A1:{XlsxParts.Letters(_columns.Count)}{_rows}";
        _out.Text.Append("</sheetData><autoFilter ref=\"").Append(range).Append("\"/></worksheet>");
        await _out.Flush(_sheet!, CancellationToken.None);
        await _sheet!.DisposeAsync();
        await Part("xl/workbook.xml", XlsxParts.Workbook(_sheetName, _columns.Count, _rows), CancellationToken.None);
        await _zip!.DisposeAsync();
        await _stream.FlushAsync();
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        _zip = await ZipArchive.CreateAsync(_stream, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancellationToken);
        await Part("[Content_Types].xml", XlsxParts.ContentTypes, cancellationToken);
        await Part("_rels/.rels", XlsxParts.PackageRelations, cancellationToken);
        await Part("xl/_rels/workbook.xml.rels", XlsxParts.WorkbookRelations, cancellationToken);
        await Part("xl/styles.xml", XlsxParts.Styles, cancellationToken);
        _sheet = await _zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).OpenAsync(cancellationToken);
        var text = _out.Text.Append(XlsxParts.SheetStart).Append("<cols>");
        for (var i = 0; i < _columns.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"<col min=\"{i + 1}\" max=\"{i + 1}\" width=\"{Math.Clamp(_columns[i].Width, 1, 255):0.##}\" customWidth=\"1\"/>");
        text.Append("</cols><sheetData><row>");
        foreach (var column in _columns) AppendText(CellValue.Text(column.Title, SheetColumnKind.Text), XlsxParts.HeaderStyle);
        text.Append("</row>");
        _rows = 1;
    }

    private async Task Part(string name, string xml, CancellationToken cancellationToken)
    {
        await using var part = await _zip!.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await part.WriteAsync(Encoding.UTF8.GetBytes(xml), cancellationToken);
    }

    private void Append(object value, SheetColumnKind kind, int column)
    {
        var text = _out.Text;
        if (kind is SheetColumnKind.Number or SheetColumnKind.Money && CellValue.IsNumber(value))
        {
            var digits = CellValue.Digits(value);
            // A spreadsheet keeps 15 digits; a longer number would change silently.
            if (Significant(digits) <= 15)
            {
                var style = kind is SheetColumnKind.Money ? XlsxParts.MoneyStyle : digits.Contains('.') ? XlsxParts.NumberStyle : XlsxParts.IntegerStyle;
                text.Append("<c s=\"").Append(style).Append("\"><v>").Append(digits).Append("</v></c>");
                return;
            }
        }
        else if (kind is SheetColumnKind.Date or SheetColumnKind.DateTime && CellValue.Moment(value) is { } moment && moment >= FirstDay)
        {
            if (kind is SheetColumnKind.Date) moment = moment.Date;
            text.Append("<c s=\"").Append(kind is SheetColumnKind.Date ? XlsxParts.DateStyle : XlsxParts.DateTimeStyle).Append("\"><v>")
                .Append(CultureInfo.InvariantCulture, $"{moment.ToOADate():R}").Append("</v></c>");
            return;
        }
        var shown = CellValue.Text(value, kind);
        if (shown.Length == 0) text.Append("<c/>");
        // The quote prefix keeps a formula-like text a text when the cell is edited again.
        else AppendText(shown, Csv.CsvGuard.NeedsGuard(shown) ? XlsxParts.QuotedStyle : XlsxParts.TextStyle);
    }

    private void AppendText(string value, int style)
    {
        var text = _out.Text;
        text.Append("<c t=\"inlineStr\" s=\"").Append(style).Append("\"><is><t xml:space=\"preserve\">");
        XlsxParts.AppendEscaped(text, value);
        text.Append("</t></is></c>");
    }

    private static int Significant(string digits) => digits.Length <= 15
        ? digits.Length
        : digits.Replace(".", "", StringComparison.Ordinal).TrimStart('-', '0').TrimEnd('0').Length;
}
