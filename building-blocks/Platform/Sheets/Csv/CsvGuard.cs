namespace KuaipuCrm.Platform.Sheets.Csv;

/// <summary>
/// Keeps a text from being run as a formula when a .csv is opened in a spreadsheet (OWASP, CSV injection): an apostrophe is put
/// before a text that begins with = + - @, their full-width forms, tab, CR, LF or an apostrophe. The last makes the guard
/// reversible: one apostrophe is taken away again where, and only where, one of these follows it.
/// </summary>
internal static class CsvGuard
{
    private const string Starts = "=+-@＝＋－＠\t\r\n'";

    public static string Add(string text) => NeedsGuard(text) ? "'" + text : text;

    public static string Strip(string text) => text.Length > 1 && text[0] == '\'' && Starts.Contains(text[1]) ? text[1..] : text;

    public static bool NeedsGuard(string text) => text.Length > 0 && Starts.Contains(text[0]);
}
