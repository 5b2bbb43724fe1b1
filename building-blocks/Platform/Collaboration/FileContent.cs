using System.Buffers.Binary;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>What a file is, told by its first bytes and not by its name; and which files are not taken at all.</summary>
internal static class FileContent
{
    /// <summary>What computers carry out or browsers run: never kept, whatever it is called.</summary>
    private static readonly HashSet<string> Refused = new(StringComparer.OrdinalIgnoreCase)
    {
        ".exe", ".dll", ".com", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta", ".lnk", ".jar", ".sh", ".apk", ".app", ".reg", ".cpl", ".html", ".htm", ".xhtml", ".svg", ".mht", ".mhtml", ".xml", ".swf",
    };

    private static Phrase NotTaken => "出于安全，不能上传程序、脚本或网页文件。可以压缩成 zip 后再上传。";

    private static readonly Dictionary<string, string> Named = new(StringComparer.OrdinalIgnoreCase)
    {
        [".pdf"] = "application/pdf",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".bmp"] = "image/bmp",
        [".docx"] = Office("wordprocessingml.document"),
        [".xlsx"] = Office("spreadsheetml.sheet"),
        [".pptx"] = Office("presentationml.presentation"),
        [".doc"] = "application/msword",
        [".xls"] = "application/vnd.ms-excel",
        [".ppt"] = "application/vnd.ms-powerpoint",
        [".zip"] = "application/zip",
    };

    /// <summary>The last part of whatever path a browser sends, without what file systems choke on: the name that is checked and kept.</summary>
    /// <exception cref="Invalid">None, or one of a file that is not taken.</exception>
    public static string NameOf(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new string([.. last.Where(c => !char.IsControl(c) && !"<>:\"|?*".Contains(c) && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format)]).Trim(' ', '.');
        if (clean.Length == 0) throw new Invalid("name", "请给出文件名。");
        var ending = Path.GetExtension(clean);
        if (clean.Length > 200) clean = (ending.Length < 20 ? clean[..(200 - ending.Length)] + ending : clean[..200]).TrimEnd(' ', '.');
        return Refused.Contains(Path.GetExtension(clean)) ? throw new Invalid("file", NotTaken) : clean;
    }

    /// <param name="name">As <see cref="NameOf"/> gives it.</param>
    /// <param name="head">The first bytes, at least 16 where the file has them.</param>
    /// <returns>The content type.</returns>
    /// <exception cref="Invalid">A file that is not taken, or whose content belies its name.</exception>
    public static string TypeOf(string name, ReadOnlySpan<byte> head)
    {
        var ending = Path.GetExtension(name);
        if (IsProgram(head)) throw new Invalid("file", NotTaken);
        var found = Sniff(head);
        if (!Named.TryGetValue(ending, out var claimed)) return found is null or "zip" or "ole" ? "application/octet-stream" : found;
        var holds = claimed == found || found == "zip" && (claimed == "application/zip" || claimed.StartsWith("application/vnd.openxml", StringComparison.Ordinal))
                    || found == "ole" && claimed is "application/msword" or "application/vnd.ms-excel" or "application/vnd.ms-powerpoint";
        // A password-protected docx, xlsx or pptx is an OLE container.
        if (found == "ole" && claimed.StartsWith("application/vnd.openxml", StringComparison.Ordinal)) holds = true;
        return holds ? claimed : throw new Invalid("file", $"文件内容与扩展名“{ending}”不符，可能已损坏或被改名。");
    }

    public static string? Preview(string contentType) => contentType switch
    {
        "application/pdf" => "pdf",
        "image/png" or "image/jpeg" or "image/gif" or "image/webp" or "image/bmp" => "image",
        _ => null,
    };

    private static string? Sniff(ReadOnlySpan<byte> b) =>
        b.StartsWith("%PDF-"u8) ? "application/pdf"
        : b.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : b.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : b.StartsWith("GIF87a"u8) || b.StartsWith("GIF89a"u8) ? "image/gif"
        : b.Length >= 12 && b.StartsWith("RIFF"u8) && b[8..12].SequenceEqual("WEBP"u8) ? "image/webp"
        : b.StartsWith("BM"u8) && b.Length >= 14 && BinaryPrimitives.ReadUInt32LittleEndian(b[6..]) == 0 ? "image/bmp"
        : b.StartsWith((ReadOnlySpan<byte>)[0x50, 0x4B, 0x03, 0x04]) || b.StartsWith((ReadOnlySpan<byte>)[0x50, 0x4B, 0x05, 0x06]) ? "zip"
        : b.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) ? "ole"
        : null;

    private static bool IsProgram(ReadOnlySpan<byte> b) => b.StartsWith("MZ"u8) || b.StartsWith((ReadOnlySpan<byte>)[0x7F, 0x45, 0x4C, 0x46]) || b.StartsWith("#!"u8);

    private static string Office(string kind) => "application/vnd.openxmlformats-officedocument." + kind;
}
