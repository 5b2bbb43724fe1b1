using System.IO.Compression;
using System.Text;
using KuaipuCrm.Platform.Sheets;
using Xunit;

namespace KuaipuCrm.Tests.Sheets;

/// <summary>Makes files to read in a folder of its own, gone with the test.</summary>
public sealed class SheetFiles : IDisposable
{
    private const string OfficeRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private readonly string _folder = Directory.CreateTempSubdirectory("sheets-").FullName;

    static SheetFiles() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public string Path(string name) => System.IO.Path.Combine(_folder, name);

    public string Bytes(byte[] content, string name = "upload.bin")
    {
        File.WriteAllBytes(Path(name), content);
        return Path(name);
    }

    public string Text(string content, string encoding = "utf-8") => Bytes(Encoding.GetEncoding(encoding).GetBytes(content), "upload.csv");

    public string Zip(params (string Name, string Content)[] parts)
    {
        using var zip = new ZipArchive(File.Create(Path("upload.xlsx")), ZipArchiveMode.Create);
        foreach (var (name, content) in parts)
        {
            using var part = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
            part.Write(Encoding.UTF8.GetBytes(content));
        }
        return Path("upload.xlsx");
    }

    /// <summary>A workbook of one sheet.</summary>
    /// <param name="rows">What stands in sheetData.</param>
    /// <param name="strings">What stands in sst.</param>
    /// <param name="formats">Format codes; style 1 has the first.</param>
    /// <param name="workbookProperties">Attributes of workbookPr.</param>
    /// <param name="sheetStart">What stands before worksheet.</param>
    public string Workbook(string rows, string strings = "", string[]? formats = null, string workbookProperties = "", string sheetStart = "")
    {
        var codes = formats ?? [];
        return Zip(
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", $"<Relationships><Relationship Id=\"r1\" Type=\"{OfficeRelations}/officeDocument\" Target=\"/xl/workbook.xml\"/></Relationships>"),
            ("xl/workbook.xml", $"<workbook xmlns:r=\"{OfficeRelations}\"><workbookPr {workbookProperties}/><sheets><sheet name=\"客户\" sheetId=\"1\" r:id=\"a\"/></sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels", "<Relationships>"
                + $"<Relationship Id=\"a\" Type=\"{OfficeRelations}/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
                + $"<Relationship Id=\"b\" Type=\"{OfficeRelations}/sharedStrings\" Target=\"sharedStrings.xml\"/>"
                + $"<Relationship Id=\"c\" Type=\"{OfficeRelations}/styles\" Target=\"styles.xml\"/></Relationships>"),
            ("xl/styles.xml", "<styleSheet><numFmts>" + string.Concat(codes.Select((f, i) => $"<numFmt numFmtId=\"{200 + i}\" formatCode=\"{f.Replace("\"", "&quot;")}\"/>"))
                + "</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
                + string.Concat(codes.Select((_, i) => $"<xf numFmtId=\"{200 + i}\"/>")) + "</cellXfs></styleSheet>"),
            ("xl/sharedStrings.xml", $"<sst>{strings}</sst>"),
            ("xl/worksheets/sheet1.xml", $"{sheetStart}<worksheet><sheetData>{rows}</sheetData></worksheet>"));
    }

    public static List<SheetRow> Read(string path, SheetLimits? limits = null)
    {
        using var file = SheetFile.Open(path, limits ?? SheetLimits.Default);
        return [.. file.Rows()];
    }

    public static string Refusal(string path, SheetLimits? limits = null) => Assert.Throws<SheetException>(() => Read(path, limits)).Message;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
