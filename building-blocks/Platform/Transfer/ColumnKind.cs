using System.Data.Common;
using System.Globalization;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>What a column holds. SQLite keeps all of it as plain values; the servers have types of their own.</summary>
internal enum ColumnKind
{
    /// <summary>As it lies: whole numbers, texts, bytes.</summary>
    Plain,
    Flag,
    Instant,
    Day,
}

/// <summary>Turns values of an engine into plain ones, and back.</summary>
internal static class PlainValues
{
    public static ColumnKind KindOf(DbDataReader reader, int column) => reader.GetDataTypeName(column) switch
    {
        "boolean" or "bit" => ColumnKind.Flag,
        "date" => ColumnKind.Day,
        "datetime2" => ColumnKind.Instant,
        var t when t.StartsWith("timestamp", StringComparison.Ordinal) => ColumnKind.Instant,
        _ => ColumnKind.Plain,
    };

    public static object? ToPlain(object value, ColumnKind kind) => value switch
    {
        DBNull => null,
        bool b => b ? 1L : 0L,
        int or short or byte => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        // PostgreSQL can't hold it, and it means nothing to anyone.
        string s => s.Contains('\0') ? s.Replace("\0", "") : s,
        DateOnly d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime t => t.ToString(kind == ColumnKind.Day ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        _ => value,
    };

    /// <exception cref="FormatException">The value is none of the column's kind.</exception>
    public static object? FromPlain(object? plain, ColumnKind kind) => (kind, plain) switch
    {
        (_, null) => null,
        (ColumnKind.Plain, _) => plain,
        (ColumnKind.Flag, long l) => l != 0,
        (ColumnKind.Day, string s) => DateOnly.ParseExact(s, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        (ColumnKind.Instant, string s) => DateTime.ParseExact(s, "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        _ => throw new FormatException($"“{plain}”"),
    };
}
