using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using KuaipuCrm.Platform.Sheets;
using Xunit;

namespace KuaipuCrm.Tests.Sheets;

[Trait("req", "DOC-4")]
public sealed class RoundTripTests : IDisposable
{
    private static readonly string[] Texts =
    [
        "=1+1", "=HYPERLINK(\"http://x\",\"y\")", "+86 138 0013 8000", "-5", "@SUM(A1)", "\t=1", "\r\n=1", "'", "''", "'=1", "'abc", "＝1", " =1 ",
        "a,b;c\td", "引\"号\"", "第一行\n第二行\r\n第三行\r", "<b>&amp;</b>", "_x000D_", "_x005F_x000D_", "__x0041_", "00123", "1.5E+11", "是", "#N/A", "𠮷😀", "　全角　",
        "sep=;", "2024-01-01", "]]>", "\"",
    ];

    private readonly SheetFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("req", "SEC-6")]
    public async Task Any_text_comes_back_as_it_was(bool xlsx)
    {
        var rows = await WriteAndRead(xlsx, [new("文本"), new("=标题")], [.. Texts.Select(t => new object?[] { t, "x" })]);
        Assert.Equal(["文本", "=标题"], rows[0].Cells);
        Assert.Equal(Texts, rows.Skip(1).Select(r => r[0]));
        Assert.Equal(Enumerable.Range(1, Texts.Length + 1), rows.Select(r => r.Line));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Values_come_back_in_their_kinds(bool xlsx)
    {
        SheetColumn[] columns =
        [
            new("文本"), new("数", SheetColumnKind.Number), new("钱", SheetColumnKind.Money), new("日", SheetColumnKind.Date), new("时", SheetColumnKind.DateTime), new("空"), new("末"),
        ];
        var moment = new DateTime(2024, 2, 29, 23, 59, 59);
        var rows = await WriteAndRead(xlsx, columns,
        [
            [13800138000L, 1.5e11, 1234.50m, moment, new DateTimeOffset(moment, TimeSpan.FromHours(8)), null, true],
            [-1, 110101199003078888L, 99999999999999.99m, new DateOnly(1899, 1, 2), new DateTime(1900, 1, 1), "", "末"],
            [double.NaN, 0.1f, "面议", "待定", new DateOnly(2024, 1, 1), null, "末"],
            [],
            [null, -0.5, 0m, null, null, null, "末"],
        ]);
        Assert.Equal(["13800138000", "150000000000", "1234.5", "2024-02-29", "2024-02-29 23:59:59", null, "是"], Normal(rows[1]));
        Assert.Equal(["-1", "110101199003078888", "99999999999999.99", "1899-01-02", "1900-01-01 00:00:00", null, "末"], rows[2].Cells);
        Assert.Equal(["NaN", "0.1", "面议", "待定", "2024-01-01 00:00:00", null, "末"], rows[3].Cells);
        Assert.Equal([null, "-0.5", "0", null, null, null, "末"], rows[4].Cells);
        Assert.Equal(6, rows[4].Line);

        // A text file keeps the zeros of a decimal; a workbook's number has none.
        static IEnumerable<string?> Normal(SheetRow row) => row.Cells.Select(c => c == "1234.50" ? "1234.5" : c);
    }

    [Fact]
    [Trait("req", "SEC-6")]
    public async Task A_formula_text_is_a_quoted_text_in_the_workbook_and_guarded_in_the_text_file()
    {
        await Write(true, _files.Path("a.xlsx"), [new("备注")], [["=cmd|' /C calc'!A0"], ["正常"]]);
        using (var zip = ZipFile.OpenRead(_files.Path("a.xlsx")))
        {
            var sheet = Part(zip, "xl/worksheets/sheet1.xml");
            Assert.DoesNotContain("<f>", sheet);
            Assert.Contains("<c r=\"A2\" s=\"3\" t=\"inlineStr\"><is><t xml:space=\"preserve\">=cmd", sheet);
            Assert.Contains("state=\"frozen\"", sheet);
            Assert.Contains("<autoFilter ref=\"A1:A3\"/>", sheet);
            Assert.Equal("1", XDocument.Parse(Part(zip, "xl/styles.xml")).Descendants().Where(x => x.Name.LocalName == "cellXfs").Elements().ElementAt(3).Attribute("quotePrefix")?.Value);
        }
        await Write(false, _files.Path("a.csv"), [new("备注")], [["=cmd|' /C calc'!A0"], ["\t@x"], [-5]]);
        var text = await File.ReadAllBytesAsync(_files.Path("a.csv"), TestContext.Current.CancellationToken);
        Assert.Equal("\uFEFF备注\r\n'=cmd|' /C calc'!A0\r\n\"'\t@x\"\r\n-5\r\n", Encoding.UTF8.GetString(text));

        static string Part(ZipArchive zip, string name)
        {
            using var reader = new StreamReader(zip.GetEntry(name)!.Open());
            return reader.ReadToEnd();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_file_cannot_hold_is_left_out_or_cut(bool xlsx)
    {
        var rows = await WriteAndRead(xlsx, [new("文本")], [["a\0b\u0001\uFFFE\uD800c"], [new string('长', 32_766) + "😀尾"]]);
        Assert.Equal("abc", rows[1][0]);
        Assert.Equal(new string('长', 32_766) + "…", rows[2][0]);
    }

    [Theory]
    [InlineData("[客户]:*?/\\'", "客户")]
    [InlineData("", "Sheet1")]
    [InlineData("A & B <\"它's\">", "A & B <\"它's\">")]
    [InlineData("一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五", "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一")]
    public async Task A_sheet_name_is_made_one_excel_takes(string wanted, string name)
    {
        var file = File.Create(_files.Path("a.xlsx"));
        await using (file) await using (SheetWriter.CreateXlsx(file, wanted, [new("列")])) { }
        using var sheets = SheetFile.Open(_files.Path("a.xlsx"), SheetLimits.Default);
        Assert.Equal(name, Assert.Single(sheets.Sheets));
        Assert.Equal(["列"], Assert.Single(sheets.Rows(0, TestContext.Current.CancellationToken)).Cells);
    }

    [Fact]
    public async Task More_values_than_columns_are_a_mistake_of_the_caller()
    {
        await using var writer = SheetWriter.CreateCsv(Stream.Null, [new("列")]);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await writer.WriteRow([1, 2], TestContext.Current.CancellationToken));
    }

    private async Task<List<SheetRow>> WriteAndRead(bool xlsx, SheetColumn[] columns, object?[][] rows)
    {
        await Write(xlsx, _files.Path("round"), columns, rows);
        return SheetFiles.Read(_files.Path("round"));
    }

    private static async Task Write(bool xlsx, string path, SheetColumn[] columns, object?[][] rows)
    {
        await using var file = new AsyncOnlyStream(File.Create(path));
        await using var writer = xlsx ? SheetWriter.CreateXlsx(file, "表", columns) : SheetWriter.CreateCsv(file, columns);
        foreach (var row in rows) await writer.WriteRow(row);
    }
}
