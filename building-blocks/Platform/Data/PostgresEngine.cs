using System.Data;
using System.Data.Common;
using KuaipuCrm.Sdk;
using Npgsql;

namespace KuaipuCrm.Platform.Data;

/// <summary>PostgreSQL 14 or newer.</summary>
public sealed class PostgresEngine(string connectionString) : Engine, IDisposable
{
    // Half of the connections for each: inside a unit a second connection to write is sometimes needed, and must be there.
    private readonly NpgsqlDataSource readers = Source(connectionString, _ => { }), writing = Source(connectionString, w => w.MaxAutoPrepare = Math.Max(w.MaxAutoPrepare, 50));
    private readonly SemaphoreSlim writers = new(Math.Max(1, new NpgsqlConnectionStringBuilder(connectionString).MaxPoolSize / 4));

    public override string Name => "postgres";
    public override string? ConnectionString => connectionString;

    /// <summary>Writers say the same few things again and again, and are understood once. Readers ask with ever other values, for which a plan is made each time.</summary>
    public override DbConnection Create(bool write = false) => (write ? writing : readers).CreateConnection();

    private static NpgsqlDataSource Source(string text, Action<NpgsqlConnectionStringBuilder> more)
    {
        // Nothing is left behind in a session that would have to be cleared with each use: locks are given back aloud.
        var settings = new NpgsqlConnectionStringBuilder(text) { NoResetOnClose = true };
        settings.MaxPoolSize = Math.Max(2, settings.MaxPoolSize / 2);
        more(settings);
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, settings.MaxPoolSize);
        return NpgsqlDataSource.Create(settings);
    }

    /// <summary>The host ends: the server has its connections back at once.</summary>
    public void Dispose()
    {
        readers.Dispose();
        writing.Dispose();
    }

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
        await using var copy = await ((NpgsqlConnection)connection).BeginBinaryImportAsync($"copy {table} ({string.Join(", ", columns)}) from stdin (format binary)", ct);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(ct);
            foreach (var value in row)
                if (ToDb(value) is { } v) await copy.WriteAsync(v, ct);
                else await copy.WriteNullAsync(ct);
        }
        await copy.CompleteAsync(ct);
    }

    internal override PostgresPending Pend(DbConnection connection, DbTransaction transaction) => new(this, (NpgsqlConnection)connection, (NpgsqlTransaction)transaction);

    public override Task<IReadOnlyList<long>> InsertNumbered(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct) =>
        Pend(connection, transaction).InsertNumbered(table, columns, rows, ct);

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
        SessionLock.Try(readers.CreateConnection(), "select case when pg_try_advisory_lock(5842190418) then 1 else 0 end", "select pg_advisory_unlock(5842190418)", ct);

    public override Task<IAsyncDisposable?> LockMigrations(CancellationToken ct) =>
        SessionLock.Take(readers.CreateConnection(), "select pg_advisory_lock(5842190417)", "select pg_advisory_unlock(5842190417)", ct);
}
