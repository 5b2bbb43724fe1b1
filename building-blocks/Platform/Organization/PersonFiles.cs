using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>What a person owns or takes part in, cut by the viewer's data scope (UI-7).</summary>
internal sealed class PersonFiles(Db db, ModuleCatalog catalog, Scope scope, Caches caches, NameResolver names, Formatter formatter, ICurrentUser me) : IQueryHandler<GetPersonFile, PersonFile>, IQueryHandler<ListHeld, HeldPage>
{
    private const int CountCap = 10_000, PageSize = 50;

    public async Task<PersonFile> Handle(GetPersonFile query, CancellationToken ct)
    {
        if (caches.Organization.Person(query.Id) is not { } p) throw new NotFound("员工");
        // All types in one statement, each counted along its own index of owners, or of who takes part.
        var owned = catalog.Documents.Where(d => d is { Owned: true, FiguresOf: null }).OrderBy(d => catalog.Modules.ToList().FindIndex(m => m.Id == d.Module)).ToList();
        var order = Sql.Trusted(db.Dialect.Name == "sqlserver" ? "order by a.id" : "");
        List<(DocumentDefinition Of, bool Part)> asked = [.. owned.Select(d => (d, false)), .. owned.Where(HasParts).Select(d => (d, true))];
        var counts = asked.Count == 0 ? [] : (await db.Query<Count>(Sql.Join(" union all ", asked.Select(x => (Sql)$"""
            select {x.Of.Type} as type, {(x.Part ? 1L : 0L)} as part, count(*) as n from (select 1 as one from {Sql.Trusted(x.Of.Table)} a where {Whose(x.Of, p.Id, x.Part)} and a.deleted_at is null and {scope.Of(x.Of.Type, "a")} {order} {db.Dialect.Page(CountCap)}) c
            """)), ct)).ToDictionary(c => (c.Type, c.Part != 0), c => c.N);
        IReadOnlyList<Holding> Found(bool part) => [.. owned.Where(d => counts.GetValueOrDefault((d.Type, part)) > 0).Select(d => new Holding(d.Type, d.Label, counts[(d.Type, part)]))];
        var titles = await names.Of([("post", p.PostId)], ct);
        var superior = caches.Organization.SuperiorOf(p);
        return new(p.Id, p.Name, p.Login, p.DepartmentId, p.DepartmentId is { } department ? caches.Organization.Department(department)?.Name : null, p.PostId is { } post ? titles.GetValueOrDefault(post) : null,
            superior, superior is { } s ? caches.Organization.Person(s)?.Name : null, p.Enabled, Found(false), Found(true));
    }

    public async Task<HeldPage> Handle(ListHeld query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        if (!d.Owned || d.FiguresOf is not null || query.Part && !HasParts(d) || caches.Organization.Person(query.PersonId) is null) throw new NotFound("员工");
        var status = d.Status is { Custom: false } s && s.VisibleTo(me) ? s : null;
        var rows = await db.Read($"""
            select a.id, a.number, {Sql.Trusted("a." + d.Title.Column)}, a.updated_at{Sql.Trusted(status is null ? "" : ", a." + status.Column)} from {Sql.Trusted(d.Table)} a
            where {Whose(d, query.PersonId, query.Part)} and a.deleted_at is null and {scope.Of(d.Type, "a")} order by a.updated_at desc, a.id desc {db.Dialect.Page(PageSize + 1, (long)(Math.Clamp(query.Page, 1, 1_000) - 1) * PageSize)}
            """, r => new HeldDocument(r.GetInt64(0), r.GetString(1), r.GetString(2), status is null || r.IsDBNull(4) ? null : formatter.Text(status, FieldCodec.FromDb(status, r.GetValue(4)), new Dictionary<long, string>()), FieldCodec.Instant(r.GetValue(3))), ct);
        return new([.. rows.Take(PageSize)], rows.Count > PageSize, me.May(d.Permission(DocumentRight.Read)));
    }

    private static bool HasParts(DocumentDefinition d) => d.Participants.Count > 0 || d.Team is not null;

    /// <summary>Rows the person owns, or those of others the person takes part in.</summary>
    private static Sql Whose(DocumentDefinition d, long person, bool part)
    {
        if (!part) return $"a.owner_id = {person}";
        List<Sql> ways = [.. d.Participants.Select(f => (Sql)$"{Sql.Trusted("a." + f.Column)} = {person}")];
        if (d.Team is { } team) ways.Add($"a.id in (select p.{Sql.Trusted(team.Column)} from {Sql.Trusted(team.People)} p where p.user_id = {person})");
        return $"({Sql.Join(" or ", ways)}) and (a.owner_id is null or a.owner_id <> {person})";
    }

    private sealed record Count(string Type, long Part, long N);
}
