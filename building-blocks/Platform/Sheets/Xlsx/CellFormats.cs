using System.Globalization;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>The cell formats of a workbook by their style index.</summary>
internal sealed class CellFormats
{
    private const int MaxStyles = 100_000;

    private readonly List<CellFormat> _formats = [];

    public CellFormat this[int style] => (uint)style < (uint)_formats.Count ? _formats[style] : default;

    public static CellFormats Read(XlsxPart part)
    {
        var formats = new CellFormats();
        var written = new Dictionary<int, CellFormat>();
        var ids = new List<int>();
        var inCellFormats = false;
        while (part.Read())
        {
            var xml = part.Xml;
            if (xml.LocalName == "cellXfs") inCellFormats = part.IsStart && !xml.IsEmptyElement;
            if (!part.IsStart) continue;
            if (xml.LocalName == "numFmt" && written.Count < MaxStyles && xml.GetAttribute("formatCode") is { } code)
                written[Id(xml.GetAttribute("numFmtId"))] = CellFormat.Parse(code);
            else if (inCellFormats && xml.LocalName == "xf")
                ids.Add(Id(xml.GetAttribute("numFmtId")));
            if (ids.Count > MaxStyles) throw SheetException.Damaged();
        }
        formats._formats.AddRange(ids.Select(id => written.TryGetValue(id, out var format) ? format : CellFormat.BuiltIn(id)));
        return formats;
    }

    private static int Id(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
