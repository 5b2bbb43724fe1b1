using KuaipuCrm.Platform.Sheets;

namespace KuaipuCrm.Platform.Import;

/// <summary>The rows that were not imported, as they were, with what is wrong in a last column: to be mended and sent again.</summary>
internal static class ErrorFile
{
    /// <summary>Heading of the added column; an import leaves it out.</summary>
    public const string Column = "错误说明";

    public static async Task Write(string path, SheetFile file, ImportRun run, CancellationToken ct)
    {
        await using var stream = File.Create(path);
        ISheetWriter? writer = null;
        IReadOnlyList<SheetColumn> columns = [];
        try
        {
            foreach (var row in file.Rows(run.State.Plan.Sheet, ct))
            {
                if (writer is null)
                {
                    columns = [.. row.Cells.Where(c => c != Column).Select(c => new SheetColumn(c ?? "", SheetColumnKind.Text)), new SheetColumn(Column, SheetColumnKind.Text, 60)];
                    writer = SheetWriter.CreateXlsx(stream, "未导入的行", columns);
                    continue;
                }
                if (!run.FaultyLines.TryGetValue(row.Line, out var faults)) continue;
                await writer.WriteRow([.. Enumerable.Range(0, columns.Count - 1).Select(i => (object?)row[i]), faults]);
            }
        }
        finally
        {
            if (writer is not null) await writer.DisposeAsync();
        }
    }
}
