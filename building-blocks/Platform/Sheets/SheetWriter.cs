using KuaipuCrm.Platform.Sheets.Csv;
using KuaipuCrm.Platform.Sheets.Xlsx;

namespace KuaipuCrm.Platform.Sheets;

/// <summary>Makes writers of table files. Nothing is written before the first row or the disposal.</summary>
public static class SheetWriter
{
    /// <summary>A workbook of one sheet: bold frozen header with filter, real numbers and dates, text always text.</summary>
    /// <param name="stream">Need not be seekable.</param>
    /// <param name="sheetName">Shortened and cleaned to what Excel allows.</param>
    /// <param name="columns">One at least.</param>
    public static ISheetWriter CreateXlsx(Stream stream, string sheetName, IReadOnlyList<SheetColumn> columns)
    {
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        return new XlsxWriter(stream, sheetName, columns);
    }

    /// <summary>
    /// UTF-8 with byte order mark, commas, CRLF. A text that a spreadsheet would run as a formula gets an apostrophe before it, which
    /// <see cref="SheetFile"/> takes away again.
    /// </summary>
    public static ISheetWriter CreateCsv(Stream stream, IReadOnlyList<SheetColumn> columns)
    {
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        return new CsvWriter(stream, columns);
    }
}
