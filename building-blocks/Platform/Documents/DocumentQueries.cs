using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Answers the list, count, page and choice questions of every document type.</summary>
internal sealed class DocumentQueries(
    Db db, ModuleCatalog catalog, ListSql lists, NameResolver names, Reach reach, ICurrentUser me, Journal journal, ViewMemory views, NameSearch search, Scope scope, Engine engine)
    : IQueryHandler<ListDocuments, ListPage>, IQueryHandler<CountDocuments, ListCount>, IQueryHandler<GetDocument, DocumentView>, IQueryHandler<FindChoices, IReadOnlyList<Found>>
{
    private const int CountCap = 10_000;

    public async Task<ListPage> Handle(ListDocuments query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var request = query.Request;
        var take = Math.Clamp(request.Take, 1, 500);
        var fields = ListSql.Fields(d, request);
        var (sortField, _, _) = ListSql.Sort(d, request);
        var cursor = request.Cursor is { Length: > 0 } text ? Cursor.Decode(text, sortField) : null;
        var skip = cursor is null && request.Page is > 1 and var page ? Math.Min((long)(page - 1) * take, 5_000_000) : 0;
        var backward = cursor?.Backward == true;
        var rows = await db.Read(await lists.Page(d, request, fields, take + 1, skip, cursor, backward, ct), r =>
        {
            var values = new object?[fields.Count];
            var mine = !r.IsDBNull(2) && r.GetInt64(2) == me.Id;
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = FieldCodec.FromDb(fields[i], r.GetValue(4 + i));
                if (fields[i].Masked && !mine && values[i] is string s) values[i] = DraftChecks.Mask(fields[i], s);
            }
            return (Row: new ListRow(r.GetInt64(0), r.GetInt64(1), values), Sort: r.GetValue(3));
        }, ct);
        var more = rows.Count > take;
        if (more) rows.RemoveAt(rows.Count - 1);
        if (backward) rows.Reverse();
        string? At(int i, bool back) => rows.Count == 0 ? null : new Cursor(SortValue(sortField, rows[i].Item2), rows[i].Row.Id, back).Encode();
        var references = fields.Select((f, i) => (f, i)).Where(x => x.f.Kind == FieldKind.Reference).ToList();
        return new ListPage(
            [.. fields.Select(f => f.Name)], [.. rows.Select(r => r.Row)],
            backward || more ? At(rows.Count - 1, false) : null,
            (backward ? more : cursor is not null || skip > 0) ? At(0, true) : null,
            await names.Of(references.SelectMany(x => rows.Select(r => (x.f.RefersTo!, r.Row.Values[x.i] as long?))), ct))
        { Skipped = cursor is null ? skip : null };
    }

    public async Task<ListCount> Handle(CountDocuments query, CancellationToken ct)
    {
        var count = await db.First<long>(await lists.Count(catalog.Document(query.Type), query.Request, CountCap, ct), ct);
        return new(Math.Min(count, CountCap), count > CountCap);
    }

    public async Task<DocumentView> Handle(GetDocument query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var (record, opened) = await reach.AnyOrOpened(d, query.Id, ct);
        var mine = record.OwnerId == me.Id;
        var maskedFields = d.Fields.Where(f => f.Masked && f.Get(record) is string { Length: > 0 }).ToList();
        var unmask = query.Unmask && !mine && maskedFields.Count > 0;
        if (unmask && (opened || !me.May(d.Permission(DocumentRight.Unmask)))) throw new NotAllowed($"{d.Label}：查看完整号码");
        var masked = mine || unmask ? [] : maskedFields.Select(f => f.Name).ToHashSet();
        if (unmask || d.Fields.Any(f => f.Masked) && views.First(me.Id, record.Id))
            await db.Unit(async () => { await journal.Write([(record.Id, record.Version, unmask ? "unmask" : "view", null)], ct); return 0; }, ct);
        var values = d.Fields.Where(f => !f.Hidden).ToDictionary(f => f.Name, f => masked.Contains(f.Name) ? DraftChecks.Mask(f, (string)f.Get(record)!) : f.Get(record));
        return new DocumentView(d.Type, record.Id, record.Version, DocumentDirectory.Title(d, record), values,
            await names.Of(d.Fields.Where(f => f.Kind == FieldKind.Reference).Select(f => (f.RefersTo!, f.Get(record) as long?)), ct),
            ModuleCatalog.Rights(d).Where(r => me.May(d.Permission(r)) && (me.SeenBy is null && !opened || r is DocumentRight.Read)).ToHashSet(), masked, record.DeletedAt) { Opened = opened };
    }

    public async Task<IReadOnlyList<Found>> Handle(FindChoices query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var take = Math.Clamp(query.Take, 1, 50);
        var table = Sql.Trusted(d.Table);
        var columns = Sql.Trusted($"a.id, a.number, a.{d.Title.Column}{(d.Subtitle is { } sub ? ", a." + sub.Column : "")}");
        var text = query.Text?.Trim() ?? "";
        Sql sql;
        if (text.Length > 0 && d.Searchable)
        {
            var hit = await search.Look(d, text, ct);
            sql = hit.Driver is { } driver && hit.Count <= NameSearch.Cap
                ? (Sql)$"select {columns} from {driver} cross join {table} a where a.id = g.document_id and a.deleted_at is null and {hit.Condition} and {scope.Of(d.Type, "a")} order by a.updated_at desc, a.id desc {engine.Page(take)}"
                : $"select {columns} from {table} a where a.deleted_at is null and {hit.Condition} and {scope.Of(d.Type, "a")} order by a.updated_at desc, a.id desc {engine.Page(take)}";
        }
        else
        {
            sql = $"select {columns} from {table} a where a.deleted_at is null and {scope.Of(d.Type, "a")} {Sql.When(text.Length > 0, $"and {engine.Contains(Sql.Trusted("a." + d.Title.Column), text)}")} order by a.updated_at desc, a.id desc {engine.Page(take)}";
        }
        return await db.Read(sql, r => new Found(r.GetInt64(0), d.Type, d.Label, r.GetString(1), r.GetString(2),
            d.Subtitle is { } s && !r.IsDBNull(3) ? names.Quick(s, FieldCodec.FromDb(s, r.GetValue(3))) : null, $"{d.Path}/{r.GetInt64(0)}"), ct);
    }

    internal static object? SortValue(FieldDefinition f, object raw) =>
        raw is DBNull ? null
        : f.SortColumn is not null ? raw
        : f.Kind is FieldKind.Money or FieldKind.Quantity ? raw
        : FieldCodec.FromDb(f, raw);
}

/// <summary>Titles of what rows refer to: people and departments from memory, all else from the directory.</summary>
internal sealed class NameResolver(Caches caches, DocumentDirectory directory, Formatter formatter)
{
    public async Task<IReadOnlyDictionary<long, string>> Of(IEnumerable<(string Type, long? Id)> references, CancellationToken ct)
    {
        var names = new Dictionary<long, string>();
        var rest = new HashSet<long>();
        foreach (var (type, id) in references)
        {
            if (id is not { } known || names.ContainsKey(known)) continue;
            if (known == 0) names[0] = "系统";
            else if (type == "user" && caches.Organization.Person(known) is { } person) names[known] = person.Name;
            else if (type == "department" && caches.Organization.Department(known) is { } department) names[known] = department.Name;
            else rest.Add(known);
        }
        foreach (var (id, title) in await directory.Titles(rest, ct)) names[id] = title;
        return names;
    }

    /// <summary>A value's text without the database.</summary>
    public string? Quick(FieldDefinition f, object? value) => formatter.Text(f, value,
        value is long id && f.RefersTo == "user" && caches.Organization.Person(id) is { } p ? new Dictionary<long, string> { [id] = p.Name }
        : value is long dep && f.RefersTo == "department" && caches.Organization.Department(dep) is { } dd ? new Dictionary<long, string> { [dep] = dd.Name }
        : new Dictionary<long, string>());
}

/// <summary>Who looked at which document lately, so that a view is written down once in half an hour.</summary>
internal sealed class ViewMemory(TimeProvider clock)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(long User, long Document), DateTimeOffset> seen = new();

    public bool First(long user, long document)
    {
        if (user == 0) return false;
        var now = clock.GetUtcNow();
        if (seen.TryGetValue((user, document), out var at) && now - at < TimeSpan.FromMinutes(30)) return false;
        if (seen.Count > 200_000) seen.Clear();
        seen[(user, document)] = now;
        return true;
    }
}
