using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>
/// Keeps the rows of types that hold figures of another type's documents (<see cref="DocumentDefinition.FiguresOf"/>) in step with them, in the same transaction:
/// they come and go with the document, have its number, owner, department and the fields copied from it.
/// </summary>
internal sealed class FigureRows(Db db, ModuleCatalog catalog, IScope scope)
{
    private const string Why = "figures go along with their document, whoever may see it";
    private static readonly string[] Fixed = ["id", "number", "version", "owner_id", "department_id", "created_by", "created_at", "updated_by", "updated_at", "deleted_at"];

    public async Task Add(DocumentDefinition d, IReadOnlyList<Document> created, CancellationToken ct)
    {
        foreach (var f in Of(d))
        {
            var copied = Copied(f, d);
            await db.Insert(f.Table, [.. Fixed, .. copied.Select(c => c.Own.Column)],
                created.Select(r => (object?[])[r.Id, r.Number, 1L, r.OwnerId, r.DepartmentId, r.CreatedBy, r.CreatedAt, r.UpdatedBy, r.UpdatedAt, r.DeletedAt, .. copied.Select(c => FieldCodec.ToDb(c.Source, c.Source.Get(r)))]), ct);
        }
    }

    /// <summary>Those that only change hands or bin, in one statement for each kind of move.</summary>
    public async Task Change(DocumentDefinition d, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        foreach (var f in Of(d))
        {
            var copied = Copied(f, d);
            var moved = new List<Document>();
            foreach (var c in changes)
            {
                var (before, now) = (c.Former!, c.Record);
                var own = copied.Where(x => !Equals(x.Source.Get(before), x.Source.Get(now))).ToList();
                if (own.Count > 0 || before.Number != now.Number)
                    await db.Execute($"""
                        update {Sql.Trusted(f.Table)} set number = {now.Number}, owner_id = {now.OwnerId}, department_id = {now.DepartmentId}, deleted_at = {now.DeletedAt}{Sql.Join("", own.Select(x => (Sql)$", {Sql.Trusted(x.Own.Column)} = {FieldCodec.ToDb(x.Source, x.Source.Get(now))}"))}
                        where id = {now.Id} and {scope.All(f.Type, Why)}
                        """, ct);
                else if (before.OwnerId != now.OwnerId || before.DepartmentId != now.DepartmentId || before.DeletedAt != now.DeletedAt) moved.Add(now);
            }
            foreach (var group in moved.GroupBy(r => (r.OwnerId, r.DepartmentId, r.DeletedAt)))
                await db.Execute($"""
                    update {Sql.Trusted(f.Table)} set owner_id = {group.Key.OwnerId}, department_id = {group.Key.DepartmentId}, deleted_at = {group.Key.DeletedAt}
                    where {db.Dialect.In(Sql.Trusted("id"), [.. group.Select(r => r.Id)])} and {scope.All(f.Type, Why)}
                    """, ct);
        }
    }

    /// <summary>A field of these documents was set beside the store.</summary>
    public async Task Copy(DocumentDefinition d, FieldDefinition field, IReadOnlyCollection<long> documents, object? value, CancellationToken ct)
    {
        foreach (var f in Of(d))
            foreach (var own in f.Fields.Where(x => x.CopyOf == field.Name))
                await db.Execute($"update {Sql.Trusted(f.Table)} set {Sql.Trusted(own.Column)} = {FieldCodec.ToDb(field, value)} where {db.Dialect.In(Sql.Trusted("id"), documents)} and {scope.All(f.Type, Why)}", ct);
    }

    public async Task Remove(DocumentDefinition d, Document record, CancellationToken ct)
    {
        foreach (var f in Of(d)) await db.Execute($"delete from {Sql.Trusted(f.Table)} where id = {record.Id} and {scope.All(f.Type, Why)}", ct);
    }

    /// <summary>A module that is new to this database: rows for all documents there are. Looks only where there are none at all.</summary>
    public async Task Fill(CancellationToken ct)
    {
        foreach (var f in catalog.Documents.Where(f => f.FiguresOf is not null))
        {
            if (catalog.FindDocument(f.FiguresOf!) is not { } d) continue;
            if (await db.First<long?>($"select f.id from {Sql.Trusted(f.Table)} f where {scope.All(f.Type, Why)} order by f.id {db.Dialect.Page(1)}", ct) is not null) continue;
            var copied = Copied(f, d);
            var (into, from) = (string.Join(", ", Fixed.Concat(copied.Select(c => c.Own.Column))), string.Join(", ", Fixed.Concat(copied.Select(c => c.Source.Column)).Select(c => "m." + c)));
            await db.Execute($"insert into {Sql.Trusted(f.Table)} ({Sql.Trusted(into)}) select {Sql.Trusted(from)} from {Sql.Trusted(d.Table)} m where {scope.All(f.Type, Why)} and {scope.All(d.Type, Why)}", ct);
        }
    }

    private IEnumerable<DocumentDefinition> Of(DocumentDefinition d) => catalog.FiguresOf(d.Type);

    private static List<(FieldDefinition Own, FieldDefinition Source)> Copied(DocumentDefinition f, DocumentDefinition d) =>
        [.. f.Fields.Where(x => x.CopyOf is not null).Select(x => (x, d.Field(x.CopyOf!)))];
}
