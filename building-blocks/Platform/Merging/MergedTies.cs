using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Merging;

/// <summary>All that can be tied to a document, and its way from one document to another and back, in sets: 10,000 records are a few dozen statements.
/// Records keep the time and author of their last change; each has a line in its history, which is also what the way back goes by.</summary>
internal sealed class MergedTies(Db db, ModuleCatalog catalog, IScope scope, Access access, FigureRows figures, Journal journal)
{
    /// <summary>The kind of the lines in the histories of what went over; the usual undo leaves them alone.</summary>
    public const string Kind = "merge";

    private const string Why = "a merge takes along all that is tied, whoever may see it";
    private const int Batch = 1_000;

    /// <summary>Beside documents of every type: rows of the platform's own that carry a document's id.</summary>
    private static readonly (string Label, string Table)[] Beside = [("点评", "platform.comment"), ("附件", "platform.attachment"), ("共享", "platform.share")];

    /// <param name="Count">Rows of each of two documents: <c>id, many</c>.</param>
    public sealed record Source(string Label, Func<long, long, Sql> Count);

    /// <summary>Whatever may be tied to documents of the type.</summary>
    public IEnumerable<Source> Sources(DocumentDefinition d)
    {
        foreach (var (type, f) in References(d))
        {
            var (table, column) = (Sql.Trusted(type.Table), Sql.Trusted("t." + f.Column));
            yield return new(type == d ? f.Label : type.Label, (a, b) => $"select {column} as id, count(*) as many from {table} t where {db.Dialect.In(column, [a, b])} and t.deleted_at is null and {scope.All(type.Type, Why)} group by {column}");
        }
        foreach (var tie in Tables(d))
        {
            var (table, on) = (Sql.Trusted(tie.Table), Sql.Trusted("p." + tie.OnColumn));
            yield return new(tie.Type == "user" ? "关注" : $"关联的{catalog.FindDocument(tie.Type)?.Label}", (a, b) => $"select {on} as id, count(*) as many from {table} p where {db.Dialect.In(on, [a, b])} group by {on}");
        }
        foreach (var (label, table) in Beside)
            yield return new(label, (a, b) => $"select b.document_id as id, count(*) as many from {Sql.Trusted(table)} b where {db.Dialect.In(Sql.Trusted("b.document_id"), [a, b])} group by b.document_id");
    }

    /// <summary>Takes everything over; rows that the other has already stay where they are.</summary>
    public async Task<int> Take(DocumentDefinition d, long operation, long from, long to, CancellationToken ct)
    {
        var moved = 0;
        foreach (var (type, f) in References(d))
        {
            while (true)
            {
                var column = Sql.Trusted("t." + f.Column);
                // What refers from the one that stays to the lost one is the business of its own values.
                var ids = await db.Query<long>($"select t.id from {Sql.Trusted(type.Table)} t where {column} = {from} and t.id <> {to} and {scope.All(type.Type, Why)} order by t.id {db.Dialect.Page(Batch)}", ct);
                var changed = await Set(type, f, ids, from, to, ct);
                if (changed == 0) break;
                moved += changed;
            }
        }
        foreach (var tie in Tables(d))
        {
            var (table, on, column) = (Sql.Trusted(tie.Table), Sql.Trusted(tie.OnColumn), Sql.Trusted(tie.Column));
            var there = (await db.Query<long>($"select {column} from {table} where {on} = {to}", ct)).Append(to).ToHashSet();
            var rows = (await db.Query<long>($"select {column} from {table} where {on} = {from}", ct)).Where(r => !there.Contains(r)).Distinct().ToList();
            moved += await Move($"{tie.Table}.{tie.OnColumn}", operation, rows, some => $"update {table} set {on} = {to} where {on} = {from} and {db.Dialect.In(column, some)}", ct);
            if (rows.Count > 0 && catalog.FindDocument(tie.Type) is not null) await access.Follow(tie.Type, rows, ct);
        }
        foreach (var (_, table) in Beside)
        {
            var rows = await db.Query<long>(table == "platform.share"
                ? $"select s.id from platform.share s where s.document_id = {from} and s.ended_at is null and not exists (select 1 from platform.share o where o.document_id = {to} and o.target_id = s.target_id and o.ended_at is null)"
                : (Sql)$"select id from {Sql.Trusted(table)} where document_id = {from}", ct);
            moved += await Move(table, operation, rows, some => $"update {Sql.Trusted(table)} set document_id = {to} where document_id = {from} and {db.Dialect.In(Sql.Trusted("id"), some)}", ct);
        }
        return moved;
    }

    /// <summary>Gives back what went over, as far as it is still where it went; what was moved on since stays.</summary>
    public async Task<int> GiveBack(DocumentDefinition d, long operation, long lost, long stays, CancellationToken ct)
    {
        var back = 0;
        var references = References(d).ToLookup(r => r.Field.Name);
        for (var after = 0L; ;)
        {
            var lines = await db.Query<Line>($"""
                select h.id, h.document_id, h.changes, n.type_id from platform.history h join platform.document n on n.id = h.document_id
                where h.operation_id = {operation} and h.kind = {Kind} and h.id > {after} order by h.id {db.Dialect.Page(Batch)}
                """, ct);
            if (lines.Count == 0) break;
            after = lines[^1].Id;
            foreach (var group in lines.SelectMany(l => Journal.Read(l.Changes).Select(c => (c.Field, l.TypeId, l.DocumentId))).GroupBy(l => (l.Field, l.TypeId)))
                foreach (var (type, f) in references[group.Key.Field].Where(r => access.TypeId(r.Type) == group.Key.TypeId))
                    back += await Set(type, f, [.. group.Select(l => l.DocumentId)], stays, lost, ct);
        }
        foreach (var tie in Tables(d))
        {
            var (table, on, column) = (Sql.Trusted(tie.Table), Sql.Trusted(tie.OnColumn), Sql.Trusted(tie.Column));
            var rows = await Moved($"{tie.Table}.{tie.OnColumn}", operation, ct);
            foreach (var some in rows.Chunk(Batch)) back += await db.Execute($"update {table} set {on} = {lost} where {on} = {stays} and {db.Dialect.In(column, some)}", ct);
            if (rows.Count > 0 && catalog.FindDocument(tie.Type) is not null) await access.Follow(tie.Type, rows, ct);
        }
        foreach (var (_, table) in Beside)
            foreach (var some in (await Moved(table, operation, ct)).Chunk(Batch))
                back += await db.Execute($"update {Sql.Trusted(table)} set document_id = {lost} where document_id = {stays} and {db.Dialect.In(Sql.Trusted("id"), some)}", ct);
        return back;
    }

    /// <summary>Sets the field of those rows that still refer to <paramref name="from"/>.</summary>
    private async Task<int> Set(DocumentDefinition type, FieldDefinition f, IReadOnlyCollection<long> ids, long from, long to, CancellationToken ct)
    {
        if (ids.Count == 0) return 0;
        var (table, column) = (Sql.Trusted(type.Table), Sql.Trusted(f.Column));
        var there = await db.Query<long>($"select t.id from {table} t where {db.Dialect.In(Sql.Trusted("t.id"), ids)} and t.{column} = {from} and {scope.All(type.Type, Why)}", ct);
        if (there.Count == 0) return 0;
        var changed = await db.Execute($"update {table} set {column} = {to}, version = version + 1 where {db.Dialect.In(Sql.Trusted("id"), there)} and {column} = {from} and {scope.All(type.Type, Why)}", ct);
        // The rows are held now: their versions are what this act made them.
        var rows = await db.Query<Row>($"select t.id, t.version from {table} t where {db.Dialect.In(Sql.Trusted("t.id"), there)} and t.{column} = {to} and {scope.All(type.Type, Why)}", ct);
        await journal.Write([.. rows.Select(r => (r.Id, r.Version, Kind, Journal.Deltas([new Delta(f.Name, from, to)])))], ct);
        await access.Follow(type.Type, there, ct);
        await figures.Copy(type, f, there, to, ct);
        return changed;
    }

    private async Task<int> Move(string source, long operation, IReadOnlyCollection<long> rows, Func<IReadOnlyCollection<long>, Sql> update, CancellationToken ct)
    {
        var moved = 0;
        foreach (var some in rows.Chunk(Batch))
        {
            moved += await db.Execute(update(some), ct);
            await db.Insert("platform.merge_row", ["operation_id", "source", "row_id"], some.Select(r => new object?[] { operation, source, r }), ct);
        }
        return moved;
    }

    private Task<IReadOnlyList<long>> Moved(string source, long operation, CancellationToken ct) => db.Query<long>($"select row_id from platform.merge_row where operation_id = {operation} and source = {source}", ct);

    private IEnumerable<(DocumentDefinition Type, FieldDefinition Field)> References(DocumentDefinition d) =>
        from type in catalog.Documents.Where(t => t.FiguresOf is null) from f in type.Fields where f is { Kind: FieldKind.Reference, System: false } && f.RefersTo == d.Type select (type, f);

    private IEnumerable<DocumentTie> Tables(DocumentDefinition d) => catalog.Modules.SelectMany(m => m.Definition.Ties).Where(t => t.On == d.Type);

    private sealed record Line(long Id, long DocumentId, string? Changes, long TypeId);

    private sealed record Row(long Id, long Version);
}
