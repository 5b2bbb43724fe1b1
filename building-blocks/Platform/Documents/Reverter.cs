using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Takes back what an operation did to documents, as its history tells; rows changed since are listed and left (DOC-14).</summary>
internal sealed class Reverter(Db db, ModuleCatalog catalog, DocumentTypes types, Stores stores)
{
    /// <summary>More rows than this are taken back in the background.</summary>
    public const int Large = 2_000;

    /// <param name="Last">Where to go on; null when there is nothing left.</param>
    public sealed record Taken(int Done, IReadOnlyList<RowProblem> Problems, long? Last);

    /// <summary>The next 500 entries before <paramref name="before"/>, newest first: what was tied to a row goes before the row itself. What an earlier undoing that was stopped has taken back, is left out.</summary>
    public async Task<Taken> Step(long undo, long operation, long before, CancellationToken ct)
    {
        var steps = await db.Query<Entry>($"""
            select h.id, h.document_id, h.version, h.kind, h.changes, n.type_id, n.title from platform.history h left join platform.document n on n.id = h.document_id
            where h.operation_id = {operation} and h.id < {before} and h.kind in ('create', 'update', 'delete', 'restore')
                and not exists (select 1 from platform.operation o join platform.history u on u.operation_id = o.id where o.undo_of = {operation} and o.id <> {undo} and u.document_id = h.document_id)
            order by h.id desc {db.Dialect.Page(500)}
            """, ct);
        if (steps.Count == 0) return new(0, [], null);
        var done = 0;
        var problems = new List<RowProblem>();
        foreach (var group in steps.GroupBy(s => s.TypeId))
        {
            if (group.Key is not { } typeId || types.Name(typeId) is not { } type || catalog.FindDocument(type) is not { } d)
            {
                problems.AddRange(group.Select(s => new RowProblem(s.DocumentId, s.Title ?? "", "记录已被彻底删除。")));
                continue;
            }
            var (n, found) = await Revert(stores.Of(d), [.. group], ct);
            done += n;
            problems.AddRange(found);
        }
        return new(done, problems, steps[^1].Id);
    }

    private static async Task<(int Done, List<RowProblem> Problems)> Revert(IDocumentStore store, IReadOnlyList<Entry> steps, CancellationToken ct)
    {
        var problems = new List<RowProblem>();
        var changes = new List<Change>();
        foreach (var (kind, move) in new[] { ("create", ChangeKind.Delete), ("restore", ChangeKind.Delete), ("delete", ChangeKind.Restore) })
            if (steps.Where(s => s.Kind == kind).ToList() is { Count: > 0 } some)
                changes.AddRange(await store.PrepareMove([.. some.Select(s => new RowRef(s.DocumentId, s.Version))], move, ct));
        var updates = steps.Where(s => s.Kind == "update").ToList();
        var seen = updates.Count == 0 ? [] : (await store.Seen([.. updates.Select(s => s.DocumentId).Distinct()], ct)).ToDictionary(r => r.Id, r => r.Version);
        var drafts = new List<Draft>(updates.Count);
        foreach (var step in updates)
            if (!seen.TryGetValue(step.DocumentId, out var version)) problems.Add(new(step.DocumentId, step.Title ?? "", "记录已被删除，或您无权查看。"));
            else if (version != step.Version) problems.Add(new(step.DocumentId, step.Title ?? "", "此后又被修改过，保持现状。"));
            else drafts.Add(new(step.DocumentId, step.Version, Journal.Read(step.Changes).ToDictionary(c => c.Field, c => (object?)c.Old)));
        if (drafts.Count > 0) changes.AddRange(await store.Prepare(drafts, new DraftKind(Imported: true, System: true, Undo: true, Rowwise: true), ct));
        foreach (var bad in changes.Where(c => c.Errors.Count > 0))
            problems.Add(new(bad.Record.Id, steps.First(s => s.DocumentId == bad.Record.Id).Title ?? "", string.Join("；", bad.Errors.Select(e => e.Message)).Replace("请刷新后再试", "保持现状")));
        var good = changes.Where(c => c.Errors.Count == 0).ToList();
        await store.Write(good, ct);
        return (good.Count, problems);
    }

    private sealed record Entry(long Id, long DocumentId, long Version, string Kind, string? Changes, long? TypeId, string? Title);
}
