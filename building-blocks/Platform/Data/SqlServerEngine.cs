using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Sdk;
using Microsoft.Data.SqlClient;

namespace KuaipuCrm.Platform.Data;

/// <summary>SQL Server 2019 or newer.</summary>
public sealed class SqlServerEngine(string connectionString) : Engine
{
    public override string Name => "sqlserver";
    /// <summary>Half of the pool for writers: inside a unit a second connection is sometimes needed, and must be there.</summary>
    private readonly SemaphoreSlim writers = new(Math.Max(1, new SqlConnectionStringBuilder(connectionString).MaxPoolSize / 2));

    public override string? ConnectionString => connectionString;
    public override DbConnection Create(bool write = false) => new SqlConnection(connectionString);
    public override (string Behind, string End) Hold(string alias) => ("with (updlock, rowlock)", "");
    public override Sql Page(int take, long skip = 0) => $"offset {skip} rows fetch next {take} rows only";
    /// <summary>Columns compare by code point (<see cref="Columns.Collation"/>); here letters compare without case, and nothing else is levelled.</summary>
    public override Sql Contains(Sql column, string text) => $@"{column} collate Latin1_General_100_CI_AS_KS_WS_SC like {"%" + Like(text) + "%"} escape '\'";
    public override Sql StartsWith(Sql column, string text) => $@"{column} like {Like(text) + "%"} escape '\'";
    public override Sql In(Sql column, IReadOnlyCollection<long> ids) => $"{column} in (select cast(value as bigint) from openjson({JsonSerializer.Serialize(ids)}))";
    public override Sql In(Sql column, IReadOnlyCollection<string> texts) => $"{column} in (select value {Sql.Trusted($"collate {Columns.Collation}")} from openjson({JsonSerializer.Serialize(texts)}))";
    public override IEnumerable<string> CreateSchema(string schema) => [$"if schema_id('{schema}') is null exec('create schema {schema}')"];

    public override string Custom(string column, string key, bool whole) =>
        whole ? $"cast(json_value({column}, '$.{key}') as bigint)" : $"cast(json_value({column}, '$.{key}') as nvarchar(400)) collate {Columns.Collation}";

    /// <summary>Over a computed column: the optimizer puts it in the place of the same expression. No filter: one by a computed column's table is refused with some of the set options.</summary>
    public override IReadOnlyList<string> CreateCustomIndex(string name, string table, string key, bool whole, string then) =>
        [$"if col_length('{table}', '{name}') is null alter table {table} add {name} as {Custom("extra", key, whole)}", $"create index {name} on {table} ({name}, {then})"];

    public override IReadOnlyList<string> DropCustomIndex(string name, string table) =>
        [$"drop index if exists {name} on {table}", $"if col_length('{table}', '{name}') is not null alter table {table} drop column {name}"];

    public override string CustomIndexes =>
        "select i.name, concat(schema_name(t.schema_id), '.', t.name) as on_table from sys.indexes i join sys.tables t on t.object_id = i.object_id where i.name like 'ix[_]x[_]%'";

    public override Task<IDisposable?> EnterWrite(CancellationToken ct) => Slot.Take(writers, ct);

    public override async Task<DbTransaction> Begin(DbConnection connection, CancellationToken ct) => await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);

    public override async Task<DbTransaction> Snapshot(DbConnection connection, CancellationToken ct) => await connection.BeginTransactionAsync(IsolationLevel.Snapshot, ct);

    public override async Task<DbTransaction> SnapshotIfAllowed(DbConnection connection, CancellationToken ct)
    {
        await using var c = connection.CreateCommand();
        c.CommandText = "select snapshot_isolation_state from sys.databases where database_id = db_id()";
        return Convert.ToInt32(await c.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture) == 1 ? await Snapshot(connection, ct) : await Begin(connection, ct);
    }

    internal const string DrawText = """
        update platform.counter with (updlock, serializable) set next = next + @c output inserted.next where name = @n;
        if @@rowcount = 0 insert into platform.counter (name, next) output inserted.next values (@n, @c);
        """;

    public override async Task<long> Draw(DbConnection connection, DbTransaction? transaction, string name, long count, CancellationToken ct)
    {
        await using var c = new SqlCommand(DrawText, (SqlConnection)connection, (SqlTransaction?)transaction);
        c.Parameters.AddWithValue("@n", name);
        c.Parameters.AddWithValue("@c", count);
        await using var reader = await c.ExecuteReaderAsync(ct);
        do
        {
            if (await reader.ReadAsync(ct)) return reader.GetInt64(0);
        }
        while (await reader.NextResultAsync(ct));
        throw new InvalidOperationException($"No value was drawn from counter {name}.");
    }

    public override Task Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct) =>
        Copy(SqlBulkCopyOptions.CheckConstraints, connection, transaction, table, columns, rows, ct);

    internal static string NumberedText(string table, IReadOnlyList<string> columns) =>
        $"insert into {table} ({string.Join(", ", columns)}) output inserted.id values ({string.Join(", ", columns.Select((_, i) => "@" + ParameterName(i)))})";

    public override async Task<IReadOnlyList<long>> InsertNumbered(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct)
    {
        var (text, ids) = (NumberedText(table, columns), new List<long>(rows.Count));
        foreach (var row in rows) ids.AddRange(await Read(connection, transaction, text, row, r => r.GetInt64(0), ct));
        return ids;
    }

    public override Task Load(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct) =>
        Copy(SqlBulkCopyOptions.CheckConstraints | SqlBulkCopyOptions.KeepIdentity, connection, transaction, table, columns, rows, ct);

    private async Task Copy(SqlBulkCopyOptions options, DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct)
    {
        using var bulk = new SqlBulkCopy((SqlConnection)connection, options, (SqlTransaction)transaction) { DestinationTableName = table, BulkCopyTimeout = 600 };
        foreach (var column in columns) bulk.ColumnMappings.Add(column, column);
        // In pieces, so that however many rows come, few are in memory.
        foreach (var piece in rows.Chunk(5_000))
        {
            using var data = new DataTable { Locale = CultureInfo.InvariantCulture };
            for (var i = 0; i < columns.Count; i++)
                data.Columns.Add(columns[i], piece.Select(r => ToDb(r[i])).FirstOrDefault(v => v is not null)?.GetType() ?? typeof(string));
            foreach (var row in piece) data.Rows.Add([.. row.Select(v => ToDb(v) ?? DBNull.Value)]);
            await bulk.WriteToServerAsync(data, ct);
        }
    }

    public override object? ToDb(object? value) => value switch
    {
        DateTime t => new DateTime(t.ToUniversalTime().Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc),
        DateOnly d => d.ToDateTime(TimeOnly.MinValue),
        int i => (long)i,
        Enum e => e.ToString(),
        _ => value,
    };

    protected override DbParameter Bind(DbParameter parameter, int number, object? value)
    {
        base.Bind(parameter, number, value);
        // The old datetime rounds to 3.33 ms; texts of one declared length share one plan.
        if (parameter.Value is DateTime) parameter.DbType = DbType.DateTime2;
        else if (parameter.Value is string { Length: <= 4000 }) parameter.Size = 4000;
        return parameter;
    }

    public override bool IsTransient(Exception e) => e is SqlException { Number: 1205 or 3960 };

    // "Cannot insert duplicate key row in object 'x' with unique index 'ux_…'.", "Violation of PRIMARY KEY constraint 'pk_…'."
    public override string? UniqueIndexOf(Exception e) =>
        e is SqlException { Number: 2601 or 2627 } s ? IndexIn(s.Message) : null;

    internal static string IndexIn(string message) => message.Split('\'').FirstOrDefault(part => part.StartsWith("ux_", StringComparison.Ordinal) || part.StartsWith("pk_", StringComparison.Ordinal)) ?? "";

    public override string? Trouble(Exception e) => e is SqlException s
        ? s.Number switch
        {
            1105 or 9002 => "数据库服务器磁盘空间不足，本次操作未生效。请联系管理员。",
            3906 => "数据库处于只读状态，无法保存。请联系管理员。",
            -2 or 2 or 53 or 64 or 233 or 4060 or 10053 or 10054 or 10060 or 10061 or 40613 => "暂时连接不上数据库服务器，请稍后再试；您的输入没有丢失。",
            _ => null,
        }
        : null;

    public override Task<IAsyncDisposable?> TryAlone(CancellationToken ct) => SessionLock.Try(Create(),
        "declare @got int; exec @got = sp_getapplock @Resource = 'kuaipucrm-fields', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0; select case when @got >= 0 then 1 else 0 end",
        "exec sp_releaseapplock @Resource = 'kuaipucrm-fields', @LockOwner = 'Session'", ct);

    public override Task<IAsyncDisposable?> LockMigrations(CancellationToken ct) => SessionLock.Take(Create(),
        "exec sp_getapplock @Resource = 'kuaipucrm-migrations', @LockMode = 'Exclusive', @LockOwner = 'Session'",
        "exec sp_releaseapplock @Resource = 'kuaipucrm-migrations', @LockOwner = 'Session'", ct);
}
