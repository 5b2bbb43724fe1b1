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
    private readonly string[] _letters;
    private readonly TextBuffer _out = new();
    private readonly ZipOutput _output = new();
    private readonly ZipArchive _zip;
    private Stream? _sheet;
    private int _rows;
    private bool _done;

    public XlsxWriter(Stream stream, string sheetName, IReadOnlyList<SheetColumn> columns)
    {
        _stream = stream;
        _sheetName = XlsxParts.SheetName(sheetName);
        _columns = columns;
        _letters = [.. Enumerable.Range(1, columns.Count).Select(XlsxParts.Letters)];
        _zip = new ZipArchive(_output, ZipArchiveMode.Create, leaveOpen: true);
    }

    public async ValueTask WriteRow(IReadOnlyList<object?> cells, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cells.Count, _columns.Count, nameof(cells));
        var sheet = _sheet ??= Start();
        if (_rows == MaxRows) throw new SheetException($"超过一张工作表的 {MaxRows:N0} 行。请缩小范围，或导出为 CSV。");
        _rows++;
        _out.Text.Append("<row r=\"").Append(_rows).Append("\">");
        for (var i = 0; i < cells.Count; i++)
            if (cells[i] is { } value)
                Append(value, _columns[i].Kind, i);
        _out.Text.Append("</row>");
        if (!_out.IsFull) return;
        sheet.Write(_out.Take().Span);
        await _output.Drain(_stream, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_done) return;
        _done = true;
        var sheet = _sheet ??= Start();
        var range = $"A1:{XlsxParts.Letters(_columns.Count)}{_rows}";
        _out.Text.Append("</sheetData><autoFilter ref=\"").Append(range).Append("\"/></worksheet>");
        sheet.Write(_out.Take().Span);
        sheet.Dispose();
        Part("xl/workbook.xml", XlsxParts.Workbook(_sheetName, _columns.Count, _rows));
        _zip.Dispose();
        await _output.Drain(_stream, CancellationToken.None);
        await _stream.FlushAsync();
    }

    private Stream Start()
    {
        Part("[Content_Types].xml", XlsxParts.ContentTypes);
        Part("_rels/.rels", XlsxParts.PackageRelations);
        Part("xl/_rels/workbook.xml.rels", XlsxParts.WorkbookRelations);
        Part("xl/styles.xml", XlsxParts.Styles);
        var sheet = _zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Optimal).Open();
        var text = _out.Text.Append(XlsxParts.SheetStart).Append("<cols>");
        for (var i = 0; i < _columns.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"<col min=\"{i + 1}\" max=\"{i + 1}\" width=\"{Math.Clamp(_columns[i].Width, 1, 255):0.##}\" customWidth=\"1\"/>");
        text.Append("</cols><sheetData><row r=\"1\">");
        _rows = 1;
        for (var i = 0; i < _columns.Count; i++) AppendText(CellValue.Text(_columns[i].Title, SheetColumnKind.Text), i, XlsxParts.HeaderStyle);
        text.Append("</row>");
        return sheet;
    }

    private void Part(string name, string xml)
    {
        using var part = _zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        part.Write(Encoding.UTF8.GetBytes(xml));
    }

    private void Append(object value, SheetColumnKind kind, int column)
    {
        if (kind is SheetColumnKind.Number or SheetColumnKind.Money && CellValue.IsNumber(value))
        {
            var digits = CellValue.Digits(value);
            // A spreadsheet keeps 15 digits; a longer number would change silently.
            if (Significant(digits) <= 15)
            {
                var style = kind is SheetColumnKind.Money ? XlsxParts.MoneyStyle : digits.Contains('.') ? XlsxParts.NumberStyle : XlsxParts.IntegerStyle;
                StartCell(column, style).Append("><v>").Append(digits).Append("</v></c>");
                return;
            }
        }
        else if (kind is SheetColumnKind.Date or SheetColumnKind.DateTime && CellValue.Moment(value) is { } moment && moment >= FirstDay)
        {
            if (kind is SheetColumnKind.Date) moment = moment.Date;
            StartCell(column, kind is SheetColumnKind.Date ? XlsxParts.DateStyle : XlsxParts.DateTimeStyle).Append("><v>")
                .Append(CultureInfo.InvariantCulture, $"{moment.ToOADate():R}").Append("</v></c>");
            return;
        }
        var shown = CellValue.Text(value, kind);
        // The quote prefix keeps a formula-like text a text when the cell is edited again.
        if (shown.Length > 0) AppendText(shown, column, Csv.CsvGuard.NeedsGuard(shown) ? XlsxParts.QuotedStyle : XlsxParts.TextStyle);
    }

    private StringBuilder StartCell(int column, int style) =>
        _out.Text.Append("<c r=\"").Append(_letters[column]).Append(_rows).Append("\" s=\"").Append(style).Append('"');

    private void AppendText(string value, int column, int style)
    {
        var text = StartCell(column, style).Append(" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
        XlsxParts.AppendEscaped(text, value);
        text.Append("</t></is></c>");
    }

    private static int Significant(string digits) => digits.Length <= 15
        ? digits.Length
        : digits.Replace(".", "", StringComparison.Ordinal).TrimStart('-', '0').TrimEnd('0').Length;
}
