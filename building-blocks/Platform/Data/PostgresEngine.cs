using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using KuaipuCrm.Sdk;
using Npgsql;

namespace KuaipuCrm.Platform.Data;

/// <summary>PostgreSQL 14 or newer.</summary>
public sealed class PostgresEngine(string connectionString) : Engine, IDisposable
{
    private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);

    public override string Name => "postgres";
    /// <summary>Half of the pool for writers: inside a unit a second connection is sometimes needed, and must be there.</summary>
    private readonly SemaphoreSlim writers = new(Math.Max(1, new NpgsqlConnectionStringBuilder(connectionString).MaxPoolSize / 2));

    public override string? ConnectionString => connectionString;
    public override DbConnection Create(bool write = false) => source.CreateConnection();
    /// <summary>The host ends: the server has its connections back at once.</summary>
    public void Dispose() => source.Dispose();

    public override Sql Page(int take, long skip = 0) => $"limit {take} offset {skip}";
    public override Sql Contains(Sql column, string text) => $@"{column} ilike {"%" + Like(text) + "%"} escape '\'";
    public override Sql StartsWith(Sql column, string text) => $@"{column} like {Like(text) + "%"} escape '\'";
    public override Sql In(Sql column, IReadOnlyCollection<long> ids) => $"{column} = any({ids.ToArray()})";
    public override Sql In(Sql column, IReadOnlyCollection<string> texts) => $"{column} = any({texts.ToArray()})";
    protected override string Rename(string sql) => NullsOrder.Say(sql);
    public override (string Behind, string End) Hold(string alias) => ("", $"for update of {alias}");
    public override IEnumerable<string> CreateSchema(string schema) => [$"create schema if not exists {schema}"];

    public override string Custom(string column, string key, bool whole) => whole ? $"(({column})::jsonb ->> '{key}')::bigint" : $"((({column})::jsonb ->> '{key}') collate \"C\")";

    public override IReadOnlyList<string> CreateCustomIndex(string name, string table, string key, bool whole, string then) =>
    [
        // Without holding writers up; what an interrupted build leaves is not usable and goes first.
        $"drop index concurrently if exists {table.Split('.')[0]}.{name}",
        $"create index concurrently {name} on {table} (({Custom("extra", key, whole)}) nulls first, {string.Join(", ", then.Split(", ").Select(c => c + (c.EndsWith(" desc", StringComparison.Ordinal) ? " nulls last" : " nulls first")))}) where deleted_at is null",
        $"analyze {table};",
    ];

    public override IReadOnlyList<string> DropCustomIndex(string name, string table) => [$"drop index concurrently if exists {table.Split('.')[0]}.{name}"];

    public override string CustomIndexes => """
        select c.relname as name, n.nspname || '.' || t.relname as on_table from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
        where c.relname like 'ix\_x\_%' and i.indisvalid
        """;

    public override Task<IDisposable?> EnterWrite(CancellationToken ct) => Slot.Take(writers, ct);

    public override async Task<DbTransaction> Begin(DbConnection connection, CancellationToken ct) => await connection.BeginTransactionAsync(ct);

    public override async Task<DbTransaction> Snapshot(DbConnection connection, CancellationToken ct) => await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);

    public override async Task<long> Draw(DbConnection connection, DbTransaction? transaction, string name, long count, CancellationToken ct)
    {
        await using var c = new NpgsqlCommand("insert into platform.counter (name, next) values ($1, $2) on conflict (name) do update set next = platform.counter.next + $2 returning next", (NpgsqlConnection)connection, (NpgsqlTransaction?)transaction);
        c.Parameters.Add(new() { Value = name });
        c.Parameters.Add(new() { Value = count });
        return (long)(await c.ExecuteScalarAsync(ct))!;
    }

    public override async Task Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct)
    {
        using var from = rows.GetEnumerator();
        var first = new List<object?[]>(Few + 1);
        while (first.Count <= Few && from.MoveNext()) first.Add(from.Current);
        if (first.Count <= Few)
        {
            await InsertFew((NpgsqlConnection)connection, (NpgsqlTransaction)transaction, table, columns, first, ct);
            return;
        }
        await using var copy = await ((NpgsqlConnection)connection).BeginBinaryImportAsync($"copy {table} ({string.Join(", ", columns)}) from stdin (format binary)", ct);
        foreach (var row in first) await Write(row);
        while (from.MoveNext()) await Write(from.Current);
        await copy.CompleteAsync(ct);

        async Task Write(object?[] row)
        {
            await copy.StartRowAsync(ct);
            foreach (var value in row)
                if (ToDb(value) is { } v) await copy.WriteAsync(v, ct);
                else await copy.WriteNullAsync(ct);
        }
    }

    /// <summary>Up to so many rows a copy costs more than inserts in one message.</summary>
    private const int Few = 3;

    private async Task InsertFew(NpgsqlConnection connection, NpgsqlTransaction transaction, string table, IReadOnlyList<string> columns, List<object?[]> rows, CancellationToken ct)
    {
        if (rows.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var row in rows) batch.BatchCommands.Add(InsertText(table, columns, [row]));
        await batch.ExecuteNonQueryAsync(ct);
    }

    public override async Task<IReadOnlyList<long>> InsertNumbered(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct)
    {
        var ids = new List<long>(rows.Count);
        foreach (var piece in rows.Chunk(1_000))
        {
            await using var batch = new NpgsqlBatch((NpgsqlConnection)connection, (NpgsqlTransaction)transaction);
            var command = InsertText(table, columns, piece);
            command.CommandText += " returning id";
            batch.BatchCommands.Add(command);
            await using var reader = await batch.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) ids.Add(reader.GetInt64(0));
        }
        return ids;
    }

    private NpgsqlBatchCommand InsertText(string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows)
    {
        var text = new StringBuilder($"insert into {table} ({string.Join(", ", columns)}) values ");
        var command = new NpgsqlBatchCommand();
        for (var r = 0; r < rows.Count; r++)
        {
            text.Append(r == 0 ? "(" : ", (");
            for (var i = 0; i < columns.Count; i++)
            {
                command.Parameters.Add(new() { Value = ToDb(rows[r][i]) ?? DBNull.Value });
                text.Append(i == 0 ? "$" : ", $").Append(command.Parameters.Count.ToString(CultureInfo.InvariantCulture));
            }
            text.Append(')');
        }
        command.CommandText = text.ToString();
        return command;
    }

    public override async Task InsertNumbers(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, long first, (long, long)[] rest, CancellationToken ct)
    {
        if (rest.Length == 0) return;
        await using var copy = await ((NpgsqlConnection)connection).BeginBinaryImportAsync($"copy {table} ({string.Join(", ", columns)}) from stdin (format binary)", ct);
        foreach (var (second, third) in rest)
        {
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(first, ct);
            await copy.WriteAsync(second, ct);
            await copy.WriteAsync(third, ct);
        }
        await copy.CompleteAsync(ct);
    }

    public override object? ToDb(object? value) => value switch
    {
        // Cut to the milliseconds the column holds, so that what was written compares equal to what is read.
        DateTime t => new DateTime(t.ToUniversalTime().Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc),
        int i => (long)i,
        Enum e => e.ToString(),
        string s when s.Contains('\0') => s.Replace("\0", ""),
        _ => value,
    };

    public override bool IsTransient(Exception e) => e is PostgresException { SqlState: "40001" or "40P01" };
    public override string? UniqueIndexOf(Exception e) => e is PostgresException { SqlState: "23505" } p ? p.ConstraintName : null;

    public override string? Trouble(Exception e) => e switch
    {
        PostgresException { SqlState: "53100" } => "数据库服务器磁盘空间不足，本次操作未生效。请联系管理员。",
        PostgresException { SqlState: "25006" } => "数据库处于只读状态，无法保存。请联系管理员。",
        PostgresException { SqlState: "53300" } => "数据库服务器的连接已用完，请稍后再试；您的输入没有丢失。",
        PostgresException { SqlState: "57P01" or "57P02" or "57P03" } or NpgsqlException { InnerException: System.Net.Sockets.SocketException or IOException or TimeoutException } =>
            "暂时连接不上数据库服务器，请稍后再试；您的输入没有丢失。",
        _ => null,
    };

    public override Task<IAsyncDisposable?> TryAlone(CancellationToken ct) =>
        SessionLock.Try(source.CreateConnection(), "select case when pg_try_advisory_lock(5842190418) then 1 else 0 end", "select pg_advisory_unlock(5842190418)", ct);

    public override Task<IAsyncDisposable?> LockMigrations(CancellationToken ct) =>
        SessionLock.Take(source.CreateConnection(), "select pg_advisory_lock(5842190417)", "select pg_advisory_unlock(5842190417)", ct);
}
