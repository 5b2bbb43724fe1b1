namespace KuaipuCrm.Platform.Sheets;

/// <summary>One row that is not empty.</summary>
/// <param name="Line">1-based, as Excel shows it: empty rows count; a cell with line breaks does not add to it.</param>
/// <param name="Cells">Texts as a person sees them, from column A on; null is an empty cell. Rows may differ in length.</param>
public sealed record SheetRow(int Line, IReadOnlyList<string?> Cells)
{
    private const string ErrorStart = "[错误值 ";

    /// <summary>The text in a column (0-based); null if the cell is empty or the row ends before it.</summary>
    public string? this[int column] => column < Cells.Count ? Cells[column] : null;

    /// <summary>True for the text that stands for an Excel error such as #N/A, written <c>[错误值 #N/A]</c>.</summary>
    public static bool IsError(string? cell) => cell is not null && cell.StartsWith(ErrorStart, StringComparison.Ordinal);

    internal static string Error(string code) => $"{ErrorStart}{code}]";
}
