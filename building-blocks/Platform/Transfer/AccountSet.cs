using System.Data.Common;
using Dapper;
using KuaipuCrm.Platform.Data;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>
/// All tables of an account set within one transaction, whichever modules made them: a schema counts if it has a table of versions,
/// so that plug-ins are taken along without being known.
/// </summary>
internal sealed class AccountSet(Engine engine, DbConnection connection, DbTransaction transaction)
{
    private const string VersionTable = "schema_version";

    /// <summary>Sessions stay behind: after a move or a restore everyone signs in anew, and a session that had been ended does not come back.</summary>
    private static readonly string[] LeftBehind = ["platform.session"];

    private bool OnSqlite => engine is SqliteEngine;

    /// <summary>The last step each schema has taken.</summary>
    public async Task<Dictionary<string, long>> Versions()
    {
        var versions = new Dictionary<string, long>();
        foreach (var (schema, _) in (await Names()).Where(t => t.Table == VersionTable))
            if (await First<long?>($"select max(version) from {engine.Table($"{schema}.{VersionTable}")}") is { } last) versions[schema] = last;
        return versions;
    }

    /// <summary>All tables with their columns, each behind those it refers to.</summary>
    public async Task<List<TableShape>> Tables()
    {
        var names = (await Names()).Where(t => t.Table != VersionTable).Select(t => $"{t.Schema}.{t.Table}").Except(LeftBehind).Order(StringComparer.Ordinal).ToList();
        var needs = (await References()).ToLookup(r => r.From, r => r.To);
        var ordered = new List<string>();
        var visited = new HashSet<string>();
        void Take(string name)
        {
            if (!visited.Add(name)) return;
            foreach (var needed in needs[name].Where(names.Contains)) Take(needed);
            ordered.Add(name);
        }
        names.ForEach(Take);
        var shapes = new List<TableShape>();
        foreach (var name in ordered) shapes.Add(await Shape(name));
        return shapes;
    }

    /// <summary>The rows as plain values, read as they are asked for.</summary>
    public IEnumerable<object?[]> Rows(TableShape table)
    {
        using var command = Command($"select {string.Join(", ", table.Columns)} from {engine.Table(table.Name)}");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = new object?[table.Columns.Count];
            for (var i = 0; i < row.Length; i++) row[i] = PlainValues.ToPlain(reader.GetValue(i), table.Kinds[i]);
            yield return row;
        }
    }

    public Tally Count(TableShape table)
    {
        var tally = new Tally();
        using var text = new RowText();
        foreach (var row in Rows(table)) tally.Add(text.Write(row));
        return tally;
    }

    public async Task<bool> IsEmpty(TableShape table) => await First<long>($"select count(*) from (select 1 as one where exists (select 1 from {engine.Table(table.Name)})) x") == 0;

    /// <summary>Adds plain rows; columns in the order of the shape.</summary>
    public Task Load(TableShape table, IEnumerable<object?[]> rows, CancellationToken ct)
    {
        return engine.Load(connection, transaction, table.Name, table.Columns, rows.Select(Typed), ct);
        object?[] Typed(object?[] row)
        {
            var typed = new object?[row.Length];
            for (var i = 0; i < row.Length; i++)
                try
                {
                    typed[i] = PlainValues.FromPlain(row[i], table.Kinds[i]);
                }
                catch (FormatException e)
                {
                    throw new TransferException($"表 {table.Name} 的列 {table.Columns[i]} 中有不合格式的值：{row[i]}", e);
                }
            return typed;
        }
    }

    /// <summary>Where the numbers that the database itself gives to rows have arrived, by table.</summary>
    public async Task<Dictionary<string, long>> Numbered(IReadOnlyList<TableShape> tables)
    {
        var last = new Dictionary<string, long>();
        foreach (var table in await NumberedTables(tables))
            if (await First<long?>(engine switch
            {
                SqliteEngine => $"select seq from sqlite_sequence where name = '{engine.Table(table)}'",
                PostgresEngine => $"select last_value from {await Sequence(table)} where is_called",
                _ => $"select cast(ident_current('{table}') as bigint)",
            }) is { } value) last[table] = value;
        return last;
    }

    /// <summary>Goes on numbering behind what has been given.</summary>
    public async Task Number(IReadOnlyList<TableShape> tables, IReadOnlyDictionary<string, long> last)
    {
        foreach (var table in await NumberedTables(tables))
            if (last.TryGetValue(table, out var value))
                await connection.ExecuteAsync(engine switch
                {
                    SqliteEngine => $"delete from sqlite_sequence where name = '{engine.Table(table)}'; insert into sqlite_sequence (name, seq) values ('{engine.Table(table)}', {value});",
                    PostgresEngine => $"select setval('{await Sequence(table)}', {value})",
                    _ => $"dbcc checkident('{table}', reseed, {value}) with no_infomsgs",
                }, transaction: transaction);
    }

    /// <summary>What is wrong with the file itself, or null; servers look after theirs.</summary>
    public async Task<string?> Damage() =>
        OnSqlite && (await connection.QueryAsync<string>("pragma integrity_check;", transaction: transaction)).FirstOrDefault(line => line != "ok") is { } damage ? damage : null;

    private async Task<List<(string Schema, string Table)>> Names()
    {
        if (!OnSqlite)
        {
            var all = (await connection.QueryAsync<(string Schema, string Table)>("select TABLE_SCHEMA, TABLE_NAME from INFORMATION_SCHEMA.TABLES where TABLE_TYPE = 'BASE TABLE'", transaction: transaction)).AsList();
            var ours = all.Where(t => t.Table == VersionTable).Select(t => t.Schema).ToHashSet();
            return [.. all.Where(t => ours.Contains(t.Schema))];
        }
        var names = (await connection.QueryAsync<string>("select name from sqlite_master where type = 'table' and name not like 'sqlite%'", transaction: transaction)).AsList();
        // Behind each other by length: a plug-in's schema may begin like another's.
        var schemas = names.Where(n => n.EndsWith("_" + VersionTable, StringComparison.Ordinal)).Select(n => n[..^(VersionTable.Length + 1)]).OrderByDescending(s => s.Length).ToList();
        return [.. from n in names let schema = schemas.Find(s => n.StartsWith(s + "_", StringComparison.Ordinal)) where schema is not null select (schema, n[(schema.Length + 1)..])];
    }

    private async Task<TableShape> Shape(string name)
    {
        await using var command = Command($"select * from {engine.Table(name)} where 1 = 0");
        await using var reader = await command.ExecuteReaderAsync();
        // SQL Server's custom fields that are indexed have computed columns (ix_x_…): worked out, not carried.
        var columns = Enumerable.Range(0, reader.FieldCount).Where(i => !reader.GetName(i).StartsWith("ix_x_", StringComparison.Ordinal)).ToList();
        return new(name, [.. columns.Select(reader.GetName)], [.. columns.Select(i => OnSqlite ? ColumnKind.Plain : PlainValues.KindOf(reader, i))]);
    }

    private async Task<List<(string From, string To)>> References()
    {
        if (!OnSqlite)
            return (await connection.QueryAsync<(string, string)>("""
                select concat(c.TABLE_SCHEMA, '.', c.TABLE_NAME), concat(p.TABLE_SCHEMA, '.', p.TABLE_NAME) from INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS r
                join INFORMATION_SCHEMA.TABLE_CONSTRAINTS c on c.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA and c.CONSTRAINT_NAME = r.CONSTRAINT_NAME
                join INFORMATION_SCHEMA.TABLE_CONSTRAINTS p on p.CONSTRAINT_SCHEMA = r.UNIQUE_CONSTRAINT_SCHEMA and p.CONSTRAINT_NAME = r.UNIQUE_CONSTRAINT_NAME
                """, transaction: transaction)).AsList();
        var byFile = (await Names()).ToDictionary(t => $"{t.Schema}_{t.Table}", t => $"{t.Schema}.{t.Table}");
        return [.. (await connection.QueryAsync<(string From, string To)>("select m.name, f.\"table\" from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table'", transaction: transaction))
            .Where(r => byFile.ContainsKey(r.From) && byFile.ContainsKey(r.To)).Select(r => (byFile[r.From], byFile[r.To]))];
    }

    private async Task<List<string>> NumberedTables(IReadOnlyList<TableShape> tables)
    {
        var names = engine switch
        {
            SqliteEngine => (await connection.QueryAsync<string>("select name from sqlite_master where type = 'table' and sql like '%autoincrement%'", transaction: transaction)).ToHashSet(),
            PostgresEngine => (await connection.QueryAsync<string>("select table_schema || '.' || table_name from information_schema.columns where is_identity = 'YES'", transaction: transaction)).ToHashSet(),
            _ => (await connection.QueryAsync<string>("select object_schema_name(object_id) + '.' + object_name(object_id) from sys.identity_columns", transaction: transaction)).ToHashSet(),
        };
        return [.. tables.Select(t => t.Name).Where(n => names.Contains(engine.Table(n)))];
    }

    private async Task<string> Sequence(string table) => (await First<string>(
        $"select pg_get_serial_sequence('{table}', column_name) from information_schema.columns where table_schema || '.' || table_name = '{table}' and is_identity = 'YES'"))!;

    private async Task<T?> First<T>(string sql) => await connection.QueryFirstOrDefaultAsync<T?>(sql, transaction: transaction, commandTimeout: 0);

    private DbCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction, command.CommandTimeout) = (sql, transaction, 0);
        return command;
    }
}
