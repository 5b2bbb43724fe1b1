using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using Microsoft.Data.Sqlite;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>Copies an account set from SQLite to a server database (OPS-6), or compares the two.</summary>
public sealed class Mover(SqliteEngine source, Engine target, ModuleCatalog catalog, Action<string> say)
{
    /// <summary>Copies all tables into an empty database; the source is left as it is.</summary>
    /// <returns>The number of rows.</returns>
    /// <exception cref="TransferException">It can't be done, and why; the target has no rows then.</exception>
    public async Task<long> Move(CancellationToken ct)
    {
        await using var connection = Alone();
        await using var transaction = connection.BeginTransaction(deferred: true);
        var set = new AccountSet(source, connection, transaction);
        var versions = await set.Versions();
        if (versions.Count == 0) throw new TransferException($"{source.File} 中没有账套。");
        var tables = await set.Tables();
        var rows = 0L;
        IEnumerable<object?[]> Counted(TableShape table)
        {
            foreach (var row in set.Rows(table))
            {
                rows++;
                yield return row;
            }
        }
        await new Loader(target, catalog, say).Load(versions, await set.Numbered(tables), [.. tables.Select(t => (t.Name, t.Columns, (Func<IEnumerable<object?[]>>)(() => Counted(t))))], ct);
        return rows;
    }

    /// <summary>Compares counts and checksums of every table.</summary>
    /// <returns>What differs, a line for each table.</returns>
    /// <exception cref="TransferException">The source is in use.</exception>
    public async Task<IReadOnlyList<string>> Compare(CancellationToken ct)
    {
        await using var here = Alone();
        await using var reading = here.BeginTransaction(deferred: true);
        await using var there = target.Create();
        await there.OpenAsync(ct);
        await using var readingThere = await target.Snapshot(there, ct);
        var (mine, its) = (new AccountSet(source, here, reading), new AccountSet(target, there, readingThere));
        var shapes = (await its.Tables()).ToDictionary(t => t.Name);
        var differences = new List<string>();
        foreach (var table in await mine.Tables())
        {
            if (!shapes.Remove(table.Name, out var other) || !other.Columns.ToHashSet().SetEquals(table.Columns))
            {
                differences.Add($"{table.Name}：目标中没有这张表，或列不同");
                continue;
            }
            var (a, b) = (mine.Count(table), its.Count(other with { Columns = table.Columns, Kinds = [.. table.Columns.Select(c => other.Kinds[other.Columns.ToList().IndexOf(c)])] }));
            if (!a.Same(b)) differences.Add($"{table.Name}：来源 {a.Rows:N0} 行（{a.Checksum}），目标 {b.Rows:N0} 行（{b.Checksum}）");
            else if (a.Rows > 0) say($"{table.Name}：{a.Rows:N0} 行，一致");
        }
        differences.AddRange(shapes.Keys.Select(name => $"{name}：来源中没有这张表"));
        return differences;
    }

    /// <summary>Nobody else reads or writes the file meanwhile: what a running host wrote after the copy would be lost.</summary>
    private SqliteConnection Alone()
    {
        if (!File.Exists(source.File)) throw new TransferException($"找不到来源数据库 {source.File}。请用 --Data 或 --File 指明。");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source.File, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma locking_mode=exclusive; begin immediate; select count(*) from sqlite_master; rollback;";
            command.ExecuteScalar();
            command.CommandText = "select count(*) from sqlite_master";
            command.ExecuteScalar();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new TransferException(e.SqliteErrorCode is 5 or 6
                ? "来源数据库正在使用中。请先停止服务再搬迁，否则搬迁期间录入的数据会丢失。"
                : source.Trouble(e) ?? $"无法打开来源数据库：{e.Message}", e);
        }
    }
}
