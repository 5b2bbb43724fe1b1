namespace KuaipuCrm.Platform.Sheets;

/// <summary>A table file that cannot be taken. The message is Chinese, meant for the user, and says what to do.</summary>
public sealed class SheetException : Exception
{
    /// <param name="message">Chinese text for the user.</param>
    /// <param name="line">Line of the file the fault is in, where it is known.</param>
    /// <param name="inner">The technical cause, for the log.</param>
    public SheetException(string message, int? line = null, Exception? inner = null)
        : base(line is null ? message : $"第 {line} 行：{message}", inner) => Line = line;

    /// <summary>Line of the file, 1-based as Excel shows it; null if the whole file is meant.</summary>
    public int? Line { get; }

    internal static SheetException Damaged(Exception? inner = null) =>
        new("文件已损坏或不完整，无法读取。请用 Excel 打开后另存为 .xlsx 再上传。", inner: inner);
}
