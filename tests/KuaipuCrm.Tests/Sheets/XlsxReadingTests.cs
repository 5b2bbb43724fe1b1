using KuaipuCrm.Platform.Sheets;
using Xunit;

namespace KuaipuCrm.Tests.Sheets;

[Trait("req", "DOC-4")]
public sealed class XlsxReadingTests : IDisposable
{
    private readonly SheetFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Texts_are_joined_from_their_runs_without_phonetic_ones()
    {
        var rows = SheetFiles.Read(_files.Workbook(
            "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"inlineStr\"><is><t>直接</t></is></c><c t=\"str\"><f>A1&amp;\"x\"</f><v>算得</v></c></row>",
            "<si><t>上海</t></si><si><r><rPr><b/></rPr><t>红</t></r><r><t xml:space=\"preserve\"> 蓝</t></r><rPh sb=\"0\" eb=\"1\"><t>hong</t></rPh><phoneticPr/></si>"));
        Assert.Equal(["上海", "红 蓝", "直接", "算得"], Assert.Single(rows).Cells);
    }

    [Fact]
    public void Escaped_characters_are_read_as_what_they_stand_for()
    {
        var rows = SheetFiles.Read(_files.Workbook("<row><c t=\"inlineStr\"><is><t>a_x000D_\nb_x005F_x000D_</t></is></c></row>"));
        Assert.Equal("a\r\nb_x000D_", rows[0][0]);
    }

    [Theory]
    [InlineData("13800138000", "13800138000")]
    [InlineData("110101199003078888", "110101199003078888")]
    [InlineData("1.5E+11", "150000000000")]
    [InlineData("4.4030119900307E+17", "440301199003070000")]
    [InlineData("1E-3", "0.001")]
    [InlineData("0.30000000000000004", "0.3")]
    [InlineData("3.1400000000000001", "3.14")]
    [InlineData("-12.50", "-12.5")]
    [InlineData("-0.0", "0")]
    [InlineData("1E+30", "1000000000000000019884624838656")]
    public void Numbers_are_written_whole_without_exponent(string stored, string shown) =>
        Assert.Equal(shown, SheetFiles.Read(_files.Workbook($"<row><c><v>{stored}</v></c></row>"))[0][0]);

    [Theory]
    [InlineData("yyyy\"年\"m\"月\"d\"日\"", "45292", "2024-01-01")]
    [InlineData("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "45292.75", "2024-01-01")]
    [InlineData("yyyy/m/d h:mm", "45292.75", "2024-01-01 18:00:00")]
    [InlineData("yyyy/m/d h:mm:ss", "45292.999999", "2024-01-02 00:00:00")]
    [InlineData("h:mm", "0.5", "12:00:00")]
    [InlineData("[h]:mm", "1.5", "36:00:00")]
    [InlineData("yyyy-mm-dd", "59", "1900-02-28")]
    [InlineData("yyyy-mm-dd", "61", "1900-03-01")]
    [InlineData("yyyy-mm-dd", "-5", "-5")]
    [InlineData("yyyy-mm-dd", "99999999", "99999999")]
    [InlineData("0.00%", "0.153", "15.3%")]
    [InlineData("000000", "12345", "012345")]
    [InlineData("0.00\"days\"", "12", "12")]
    [InlineData("[Red]#,##0.00_);\\(d\\)", "12", "12")]
    [InlineData("G/通用格式", "12", "12")]
    public void A_number_is_shown_by_its_format(string format, string stored, string shown) =>
        Assert.Equal(shown, SheetFiles.Read(_files.Workbook($"<row><c s=\"1\"><v>{stored}</v></c></row>", formats: [format]))[0][0]);

    [Theory]
    [InlineData("date1904=\"1\"", "2024-01-01")]
    [InlineData("", "2019-12-31")]
    public void Both_day_zeros_are_known(string properties, string shown) => Assert.Equal(shown,
        SheetFiles.Read(_files.Workbook("<row><c s=\"1\"><v>43830</v></c></row>", formats: ["yyyy-mm-dd"], workbookProperties: properties))[0][0]);

    [Fact]
    public void Booleans_errors_and_iso_dates_have_a_text()
    {
        var row = SheetFiles.Read(_files.Workbook("<row><c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c><c t=\"d\"><v>2024-05-06T07:08:09</v></c><c><f>1+1</f></c></row>"))[0];
        Assert.Equal(["是", "否", "[错误值 #N/A]", "2024-05-06 07:08:09", "[错误值 公式没有计算结果]"], row.Cells);
        Assert.True(SheetRow.IsError(row[2]));
        Assert.False(SheetRow.IsError(row[0]));
        Assert.Null(row[99]);
    }

    [Fact]
    public void Gaps_keep_columns_and_lines_right()
    {
        var rows = SheetFiles.Read(_files.Workbook(
            "<row r=\"2\"><c r=\"C2\"><v>1</v></c><c><v>2</v></c><c r=\"ZZ2\" s=\"0\"/></row>"
            + "<row r=\"3\"/><row r=\"4\"><c r=\"A4\"><v></v></c><c r=\"B4\" t=\"inlineStr\"><is><t xml:space=\"preserve\">　 </t></is></c></row>"
            + "<row><c><v>5</v></c></row><row r=\"1000\"><c r=\"B1000\"><v>6</v></c></row>"));
        Assert.Equal([2, 5, 1000], rows.Select(r => r.Line));
        Assert.Equal([null, null, "1", "2"], rows[0].Cells);
        Assert.Equal([null, "6"], rows[2].Cells);
    }

    [Fact]
    public void Only_visible_sheets_with_rows_are_listed_in_order()
    {
        const string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        static string Sheet(int n) => $"<worksheet><sheetData><row><c><v>{n}</v></c></row></sheetData></worksheet>";
        var path = _files.Zip(
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", $"<Relationships><Relationship Id=\"r\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
            ("xl/workbook.xml", $"<x:workbook xmlns:x=\"m\" xmlns:r=\"{office}\"><x:sheets><x:sheet name=\"字典\" state=\"veryHidden\" r:id=\"a\"/><x:sheet name=\"图\" r:id=\"c\"/><x:sheet name=\"二\" r:id=\"b\"/><x:sheet name=\"一\" r:id=\"d\"/></x:sheets></x:workbook>"),
            ("xl/_rels/workbook.xml.rels", $"<Relationships><Relationship Id=\"a\" Type=\"{office}/worksheet\" Target=\"s1.xml\"/><Relationship Id=\"b\" Type=\"{office}/worksheet\" Target=\"../xl/S2.xml\"/><Relationship Id=\"c\" Type=\"{office}/chartsheet\" Target=\"s1.xml\"/><Relationship Id=\"d\" Type=\"{office}/worksheet\" Target=\"s1.xml\"/></Relationships>"),
            ("xl/s1.xml", Sheet(1)), ("xl/s2.xml", Sheet(2)));
        using var file = SheetFile.Open(path, SheetLimits.Default);
        Assert.Equal(["二", "一"], file.Sheets);
        Assert.Equal("2", file.Rows(0, TestContext.Current.CancellationToken).Single()[0]);
        Assert.Equal("1", file.Rows(1, TestContext.Current.CancellationToken).Single()[0]);
        Assert.Equal("2", file.Rows(0, TestContext.Current.CancellationToken).Single()[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Rows(2, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Reading_stops_when_cancelled()
    {
        using var file = SheetFile.Open(_files.Workbook("<row><c><v>1</v></c></row>"), SheetLimits.Default);
        Assert.Throws<OperationCanceledException>(() => file.Rows(0, new CancellationToken(canceled: true)).Count());
    }
}
