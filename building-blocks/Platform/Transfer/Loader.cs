using System.Data.Common;
using Dapper;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Migrations;
using KuaipuCrm.Platform.Modules;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>Fills an empty account set in one transaction, and commits only what it has read back and found the same.</summary>
/// <remarks>Killed at any moment it leaves an empty schema, on which it can be run again.</remarks>
internal sealed class Loader(Engine target, ModuleCatalog catalog, Action<string> say)
{
    /// <param name="versions">The steps each schema had taken where the rows come from.</param>
    /// <param name="numbered">Where the database's own numbering had arrived.</param>
    /// <param name="tables">The tables in the order of their need, and their rows as plain values.</param>
    /// <param name="ct">Ends the work; nothing stays.</param>
    public async Task Load(IReadOnlyDictionary<string, long> versions, IReadOnlyDictionary<string, long> numbered, IReadOnlyList<(string Name, IReadOnlyList<string> Columns, Func<IEnumerable<object?[]>> Rows)> tables, CancellationToken ct)
    {
        Understood(versions, catalog);
        // The schema as it was, so that the rows fit; what came since is migrated afterwards, with the rows.
        await Startup.Migrate(target, catalog, null, ct, versions);
        await using (await target.LockMigrations(ct))
        using (await target.EnterWrite(ct))
        {
            await using var connection = target.Create(write: true);
            await connection.OpenAsync(ct);
            await using var transaction = await target.Begin(connection, ct);
            var set = new AccountSet(target, connection, transaction);
            var shapes = (await set.Tables()).ToDictionary(t => t.Name);
            await Fits(set, shapes, versions, tables);
            foreach (var (name, columns, rows) in tables) await Fill(set, shapes[name] with { Columns = columns, Kinds = [.. columns.Select(c => Kind(shapes[name], c))] }, rows, ct);
            await set.Number([.. shapes.Values], numbered);
            if (await set.Damage() is { } damage) throw new TransferException($"写入后的数据库未通过完整性检查：{damage}");
            await transaction.CommitAsync(ct);
            // Until its own round comes by, the server would plan without knowing how many rows there are.
            if (target is PostgresEngine) await connection.ExecuteAsync("analyze;", commandTimeout: 0);
        }
        await Startup.Migrate(target, catalog, null, ct);
    }

    /// <exception cref="TransferException">The rows belong to modules or versions this program doesn't have.</exception>
    public static void Understood(IReadOnlyDictionary<string, long> versions, ModuleCatalog catalog)
    {
        var known = Startup.Steps(catalog).ToDictionary(s => s.Schema, s => Migrator.Versions(s.Steps));
        foreach (var (schema, version) in versions)
            if (!known.TryGetValue(schema, out var steps) || steps.Count == 0)
                throw new TransferException($"其中有模块“{schema}”的数据，但本程序没有该模块。请先安装该模块（插件）再试。");
            else if (version > steps[^1])
                throw new TransferException($"其中“{schema}”的版本为 {version}，高于本程序所支持的 {steps[^1]}。请使用新版本的程序。");
    }

    private static async Task Fits(AccountSet set, Dictionary<string, TableShape> shapes, IReadOnlyDictionary<string, long> versions, IReadOnlyList<(string Name, IReadOnlyList<string> Columns, Func<IEnumerable<object?[]>> Rows)> tables)
    {
        foreach (var (schema, version) in await set.Versions())
            if (!versions.TryGetValue(schema, out var wanted) || wanted != version)
                throw new TransferException($"目标数据库中“{schema}”的版本为 {version}，与来源不符。请换一个空的数据库。");
        foreach (var shape in shapes.Values)
            if (!await set.IsEmpty(shape)) throw new TransferException($"目标数据库不是空的：表 {shape.Name} 中已有数据。请换一个空的数据库；未做任何改动。");
        if (tables.Select(t => t.Name).Except(shapes.Keys).FirstOrDefault() is { } unknown) throw new TransferException($"本程序不认识表 {unknown}，未做任何改动。");
        foreach (var (name, columns, _) in tables)
            if (!columns.ToHashSet().SetEquals(shapes[name].Columns))
                throw new TransferException($"表 {name} 的列与本程序的不同：{string.Join("、", columns.Except(shapes[name].Columns).Concat(shapes[name].Columns.Except(columns)))}。未做任何改动。");
    }

    private async Task Fill(AccountSet set, TableShape table, Func<IEnumerable<object?[]>> rows, CancellationToken ct)
    {
        var sent = new Tally();
        using (var text = new RowText())
            try
            {
                await set.Load(table, rows().Select(row =>
                {
                    sent.Add(text.Write(row));
                    return row;
                }), ct);
            }
            catch (DbException e)
            {
                throw new TransferException($"写入表 {table.Name} 的第 {sent.Rows} 行附近时出错：{e.Message} 目标数据库保持为空。", e);
            }
        var found = set.Count(table);
        if (!found.Same(sent)) throw new TransferException($"表 {table.Name} 写入后核对不符：应有 {sent.Rows} 行（{sent.Checksum}），实有 {found.Rows} 行（{found.Checksum}）。目标数据库保持为空。");
        if (sent.Rows > 0) say($"{table.Name}：{sent.Rows:N0} 行，核对一致");
    }

    private static ColumnKind Kind(TableShape shape, string column) => shape.Kinds[shape.Columns.ToList().IndexOf(column)];
}
