using System.Text;
using UtfUnknown;

namespace KuaipuCrm.Platform.Sheets.Csv;

/// <summary>Finds the encoding of a text file: its mark, else UTF-8 if all of it is valid, else GB18030 if it then reads as Chinese.</summary>
internal static class TextEncoding
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static TextEncoding() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <exception cref="SheetException">Not readable without guessing, or readable only as nonsense.</exception>
    public static Encoding Detect(string path)
    {
        using var file = File.OpenRead(path);
        var head = new byte[64 << 10];
        var sample = head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) return Checked(Utf8);
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0])) throw Unknown("UTF-32");
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) return Checked(Utf16(false));
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) return Checked(Utf16(true));
        if (sample.Contains((byte)0))
        {
            // Separators and digits of UTF-16 have a zero in one half only; zeros in both are no text.
            int even = 0, odd = 0;
            for (var i = 0; i < sample.Length; i++)
                if (sample[i] == 0)
                    _ = i % 2 == 0 ? even++ : odd++;
            if (even > 0 && odd > 0 || file.Length % 2 != 0) throw NoText();
            return Checked(Utf16(even > 0));
        }
        return Check(Utf8) is { } utf8 ? Plausible(utf8, Utf8) : Checked(Gb18030());

        Encoding Checked(Encoding encoding) => Plausible(Check(encoding) ?? throw Unknown(Guess(head)), encoding);

        TextSurvey? Check(Encoding encoding)
        {
            file.Position = 0;
            return TextSurvey.Of(file, encoding);
        }

        Encoding Plausible(TextSurvey survey, Encoding encoding)
        {
            if (survey.IsBinary) throw NoText();
            if (survey.HasBrokenChars)
                throw new SheetException("文件里已有乱码（如“锟斤拷”“�”），是以前用错编码保存造成的。请从原系统重新导出，另存为 UTF-8 或 .xlsx 再上传。");
            if (encoding.CodePage == 54936 && !survey.ReadsAsChinese) throw Unknown(Guess(head));
            return encoding;
        }
    }

    private static Encoding Gb18030() => Encoding.GetEncoding(54936, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    private static UnicodeEncoding Utf16(bool bigEndian) => new(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>Only for the message: a guess is never imported.</summary>
    private static string? Guess(byte[] sample) => CharsetDetector.DetectFromBytes(sample).Detected?.EncodingName;

    private static SheetException Unknown(string? guess) => new(
        $"文件编码无法识别{(guess is null or "utf-8" or "gb18030" or "ascii" ? "" : $"（可能是 {guess}）")}，为免导入乱码已停止。请用 Excel 或记事本打开，另存为 UTF-8 编码的 CSV 或 .xlsx 再上传。");

    private static SheetException NoText() => new("文件内容不是文本表格。请用 Excel 打开，另存为 .xlsx 或 UTF-8 编码的 CSV 再上传。");
}
