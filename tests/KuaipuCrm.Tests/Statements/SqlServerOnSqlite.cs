using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tests.Statements;

/// <summary>
/// SQL Server without a server: the product believes to be on it and speaks its dialect. Every statement is written down as it would be sent,
/// then put into SQLite's words and carried out, so that what depends on its answer is asked for, too.
/// </summary>
internal sealed partial class SqlServerOnSqlite(string file, IEnumerable<string> schemas) : SqliteEngine(file, schemas)
{
    private readonly SqlServerEngine real = new("Server=nowhere;Database=none");
    private readonly ConcurrentDictionary<string, long> counters = new();

    /// <summary>What would have been sent, by all hosts of the run.</summary>
    public static ConcurrentDictionary<string, bool> Sent { get; } = new();

    /// <summary>Set once the schema stands; migrations are SQLite's own.</summary>
    public bool Speaks
    {
        get;
        set
        {
            field = value;
            since = Environment.TickCount64;
        }
    }

    private long since;

    /// <summary>What works in the background may have put a page into words before it speaks, and send it after; what the product says wrongly by itself, it says later as well.</summary>
    private bool Begun(string sql) => Environment.TickCount64 - since < 3_000 && sql.Contains(" limit @p", StringComparison.Ordinal);

    public override string Name => Speaks ? real.Name : base.Name;
    public override Sql Page(int take, long skip = 0) => Speaks ? real.Page(take, skip) : base.Page(take, skip);
    public override Sql Contains(Sql column, string text) => Speaks ? real.Contains(column, text) : base.Contains(column, text);
    public override Sql Aside(Sql column) => Speaks ? real.Aside(column) : base.Aside(column);
    public override Sql StartsWith(Sql column, string text) => Speaks ? real.StartsWith(column, text) : base.StartsWith(column, text);
    public override Sql In(Sql column, IReadOnlyCollection<long> ids) => Speaks ? real.In(column, ids) : base.In(column, ids);
    public override Sql In(Sql column, IReadOnlyCollection<string> texts) => Speaks ? real.In(column, texts) : base.In(column, texts);
    public override string NoIndex => Speaks ? real.NoIndex : base.NoIndex;
    public override string Custom(string column, string key, bool whole) => Speaks ? real.Custom(column, key, whole) : base.Custom(column, key, whole);
    public override string ByIndex(string index) => Speaks ? real.ByIndex(index) : base.ByIndex(index);

    /// <summary>From memory: SQL Server draws on a connection of its own, for which SQLite has no second writer.</summary>
    public override Task<long> Draw(DbConnection connection, DbTransaction? transaction, string name, long count, CancellationToken ct)
    {
        if (!Speaks) return base.Draw(connection, transaction, name, count, ct);
        Sent.TryAdd(SqlServerEngine.DrawText, true);
        return Task.FromResult(counters.AddOrUpdate(name, 5_000_000 + count, (_, last) => last + count));
    }

    public override Task Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct)
    {
        if (Speaks) Sent.TryAdd($"insert into {table} ({string.Join(", ", columns)}) values ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))})", true);
        return base.Insert(connection, transaction, table, columns, rows, ct);
    }

    public override Task<IReadOnlyList<long>> InsertNumbered(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct)
    {
        if (Speaks) Sent.TryAdd(SqlServerEngine.NumberedText(table, columns), true);
        return base.InsertNumbered(connection, transaction, table, columns, rows, ct);
    }

    protected override string Rename(string sql)
    {
        // The catalogue of indexes is the engine's own on each; that of SQL Server is parsed in a test of its own.
        if (!Speaks || sql.Contains("sqlite_master", StringComparison.Ordinal) || Begun(sql)) return base.Rename(sql);
        Sent.TryAdd(sql, true);
        sql = Paging().Replace(sql, "limit $2 offset $1");
        sql = Output().Replace(sql, "$2 returning $1");
        sql = Json().Replace(sql, "(select value from json_each($1))");
        sql = Hints().Replace(sql, "").Replace("json_value(", "json_extract(", StringComparison.Ordinal);
        // "top (n)" behind: the callers of it take the first row alone.
        return base.Rename(Top().Replace(sql, ""));
    }

    [GeneratedRegex(@"offset\s+(@p\d+)\s+rows\s+fetch\s+next\s+(@p\d+)\s+rows\s+only")]
    private static partial Regex Paging();

    [GeneratedRegex(@"output inserted\.(\w+) (values\s*\(.*\))", RegexOptions.Singleline)]
    private static partial Regex Output();

    [GeneratedRegex(@"\(select (?:cast\(value as bigint\)|value collate \w+) from openjson\((@p\d+)\)\)")]
    private static partial Regex Json();

    [GeneratedRegex(@"\bwith \((?:updlock|readpast|rowlock|serializable|holdlock|[, ])+\)|\bcollate \w+")]
    private static partial Regex Hints();

    [GeneratedRegex(@"\btop \((?:\d+|@p\d+)\)")]
    private static partial Regex Top();
}
