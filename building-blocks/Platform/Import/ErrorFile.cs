using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>The rows that were not imported, as they were, with what is wrong in a last column: to be mended and sent again.</summary>
internal static class ErrorFile
{
    /// <summary>Heading of the added column; an import leaves it out.</summary>
    private const string Column = "错误说明";

    /// <summary>Whether a heading is that of the added column, in any language.</summary>
    public static bool IsColumn(string? heading) => heading == Column || heading is not null && heading == Texts.English(Column);

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
                    columns = [.. row.Cells.Where(c => !IsColumn(c)).Select(c => new SheetColumn(c ?? "", SheetColumnKind.Text)), new SheetColumn(Column, SheetColumnKind.Text, 60)];
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

    /// <summary>The file in the reader's language: its heading and what is wrong with each row.</summary>
    public static async Task Retell(string path, Stream into, CancellationToken ct)
    {
        using var file = SheetFile.Open(path, ImportFiles.Limits);
        ISheetWriter? writer = null;
        try
        {
            foreach (var row in file.Rows(0, ct))
                if (writer is null) writer = SheetWriter.CreateXlsx(into, L("未导入的行"), [.. row.Cells.Select(c => IsColumn(c) ? new SheetColumn(L(Column), SheetColumnKind.Text, 60) : new SheetColumn(c ?? "", SheetColumnKind.Text))]);
                else await writer.WriteRow([.. row.Cells.Select((c, i) => (object?)(i == row.Cells.Count - 1 && c is not null ? Texts.Retell(c) : c))]);
        }
        finally
        {
            if (writer is not null) await writer.DisposeAsync();
        }
    }
}
