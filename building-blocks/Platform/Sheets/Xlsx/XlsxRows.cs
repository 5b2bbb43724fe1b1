using System.Globalization;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>Reads the rows of one sheet part, forwards.</summary>
internal sealed class XlsxRows(XlsxPart part, CellFormats formats, SharedStrings strings, bool from1904, SheetLimits limits)
{
    private readonly List<string?> _cells = [];
    private int _line;
    private int _rows;
    private bool _inside;

    /// <summary>The next row that is not empty; null at the end of the sheet's data (what follows it is not read).</summary>
    public SheetRow? Next()
    {
        while (part.Read())
        {
            if (part.Xml.LocalName == "sheetData")
            {
                if (part.IsEnd || part.Xml.IsEmptyElement) return null;
                _inside = true;
            }
            if (!_inside || !part.IsStart || part.Xml.LocalName != "row") continue;
            if (!ReadRow()) continue;
            if (++_rows > limits.MaxRows) throw new SheetException($"行数超过上限 {limits.MaxRows:N0}。请拆成几个文件再上传。");
            return new SheetRow(_line, _cells.ToArray());
        }
        return null;
    }

    /// <summary>Fills the cells; false if the row shows nothing.</summary>
    private bool ReadRow()
    {
        var xml = part.Xml;
        // Rows without a number follow each other; a number that goes back would give two rows one line.
        var line = xml.GetAttribute("r") is { } r ? Number(r) : _line + 1;
        if (line <= _line) throw SheetException.Damaged();
        _line = line;
        _cells.Clear();
        if (xml.IsEmptyElement) return false;
        var depth = xml.Depth;
        var next = 0;
        var shows = false;
        while (part.Read() && xml.Depth > depth)
        {
            if (!part.IsStart || xml.LocalName != "c") continue;
            var column = next;
            var style = 0;
            var type = "n";
            while (xml.MoveToNextAttribute())
            {
                if (xml.LocalName == "r") column = Column(xml.Value);
                else if (xml.LocalName == "s") style = Number(xml.Value);
                else if (xml.LocalName == "t") type = xml.Value;
            }
            xml.MoveToElement();
            next = column + 1;
            if (xml.IsEmptyElement || ReadCell(type, style) is not { Length: > 0 } text) continue;
            if (column >= limits.MaxColumns)
                throw new SheetException($"列数超过上限 {limits.MaxColumns}。请删去右边多余的列再上传。", _line);
            while (_cells.Count <= column) _cells.Add(null);
            _cells[column] = text;
            shows |= !string.IsNullOrWhiteSpace(text);
        }
        return shows;
    }

    private string? ReadCell(string type, int style)
    {
        var xml = part.Xml;
        var depth = xml.Depth;
        string? text = null;
        bool formula = false, valued = false;
        while (part.Read() && xml.Depth > depth)
        {
            if (!part.IsStart) continue;
            if (xml.LocalName == "f") formula = true;
            else if (xml.LocalName == "is" && type == "inlineStr") text = part.RichText();
            else if (xml.LocalName == "v")
            {
                valued = true;
                text = Value(part.Text(), type, style);
            }
        }
        // Programs that write formulas without working them out leave no value; an empty cell would be a silent loss.
        return formula && !valued ? SheetRow.Error("公式没有计算结果") : text;
    }

    private string? Value(ReadOnlySpan<char> raw, string type, int style) => type switch
    {
        "s" => strings[Number(raw)],
        "str" or "inlineStr" => EscapedChars.Decode(raw.ToString()),
        "b" => raw.Trim() is "1" or "true" ? "是" : "否",
        "e" => SheetRow.Error(raw.ToString()),
        "d" => IsoDate(raw),
        _ => raw.IsWhiteSpace() ? null : CellNumber.Text(raw, formats[style], from1904),
    };

    /// <summary>A date as strict workbooks store it.</summary>
    private static string IsoDate(ReadOnlySpan<char> raw) =>
        DateTime.TryParse(raw, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var date)
            ? date.ToString(date.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : raw.ToString();

    /// <summary>0-based column of a reference such as C5.</summary>
    private static int Column(string reference)
    {
        var column = 0;
        foreach (var c in reference)
        {
            if (c is < 'A' or > 'Z') break;
            column = column * 26 + c - 'A' + 1;
            if (column > 16_384) break;
        }
        return column is > 0 and <= 16_384 ? column - 1 : throw SheetException.Damaged();
    }

    private static int Number(ReadOnlySpan<char> text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw SheetException.Damaged();
}
