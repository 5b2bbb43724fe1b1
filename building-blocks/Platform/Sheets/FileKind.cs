using System.Buffers.Binary;
using System.Text;

namespace KuaipuCrm.Platform.Sheets;

/// <summary>Tells by the first bytes what a file is, and refuses what is known to be no table.</summary>
internal static class FileKind
{
    private static readonly (byte[] Magic, string Name)[] Others =
    [
        ([0x89, .. "PNG"u8], "图片"), ([0xFF, 0xD8, 0xFF], "图片"), ("GIF8"u8.ToArray(), "图片"), ("%PDF"u8.ToArray(), "PDF 文件"),
        ("Rar!"u8.ToArray(), "压缩包"), ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "压缩包"), ([0x1F, 0x8B, 0x08], "压缩包"), ("{\\rtf"u8.ToArray(), "RTF 文档"),
        ([0x7F, .. "ELF"u8], "程序文件"), ("SQLite format 3"u8.ToArray(), "数据库文件"),
    ];

    // Many Chinese web systems hand out an HTML table named .xls.
    private static readonly string[] Markup = ["<html", "<table", "<!doctype", "<?xml", "<meta", "<head", "<body"];

    /// <summary>True for a zip package, false for what may be text.</summary>
    /// <exception cref="SheetException">A known format that is no table we read.</exception>
    public static bool IsZip(string path)
    {
        Span<byte> head = stackalloc byte[512];
        using var file = File.OpenRead(path);
        head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8)) return true;
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1])) throw Ole(file, head);
        foreach (var (magic, name) in Others)
            if (head.StartsWith(magic))
                throw new SheetException($"这是{name}，不是表格。请上传 .xlsx 或 .csv 文件。");
        var text = Encoding.Latin1.GetString(head.StartsWith("\uFEFF"u8) ? head[3..] : head).TrimStart();
        if (Markup.Any(m => text.StartsWith(m, StringComparison.OrdinalIgnoreCase)))
            throw new SheetException("这是网页或 XML 格式的表格。请用 Excel 打开后另存为 .xlsx 再上传。");
        return false;
    }

    /// <summary>Old .xls, .doc and encrypted .xlsx share one container; its directory tells them apart.</summary>
    private static SheetException Ole(FileStream file, ReadOnlySpan<byte> head)
    {
        if (head.Length >= 512)
        {
            var shift = Math.Clamp((int)BinaryPrimitives.ReadUInt16LittleEndian(head[30..]), 9, 12);
            var directory = (1L + BinaryPrimitives.ReadUInt32LittleEndian(head[48..])) << shift;
            Span<byte> entries = stackalloc byte[4096];
            file.Position = Math.Min(directory, file.Length);
            var names = Encoding.Unicode.GetString(entries[..file.ReadAtLeast(entries, entries.Length, throwOnEndOfStream: false)]);
            if (names.Contains("Encrypt", StringComparison.Ordinal))
                return new SheetException("工作簿设了打开密码。请在 Excel 中去掉密码，另存为 .xlsx 再上传。");
            if (names.Contains("WordDocument", StringComparison.Ordinal))
                return new SheetException("这是 Word 文档，不是表格。请上传 .xlsx 或 .csv 文件。");
        }
        return new SheetException("这是旧版 Excel 格式（.xls）。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。");
    }
}
