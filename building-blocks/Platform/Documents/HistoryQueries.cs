using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Shows a document's history in people's words; whoever may not see the document sees no history of it.</summary>
internal sealed class HistoryQueries(Db db, ModuleCatalog catalog, Reach reach, Sharing.Shares shares, NameResolver names, Formatter formatter, Caches caches, ICurrentUser me) : IQueryHandler<GetHistory, IReadOnlyList<HistoryEntry>>
{
    public async Task<IReadOnlyList<HistoryEntry>> Handle(GetHistory query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        // Under that id lies the history of the document itself, which other rights open.
        if (d.FiguresOf is not null) throw new NotFound("历史");
        var record = await reach.Any(d, query.Id, ct);
        var before = query.BeforeId ?? long.MaxValue;
        var merged = await Merged(query.Id, ct);
        // Whom the files are not shared with are not told their names.
        var files = !d.Attachments || await shares.Carries(d, record, Sharing.Shares.Attachments, ct);
        var rows = await db.Query<Row>($"""
            select id, document_id, at, user_id, seen_by, kind, source, operation_id, changes from platform.history
            where {(merged.Count == 0 ? (Sql)$"document_id = {query.Id}" : db.Dialect.In(Sql.Trusted("document_id"), [query.Id, .. merged.Keys]))} and id < {before} {Sql.When(!files, $"and kind not in ('attach', 'detach')")} order by {Sql.Trusted(merged.Count == 0 ? "document_id desc, id desc" : "id desc")} {db.Dialect.Page(Math.Clamp(query.Take, 1, 500))}
            """, ct);
        var mine = record.OwnerId == me.Id;
        var zone = formatter.Zone;
        var parsed = rows.Select(r => (Row: r, Changes: Journal.Read(r.Changes).Select(c => (Field: d.Find(c.Field), c.Field, Old: Plain(d.Find(c.Field), c.Old), New: Plain(d.Find(c.Field), c.New))).ToList())).ToList();
        var titles = await names.Of(parsed.SelectMany(p => p.Changes).Where(c => c.Item1?.Kind == FieldKind.Reference)
            .SelectMany(c => new[] { (c.Item1!.RefersTo!, c.Old as long?), (c.Item1.RefersTo!, c.New as long?) }), ct);
        string? Text(FieldDefinition? f, object? value) => f is null ? value?.ToString() is { } kept ? Retell(kept) : null : f.Masked && !mine && value is string s ? DraftChecks.Mask(f, s) : formatter.Text(f, value, titles);
        return [.. parsed.Select(p => new HistoryEntry(p.Row.Id, p.Row.At, Who(p.Row.UserId), p.Row.SeenBy is { } by ? Who(by) : null, p.Row.Kind, p.Row.Source, p.Row.OperationId,
            [.. p.Changes.Where(c => c.Item1 is not { Hidden: true, Custom: false } && c.Item1?.VisibleTo(me) != false).Select(c => new FieldChange(c.Item2, c.Item1?.Label ?? c.Item2, Text(c.Item1, c.Old), Text(c.Item1, c.New)))]) { Of = merged.GetValueOrDefault(p.Row.DocumentId) })];

        object? Plain(FieldDefinition? f, System.Text.Json.JsonElement value)
        {
            try
            {
                return f is null ? value.ToString() : FieldCodec.Parse(f, value, zone);
            }
            catch (Invalid)
            {
                // A value of former times that today's declaration no longer takes is shown as it stands.
                return value.ToString();
            }
        }
    }

    /// <summary>Documents that became one with this: their history is its own, under their names.</summary>
    internal async Task<Dictionary<long, string>> Merged(long id, CancellationToken ct)
    {
        var found = new Dictionary<long, string>();
        for (IReadOnlyCollection<long> open = [id]; open.Count > 0;)
        {
            var lost = (await db.Query<Lost>($"""
                select m.lost_id, n.title from platform.merging m join platform.document n on n.id = m.lost_id where {db.Dialect.In(Sql.Trusted("m.stays_id"), open)} and m.parted_at is null
                """, ct)).Where(l => l.LostId != id && found.TryAdd(l.LostId, l.Title)).ToList();
            open = [.. lost.Select(l => l.LostId)];
        }
        return found;
    }

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Lost(long LostId, string Title);

    private sealed record Row(long Id, long DocumentId, DateTime At, long UserId, long? SeenBy, string Kind, string Source, long? OperationId, string? Changes);
}
