namespace KuaipuCrm.Platform.Sheets;

/// <summary>One column to write.</summary>
/// <param name="Title">Text in the first row.</param>
/// <param name="Kind">How values are written; a value that does not fit the kind is written as text.</param>
/// <param name="Width">Width in .xlsx, in characters of the default font (a Chinese character takes two).</param>
public sealed record SheetColumn(string Title, SheetColumnKind Kind = SheetColumnKind.Text, double Width = 16);
