using System.Buffers.Binary;
using System.Text;
using KuaipuCrm.Platform.Sheets;
using Xunit;

namespace KuaipuCrm.Tests.Sheets;

/// <summary>Files made to hurt. Each is refused with a Chinese message, and without the memory growing.</summary>
[Trait("req", "SEC-6")]
public sealed class HostileFileTests : IDisposable
{
    private const string Cell = "<row><c><v>1</v></c></row>";
    private readonly SheetFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_file_over_the_size_limit_is_refused_unread()
    {
        using (var file = File.Create(_files.Path("big.xlsx")))
        {
            file.Write("PK\u0003\u0004"u8);
            file.SetLength(200L << 20);
        }
        Assert.Contains("200 MB", Cheaply(() => SheetFiles.Refusal(_files.Path("big.xlsx"))));
    }

    [Fact]
    public void A_zip_bomb_is_stopped_by_its_ratio()
    {
        var path = _files.Workbook(string.Concat(Enumerable.Repeat("<row/>", 5 << 20)));
        Assert.Contains("压缩炸弹", Cheaply(() => SheetFiles.Refusal(path)));
    }

    [Theory]
    [InlineData(1_000u)]
    [InlineData(20_000_000u)]
    public void A_zip_bomb_that_lies_about_its_size_is_stopped_too(uint size)
    {
        var path = _files.Workbook(string.Concat(Enumerable.Repeat("<row/>", 5 << 20)));
        DeclareSize(path, "xl/worksheets/sheet1.xml", size);
        Assert.Matches("压缩炸弹|损坏", Cheaply(() => SheetFiles.Refusal(path)));
    }

    [Fact]
    public void Parts_declared_too_large_together_are_refused_at_opening()
    {
        var path = _files.Workbook(Cell);
        DeclareSize(path, "xl/worksheets/sheet1.xml", 700u << 20);
        Assert.Contains("600 MB", Cheaply(() => Assert.Throws<SheetException>(() => SheetFile.Open(path, SheetLimits.Default)).Message));
    }

    [Fact]
    public void Parts_really_too_large_together_are_refused()
    {
        var path = _files.Workbook(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"<row><c><v>{i * 7919}</v></c></row>")));
        DeclareSize(path, "xl/worksheets/sheet1.xml", 2_000_000);
        Assert.Matches("超过上限 1 MB|损坏", SheetFiles.Refusal(path, new SheetLimits { MaxUnpackedBytes = 1 << 20 }));
    }

    [Fact]
    public void A_flood_of_zip_entries_is_refused()
    {
        var path = _files.Zip([.. Enumerable.Range(0, 50_000).Select(i => ($"e{i:000000}", ""))]);
        Assert.Contains("部件太多", Cheaply(() => SheetFiles.Refusal(path)));
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>")]
    public void A_document_type_is_refused(string start) =>
        Assert.Contains("损坏", SheetFiles.Refusal(_files.Workbook("<row><c t=\"inlineStr\"><is><t>x</t></is></c></row>", sheetStart: start)));

    [Fact]
    public void Endless_nodes_do_not_fill_the_memory()
    {
        var noise = Noise(8 << 20);
        string[] bodies =
        [
            $"<row r=\"{noise}\"/>", $"<row><c t=\"inlineStr\"><is><t>{noise}</t></is></c></row>", $"<row><c><f>{noise}</f></c></row>", $"<!--{noise}-->{Cell}",
            $"<n{noise}/>", $"<row><c><v>{noise}</v></c></row>", $"<?x {noise}?>{Cell}",
        ];
        foreach (var body in bodies)
        {
            var path = _files.Workbook(body);
            Assert.Matches("损坏|32,767", Cheaply(() => SheetFiles.Refusal(path)));
        }
    }

    [Fact]
    public void Deep_nesting_and_endless_names_are_refused()
    {
        var deep = _files.Workbook(string.Concat(Enumerable.Repeat("<a>", 100_000)));
        Assert.Contains("损坏", Cheaply(() => SheetFiles.Refusal(deep)));
        var names = _files.Workbook(string.Concat(Enumerable.Range(0, 300_000).Select(i => $"<n{i}/>")));
        Assert.Contains("损坏", Cheaply(() => SheetFiles.Refusal(names)));
    }

    [Fact]
    public void Limits_of_rows_columns_cells_and_strings_hold()
    {
        Assert.Contains("行数", SheetFiles.Refusal(_files.Workbook(Cell + Cell + Cell), new SheetLimits { MaxRows = 2 }));
        Assert.Contains("行数", SheetFiles.Refusal(_files.Text("a\nb\nc\n"), new SheetLimits { MaxRows = 2 }));
        Assert.Contains("第 1 行：列数", SheetFiles.Refusal(_files.Workbook("<row><c r=\"GS1\"><v>1</v></c></row>")));
        Assert.Contains("第 1 行：列数", SheetFiles.Refusal(_files.Text(new string(',', 200) + "x\n")));
        Assert.Single(SheetFiles.Read(_files.Text("x" + new string(',', 400) + "\n")));
        Assert.Contains("32,767", SheetFiles.Refusal(_files.Text("a,b\n" + new string('x', 32_768) + ",1\n")));
        Assert.Contains("太长", SheetFiles.Refusal(_files.Text("a,b\n" + new string('x', 6 << 20))));
        Assert.Contains("1 MB", SheetFiles.Refusal(_files.Workbook(Cell, string.Concat(Enumerable.Repeat("<si/>", 100_000))), new SheetLimits { MaxSharedStringBytes = 1 << 20 }));
    }

    [Theory]
    [InlineData("<row r=\"0\"><c><v>1</v></c></row>")]
    [InlineData("<row r=\"5\"><c><v>1</v></c></row><row r=\"5\"><c><v>1</v></c></row>")]
    [InlineData("<row r=\"99999999999\"><c><v>1</v></c></row>")]
    [InlineData("<row><c r=\"AAAAAAA1\"><v>1</v></c></row>")]
    [InlineData("<row><c r=\"5\"><v>1</v></c></row>")]
    [InlineData("<row><c t=\"s\"><v>7</v></c></row>")]
    [InlineData("<row><c t=\"s\"><v>-1</v></c></row>")]
    [InlineData("<row><c></row>")]
    public void Nonsense_in_a_sheet_is_damage(string rows) => Assert.Contains("损坏", SheetFiles.Refusal(_files.Workbook(rows)));

    [Fact]
    public void What_is_no_table_is_named_and_refused()
    {
        Assert.Contains(".xls", SheetFiles.Refusal(_files.Bytes(Ole("Workbook"))));
        Assert.Contains("密码", SheetFiles.Refusal(_files.Bytes(Ole("EncryptedPackage"))));
        Assert.Contains("Word", SheetFiles.Refusal(_files.Bytes(Ole("WordDocument"))));
        Assert.Contains(".xls", SheetFiles.Refusal(_files.Bytes([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1])));
        Assert.Contains("图片", SheetFiles.Refusal(_files.Bytes([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0])));
        Assert.Contains("PDF", SheetFiles.Refusal(_files.Bytes("%PDF-1.7"u8.ToArray())));
        Assert.Contains("网页", SheetFiles.Refusal(_files.Text("\uFEFF <html><table><tr><td>x</td></tr></table>")));
        Assert.Contains("空的", SheetFiles.Refusal(_files.Bytes([])));
        Assert.Contains("压缩包", SheetFiles.Refusal(_files.Zip(("a.csv", "x"))));
        Assert.Contains("OpenDocument", SheetFiles.Refusal(_files.Zip(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"))));
        Assert.Contains("Word", SheetFiles.Refusal(Package("word/document.xml", "<w:document xmlns:w=\"w\"/>")));
        Assert.Contains("xlsb", SheetFiles.Refusal(Package("xl/workbook.bin", "")));

        string Package(string main, string content) => _files.Zip(("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", $"<Relationships><Relationship Id=\"r\" Type=\"x/officeDocument\" Target=\"{main}\"/></Relationships>"), (main, content));
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        var random = new Random(1);
        for (var i = 0; i < 50; i++)
        {
            var bytes = new byte[200 + i * 50];
            random.NextBytes(bytes);
            Assert.NotEmpty(SheetFiles.Refusal(_files.Bytes(bytes)));
        }
    }

    [Fact]
    public void A_file_spoilt_anywhere_is_read_or_refused_but_never_fails_otherwise()
    {
        var random = new Random(2);
        var good = File.ReadAllBytes(_files.Workbook(
            string.Concat(Enumerable.Range(1, 40).Select(i => $"<row r=\"{i}\"><c r=\"A{i}\" t=\"s\"><v>0</v></c><c r=\"B{i}\" s=\"1\"><v>{i * 1000.5}</v></c></row>")),
            "<si><t>字</t></si>", ["yyyy-mm-dd"]));
        for (var i = 0; i < 600; i++)
        {
            var bytes = i % 3 == 0 ? good[..random.Next(4, good.Length)] : [.. good];
            for (var n = random.Next(1, 4); i % 3 != 0 && n > 0; n--) bytes[random.Next(4, bytes.Length)] = (byte)random.Next(256);
            Assert.True(Record.Exception(() => SheetFiles.Read(_files.Bytes(bytes))) is null or SheetException, $"spoilt file {i}");
        }
    }

    /// <summary>Runs with less than 32 MB allocated by this thread.</summary>
    private static string Cheaply(Func<string> refuse)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = refuse();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
        return message;
    }

    private static string Noise(int length)
    {
        var random = new Random(3);
        return string.Create(length, random, (chars, r) => { foreach (ref var c in chars) c = (char)('a' + r.Next(26)); });
    }

    private static byte[] Ole(string stream)
    {
        var bytes = new byte[2048];
        new byte[] { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1 }.CopyTo(bytes, 0);
        bytes[30] = 9;
        bytes[48] = 1;
        Encoding.Unicode.GetBytes("Root Entry").CopyTo(bytes, 1024);
        Encoding.Unicode.GetBytes(stream).CopyTo(bytes, 1152);
        return bytes;
    }

    /// <summary>Writes another unpacked size into both headers of an entry.</summary>
    private static void DeclareSize(string path, string entry, uint size)
    {
        var bytes = File.ReadAllBytes(path);
        var name = Encoding.ASCII.GetBytes(entry);
        for (var at = 0; (at = Next(at)) >= 0; at += name.Length)
        {
            if (bytes.AsSpan(Math.Max(at - 46, 0)).StartsWith("PK\u0001\u0002"u8)) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at - 46 + 24), size);
            else if (bytes.AsSpan(Math.Max(at - 30, 0)).StartsWith("PK\u0003\u0004"u8)) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at - 30 + 22), size);
        }
        File.WriteAllBytes(path, bytes);

        int Next(int from) => bytes.AsSpan(from).IndexOf(name) is >= 0 and var found ? from + found : -1;
    }
}
