using System.Buffers;
using System.Text;

namespace KuaipuCrm.Platform.Sheets.Xlsx;

/// <summary>The fixed parts of a written workbook.</summary>
internal static class XlsxParts
{
    // Indexes into cellXfs of the styles below.
    public const int HeaderStyle = 1, TextStyle = 2, QuotedStyle = 3, NumberStyle = 4, IntegerStyle = 5, MoneyStyle = 6, DateStyle = 7, DateTimeStyle = 8;

    public const string ContentTypes = Declaration +
        """
        <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/>
        <Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
        <Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
        <Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>
        """;

    public const string PackageRelations = Declaration +
        """
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
        </Relationships>
        """;

    public const string WorkbookRelations = Declaration +
        """
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
        <Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>
        </Relationships>
        """;

    public const string Styles = Declaration +
        $"""
        <styleSheet xmlns="{Main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/>
        <numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="等线"/><family val="2"/>
        </font><font><b/><sz val="11"/><name val="等线"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>
        <fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border>
        </borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="9">
        <xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
        <xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>
        <xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>
        <xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
        <xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1">
        <cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>
        """;

    public const string SheetStart = Declaration +
        $"""
        <worksheet xmlns="{Main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>
        </sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>
        """;

    private const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const int MaxSheetName = 31;

    private static readonly SearchValues<char> Special = SearchValues.Create("<>&\r_");

    /// <summary>The workbook part; Excel wants the filter's range under a hidden name too.</summary>
    public static string Workbook(string sheetName, int columns, int rows)
    {
        var name = new StringBuilder();
        AppendEscaped(name, sheetName);
        name.Replace("\"", "&quot;");
        var quoted = name.ToString().Replace("'", "''", StringComparison.Ordinal);
        return Declaration +
            $"""
            <workbook xmlns="{Main}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><bookViews>
            <workbookView activeTab="0"/></bookViews><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets><definedNames>
            <definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'{quoted}'!$A$1:${Letters(columns)}${rows}</definedName>
            </definedNames></workbook>
            """;
    }

    /// <summary>A name Excel takes: no []:*?/\, no apostrophe at an end, at most 31 UTF-16 units, not empty.</summary>
    public static string SheetName(string wanted)
    {
        var name = new string([.. CellValue.Text(wanted, SheetColumnKind.Text).Select(c => char.IsControl(c) || "[]:*?/\\".Contains(c) ? ' ' : c)]).Trim(' ', '\'');
        if (name.Length > MaxSheetName) name = name[..(char.IsHighSurrogate(name[MaxSheetName - 1]) ? MaxSheetName - 1 : MaxSheetName)].Trim(' ', '\'');
        return name.Length == 0 ? "Sheet1" : name;
    }

    /// <summary>Letters of a column, 1 is A.</summary>
    public static string Letters(int column)
    {
        var letters = "";
        for (; column > 0; column = (column - 1) / 26) letters = (char)('A' + (column - 1) % 26) + letters;
        return letters;
    }

    /// <summary>Appends a text whose forbidden characters are gone already. A CR is written Excel's way: XML would turn it into LF.</summary>
    public static void AppendEscaped(StringBuilder to, string text)
    {
        var from = 0;
        for (int at; (at = text.AsSpan(from).IndexOfAny(Special)) >= 0; from += at + 1)
        {
            to.Append(text, from, at);
            to.Append(text[from + at] switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '\r' => "_x000D_",
                _ => EscapedChars.IsEscape(text, from + at) ? "_x005F_" : "_",
            });
        }
        to.Append(text, from, text.Length - from);
    }
}
