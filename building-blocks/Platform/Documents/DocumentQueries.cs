using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Answers the count, sum, page and choice questions of every document type.</summary>
internal sealed class DocumentQueries(
    Db db, ModuleCatalog catalog, ListSql lists, NameResolver names, Reach reach, ICurrentUser me, Journal journal, ViewMemory views, NameSearch search, Scope scope, Engine engine)
    : IQueryHandler<CountDocuments, ListCount>, IQueryHandler<SumDocuments, ListTotals>, IQueryHandler<GetDocument, DocumentView>, IQueryHandler<FindChoices, IReadOnlyList<Found>>
{
    private const int CountCap = 10_000;

    public async Task<ListCount> Handle(CountDocuments query, CancellationToken ct)
    {
        var count = await db.First<long>(await lists.Count(catalog.Document(query.Type), query.Request, CountCap, ct), ct);
        return new(Math.Min(count, CountCap), count > CountCap);
    }

    public async Task<ListTotals> Handle(SumDocuments query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var fields = d.Fields.Where(f => f.Totalled && !f.Hidden && f.VisibleTo(me)).ToList();
        if (fields.Count == 0) return new(new Dictionary<string, decimal>());
        var sums = (await db.Read(await lists.Sum(d, query.Request, fields, ct), r => fields.Select((_, i) => r.IsDBNull(i) ? 0m : Convert.ToDecimal(r.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)).ToArray(), ct))[0];
        return new(fields.Select((f, i) => (f.Name, Sum: sums[i] / (f.Kind == FieldKind.Money ? 100m : f.Kind == FieldKind.Quantity ? 10_000m : 1m))).ToDictionary(x => x.Name, x => x.Sum));
    }

    public async Task<DocumentView> Handle(GetDocument query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var (record, opened) = await reach.AnyOrOpened(d, query.Id, ct);
        var mine = record.OwnerId == me.Id;
        var maskedFields = d.Fields.Where(f => f.Masked && f.Get(record) is string { Length: > 0 }).ToList();
        var unmask = query.Unmask && !mine && maskedFields.Count > 0;
        if (unmask && (opened || !me.May(d.Permission(DocumentRight.Unmask)))) throw new NotAllowed($"{d.Label}：查看完整内容");
        var masked = mine || unmask ? [] : maskedFields.Select(f => f.Name).ToHashSet();
        if (unmask || d.Fields.Any(f => f.Masked) && views.First(me.SeenBy ?? me.Id, record.Id))
            await db.Unit(async () => { await journal.Write([(record.Id, record.Version, unmask ? "unmask" : "view", null)], ct); return 0; }, ct);
        var values = d.Fields.Where(f => !f.Hidden).ToDictionary(f => f.Name, f => !f.VisibleTo(me) ? null : masked.Contains(f.Name) ? DraftChecks.Mask(f, (string)f.Get(record)!) : f.Get(record));
        return new DocumentView(d.Type, record.Id, record.Version, DocumentDirectory.Title(d, record), values,
            await names.Of(d.Fields.Where(f => f.Kind == FieldKind.Reference).Select(f => (f.RefersTo!, f.Get(record) as long?)), ct),
            opened ? new HashSet<string> { DocumentRight.Read } : await Rights(d, record, ct), masked, record.DeletedAt)
        { Opened = opened };
    }

    /// <summary>What the user may do with this row: what was only shared is not given away or deleted, what was shared for reading not changed either.</summary>
    private async Task<HashSet<string>> Rights(DocumentDefinition d, Document record, CancellationToken ct)
    {
        var held = ModuleCatalog.Rights(d).Where(r => me.May(d.Permission(r)) && (me.SeenBy is null || r is DocumentRight.Read)).ToHashSet();
        var right = await reach.RightOn(d, record, ct);
        if (right != RowRight.Dispose) held.ExceptWith([DocumentRight.Delete, DocumentRight.Restore, DocumentRight.Purge, DocumentRight.Assign, DocumentRight.Share]);
        if (right == RowRight.See) held.ExceptWith([DocumentRight.Update, DocumentRight.Batch]);
        return held;
    }

    public async Task<IReadOnlyList<Found>> Handle(FindChoices query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var take = Math.Clamp(query.Take, 1, 50);
        var table = Sql.Trusted(d.Table);
        var columns = Sql.Trusted($"a.id, a.number, a.{d.Title.Column}{(d.Subtitle is { } sub ? ", a." + sub.Column : "")}");
        var text = query.Text?.Trim() ?? "";
        var among = query.TiedTo is { } tied ? (Sql)$" and {lists.Tie(d, query.TiedBy, tied)}" : null;
        Sql sql;
        if (text.Length > 0 && d.Searchable)
        {
            var hit = await search.Look(d, text, ct);
            sql = hit.Driver is { } driver && hit.Count <= NameSearch.Cap
                ? (Sql)$"select {columns} from {driver} cross join {table} a where a.id = g.document_id and a.deleted_at is null and {hit.Condition} and {scope.Of(d.Type, "a")}{among} order by a.updated_at desc, a.id desc {engine.Page(take)}"
                : $"select {columns} from {table} a where a.deleted_at is null and {hit.Condition} and {scope.Of(d.Type, "a")}{among} order by a.updated_at desc, a.id desc {engine.Page(take)}";
        }
        else
        {
            sql = $"select {columns} from {table} a where a.deleted_at is null and {scope.Of(d.Type, "a")}{among} {Sql.When(text.Length > 0, $"and {engine.Contains(Sql.Trusted("a." + d.Title.Column), text)}")} order by a.updated_at desc, a.id desc {engine.Page(take)}";
        }
        return await db.Read(sql, r => new Found(r.GetInt64(0), d.Type, d.Label, r.GetString(1), r.GetString(2),
            d.Subtitle is { } s && !r.IsDBNull(3) ? names.Quick(s, FieldCodec.FromDb(s, r.GetValue(3))) : null, $"{d.Path}/{r.GetInt64(0)}"), ct);
    }
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
            if (known == 0) names[0] = L("系统");
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
