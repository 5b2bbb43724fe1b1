using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Shows a document's history in people's words; whoever may not see the document sees no history of it.</summary>
internal sealed class HistoryQueries(Db db, ModuleCatalog catalog, Reach reach, NameResolver names, Formatter formatter, Caches caches, ICurrentUser me) : IQueryHandler<GetHistory, IReadOnlyList<HistoryEntry>>
{
    public async Task<IReadOnlyList<HistoryEntry>> Handle(GetHistory query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        // Under that id lies the history of the document itself, which other rights open.
        if (d.FiguresOf is not null) throw new NotFound("历史");
        var record = await reach.Any(d, query.Id, ct);
        var before = query.BeforeId ?? long.MaxValue;
        var rows = await db.Query<Row>($"""
            select id, at, user_id, seen_by, kind, source, operation_id, changes from platform.history
            where document_id = {query.Id} and id < {before} order by id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 500))}
            """, ct);
        var mine = record.OwnerId == me.Id;
        var zone = formatter.Zone;
        var parsed = rows.Select(r => (Row: r, Changes: Journal.Read(r.Changes).Select(c => (Field: d.Find(c.Field), c.Field, Old: Plain(d.Find(c.Field), c.Old), New: Plain(d.Find(c.Field), c.New))).ToList())).ToList();
        var titles = await names.Of(parsed.SelectMany(p => p.Changes).Where(c => c.Item1?.Kind == FieldKind.Reference)
            .SelectMany(c => new[] { (c.Item1!.RefersTo!, c.Old as long?), (c.Item1.RefersTo!, c.New as long?) }), ct);
        string? Text(FieldDefinition? f, object? value) => f is null ? value?.ToString() : f.Masked && !mine && value is string s ? DraftChecks.Mask(f, s) : formatter.Text(f, value, titles);
        return [.. parsed.Select(p => new HistoryEntry(p.Row.Id, p.Row.At, Who(p.Row.UserId), p.Row.SeenBy is { } by ? Who(by) : null, p.Row.Kind, p.Row.Source, p.Row.OperationId,
            [.. p.Changes.Where(c => c.Item1?.Hidden != true).Select(c => new FieldChange(c.Item2, c.Item1?.Label ?? c.Item2, Text(c.Item1, c.Old), Text(c.Item1, c.New)))]))];

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

    private string Who(long id) => id == 0 ? "系统" : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Row(long Id, DateTime At, long UserId, long? SeenBy, string Kind, string Source, long? OperationId, string? Changes);
}
