using System.IO.Compression;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Attacks;

/// <summary>Files made to hurt are refused in Chinese at the door, and the host lives.</summary>
public class Uploads
{
    private const string Files = "/api/customers/customers/import/files";

    [Fact, Trait("req", "SEC-6")]
    public async Task Files_too_large_bombs_and_other_formats_are_refused_and_the_next_good_one_is_taken()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        (await Send(crm, new byte[60 << 20])).Refused(400);
        Refused(await Send(crm, Bomb()), crm);
        (await Send(crm, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[2000]])).Refused(400);
        (await Send(crm, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. new byte[2000]])).Refused(400);
        (await Send(crm, [])).Refused(400);
        (await Send(crm, "客户名称\r\n好文件有限公司"u8.ToArray())).Ok();
        (await crm.Admin.Get("/health")).Ok();
    }

    [Fact, Trait("req", "SEC-6"), Trait("req", "API-3")]
    public async Task What_may_not_be_uploaded_is_not_kept_aside_to_be_repeated()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var li = await crm.Hire(Employee.Sales);
        using var endless = new Endless();
        (await li.Send(HttpMethod.Post, "/api/customers/customers/1/attachments?name=x", endless, ("Idempotency-Key", Crm.Name("k")))).Refused(404);
        Assert.InRange(endless.Sent, 0, 4 << 20);
        // Within limits a key is worth what it was.
        var (customer, key) = (await li.Customer(Crm.Name("附件")), Crm.Name("k"));
        var first = (await li.Send(HttpMethod.Post, $"/api/customers/customers/{customer}/attachments?name=x.txt", new ByteArrayContent("甲"u8.ToArray()), ("Idempotency-Key", key))).Ok().Text;
        Assert.Equal(first, (await li.Send(HttpMethod.Post, $"/api/customers/customers/{customer}/attachments?name=x.txt", new ByteArrayContent("甲"u8.ToArray()), ("Idempotency-Key", key))).Ok().Text);
    }

    /// <summary>A body as long as it is read, up to a gigabyte.</summary>
    private sealed class Endless : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            var piece = new byte[64 << 10];
            for (; Sent < 1 << 30; Sent += piece.Length) await stream.WriteAsync(piece);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private static Task<Answer> Send(Crm crm, byte[] content) => crm.Admin.Send(HttpMethod.Post, Files + "?name=x.xlsx", new ByteArrayContent(content));

    /// <summary>At the latest when it is looked into.</summary>
    private static void Refused(Answer answer, Crm crm)
    {
        if ((int)answer.Status == 200) answer = crm.Admin.Get($"{Files}/{answer.Json.GetProperty("file").GetString()}").GetAwaiter().GetResult();
        answer.Refused(400);
    }

    /// <summary>Half a megabyte that unpacks to four hundred.</summary>
    private static byte[] Bomb()
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Part(zip, "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>");
            Part(zip, "xl/workbook.xml", "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>");
            Part(zip, "xl/_rels/workbook.xml.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>");
            using var sheet = zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Optimal).Open();
            var blanks = new byte[1 << 20];
            Array.Fill(blanks, (byte)' ');
            for (var i = 0; i < 400; i++) sheet.Write(blanks);
        }
        return memory.ToArray();
    }

    private static void Part(ZipArchive zip, string name, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        writer.Write(text);
    }
}
