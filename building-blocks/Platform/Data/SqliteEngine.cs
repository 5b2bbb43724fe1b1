using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using KuaipuCrm.Sdk;
using Microsoft.Data.Sqlite;

namespace KuaipuCrm.Platform.Data;

/// <summary>The embedded database: WAL, every commit on disk (synchronous FULL), one writer at a time behind a gate of our own.</summary>
/// <remarks>Without the gate writers wait by polling, and some wait for seconds while others overtake.</remarks>
public class SqliteEngine : Engine, IDisposable
{
    private readonly string read, write;
    private readonly SqliteWriters writers;
    private readonly Regex qualified;
    private readonly SqliteReaders readers;
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<SQLitePCL.sqlite3, object> tuned = [];

    /// <param name="file">Path of the database file; made if missing.</param>
    /// <param name="schemas">Schemas whose names become table prefixes.</param>
    public SqliteEngine(string file, IEnumerable<string> schemas)
    {
        File = file;
        read = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, DefaultTimeout = 15, Pooling = true }.ToString();
        readers = new(() => new SqliteConnection(read));
        writers = new(async ct =>
        {
            var connection = new SqliteConnection(write);
            try
            {
                await connection.OpenAsync(ct);
                return (connection, (SqliteTransaction)await Begin(connection, ct));
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        });
        // A text of its own gives writers a pool of their own, with a larger page cache for the indexes of an import.
        write = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, DefaultTimeout = 16, Pooling = true }.ToString();
        qualified = new Regex($@"\b({string.Join('|', schemas)})\.(?=[a-z_])", RegexOptions.Compiled);
    }

    /// <summary>Path of the database file.</summary>
    public string File { get; }

    public override string Name => "sqlite";
    public override string Table(string table) => table.Replace('.', '_');
    protected override string Rename(string sql) => qualified.Replace(sql, "$1_");

    public override DbConnection Create(bool write = false) => new SqliteConnection(write ? this.write : read);

    public override Task<List<T>> Read<T>(string text, IReadOnlyList<object?> values, Func<DbDataReader, T> row, CancellationToken ct)
    {
        try
        {
            return Task.FromResult(readers.Read(text, values, Bind, row, ct));
        }
        catch (Exception e)
        {
            return e is OperationCanceledException o ? Task.FromCanceled<List<T>>(o.CancellationToken) : Task.FromException<List<T>>(e);
        }
    }

    /// <summary>Closes the connections that were kept for reading.</summary>
    public void Dispose()
    {
        readers.Dispose();
        GC.SuppressFinalize(this);
    }

    public override Sql Page(int take, long skip = 0) => $"limit {take} offset {skip}";
    public override Sql Contains(Sql column, string text) => $@"{column} like {"%" + Like(text) + "%"} escape '\'";
    public override Sql Aside(Sql column) => $"+{column}";
    public override Sql StartsWith(Sql column, string text) => $@"{column} like {Like(text) + "%"} escape '\'";
    public override Sql In(Sql column, IReadOnlyCollection<long> ids) => $"{column} in (select value from json_each({JsonSerializer.Serialize(ids)}))";
    public override Sql In(Sql column, IReadOnlyCollection<string> texts) => $"{column} in (select value from json_each({JsonSerializer.Serialize(texts)}))";
    public override string NoIndex => "not indexed";
    public override string ByIndex(string index) => $"indexed by {index}";

    public override string Custom(string column, string key, bool whole) => Extract(column, key);

    public override IReadOnlyList<string> CreateCustomIndex(string name, string table, string key, bool whole, string then) =>
        [$"create index if not exists {name} on {Table(table)} ({Extract("extra", key)}, {then}) where deleted_at is null"];

    public override IReadOnlyList<string> DropCustomIndex(string name, string table) => [$"drop index if exists {name}"];

    public override string CustomIndexes => "select name, tbl_name as on_table from sqlite_master where type = 'index' and substr(name, 1, 5) = 'ix_x_'";

    private static string Extract(string column, string key) => $"json_extract({column}, '$.{key}')";

    public override Task<IDisposable?> EnterWrite(CancellationToken ct) => writers.Enter(ct);

    public override Task<Writing> Write(bool brief, CancellationToken ct) => writers.Begin(brief, ct);

    public override async Task<DbTransaction> Begin(DbConnection connection, CancellationToken ct)
    {
        // Kept by the connection underneath, which comes back out of the pool again and again.
        if (!tuned.TryGetValue(((SqliteConnection)connection).Handle!, out _))
        {
            using var pragma = connection.CreateCommand();
            pragma.CommandText = "pragma synchronous=full; pragma cache_size=-98304; pragma temp_store=memory; pragma wal_autocheckpoint=16000;";
            await pragma.ExecuteNonQueryAsync(ct);
            tuned.AddOrUpdate(((SqliteConnection)connection).Handle!, this);
        }

        return ((SqliteConnection)connection).BeginTransaction(deferred: false);
    }

    public override Task<DbTransaction> Snapshot(DbConnection connection, CancellationToken ct) => Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    public override async Task<long> Draw(DbConnection connection, DbTransaction? transaction, string name, long count, CancellationToken ct)
    {
        using var c = connection.CreateCommand();
        c.Transaction = transaction;
        c.CommandText = "insert into platform_counter (name, next) values (@n, @c) on conflict (name) do update set next = platform_counter.next + @c returning next";
        c.Parameters.Add(new SqliteParameter("@n", name));
        c.Parameters.Add(new SqliteParameter("@c", count));
        return (long)(await c.ExecuteScalarAsync(ct))!;
    }

    public override Task Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct)
    {
        SqliteBulk.Insert((SqliteConnection)connection, InsertText(table, columns), rows, this, ct);
        return Task.CompletedTask;
    }

    public override async Task<IReadOnlyList<long>> InsertNumbered(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct)
    {
        await Insert(connection, transaction, table, columns, rows, ct);
        // Nobody else writes meanwhile: they follow each other.
        var last = SQLitePCL.raw.sqlite3_last_insert_rowid(((SqliteConnection)connection).Handle);
        return [.. Enumerable.Range(1, rows.Count).Select(i => last - rows.Count + i)];
    }

    public override Task InsertNumbers(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, long first, (long, long)[] rest, CancellationToken ct)
    {
        SqliteBulk.Insert((SqliteConnection)connection, InsertText(table, columns), first, rest, ct);
        return Task.CompletedTask;
    }

    private string InsertText(string table, IReadOnlyList<string> columns) => $"insert into {Table(table)} ({string.Join(", ", columns)}) values ({string.Join(", ", columns.Select(_ => "?"))})";

    public override object? ToDb(object? value) => value switch
    {
        DateTime t => t.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        DateOnly d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        bool b => b ? 1L : 0L,
        int i => (long)i,
        Enum e => e.ToString(),
        _ => value,
    };

    public override bool IsTransient(Exception e) => e is SqliteException { SqliteErrorCode: 5 or 6 };

    // "UNIQUE constraint failed: platform_account.login" or "index 'ux_…'": the columns tell the index.
    public override string? UniqueIndexOf(Exception e) =>
        e is SqliteException { SqliteExtendedErrorCode: 2067 or 1555 } s && s.Message.Split("failed: ") is [_, var what] ? what.Trim('\'', '.', ' ') : null;

    public override string? Trouble(Exception e) => e is SqliteException s
        ? s.SqliteErrorCode switch
        {
            5 or 6 => "数据库正被其他程序占用，请稍后再试；您的输入没有丢失。",
            8 => "数据库文件为只读，无法保存。请管理员检查数据库文件的写入权限。",
            10 => "读写磁盘出错，本次操作未生效。请管理员检查磁盘。",
            11 or 26 => "数据库文件已损坏，请管理员用备份恢复。",
            13 => "磁盘空间不足，本次操作未生效。请管理员清理磁盘后再试。",
            14 => "无法打开数据库文件。请管理员检查文件是否存在及其权限。",
            _ => null,
        }
        : null;
}
