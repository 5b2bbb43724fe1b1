using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Writes the access rows the scope reads: who sees a document through the owners and the shares of what it is tied to (SEC-2, CUS-15).</summary>
internal sealed class Access(Db db, DocumentTypes types, ModuleCatalog catalog, IScope scope, AccessMemory memory, IChanged changed, TimeProvider clock) : IAccess
{
    private const string Why = "who sees what follows from ties, whoever may see their ends";

    public async Task Replace(string documentType, string cause, IReadOnlyCollection<long> documents, IEnumerable<AccessGrant> grants, CancellationToken ct = default)
    {
        var type = types.Id(documentType);
        foreach (var chunk in documents.Chunk(1000))
            await db.Execute($"delete from platform.access where cause = {cause} and type_id = {type} and {db.Dialect.In(Sql.Trusted("document_id"), chunk)}", ct);
        await Add(type, cause, grants, ct);
    }

    public async Task Follow(string documentType, IReadOnlyCollection<long> documents, CancellationToken ct = default)
    {
        var d = catalog.Document(documentType);
        var links = Links(d).Where(l => l.Opens || HasShares(l.On)).ToList();
        if (links.Count == 0 || documents.Count == 0) return;
        var shareable = links.Any(l => HasShares(l.On));
        foreach (var chunk in documents.Distinct().Chunk(500))
        {
            List<AccessGrant> owners = [], shared = [];
            foreach (var link in links)
            {
                var rows = await db.Query<Pair>($"""
                    select l.on_id, l.tied_id, l.owner_id, o.owner_id as on_owner_id, o.department_id as on_department_id
                    from ({link.Pairs(chunk)}) l join platform.document o on o.id = l.on_id where o.deleted = {false} and o.owner_id is not null
                    """, ct);
                // Only another owner than the document's own opens it to someone new: for most rows there is nothing to write.
                if (link.Opens) owners.AddRange(rows.Where(r => r.OnOwnerId != r.OwnerId).Select(r => new AccessGrant(r.TiedId, r.OnId, r.OnOwnerId, r.OnDepartmentId)));
                if (rows.Count == 0 || !HasShares(link.On)) continue;
                var shares = (await Shares([.. rows.Select(r => r.OnId).Distinct()], ct)).Where(s => s.Carries(d.Type)).ToLookup(s => s.DocumentId);
                shared.AddRange(from r in rows from s in shares[r.OnId] select new AccessGrant(r.TiedId, r.OnId, s.UserId, s.DepartmentId, s.Until));
            }
            if (links.Any(l => l.Opens)) await Replace(d.Type, AccessCause.Owner, chunk, owners.Distinct(), ct);
            if (shareable) await Replace(d.Type, AccessCause.Shared, chunk, shared.Distinct(), ct);
        }
    }

    public async Task FollowFrom(string documentType, IReadOnlyCollection<long> documents, CancellationToken ct = default)
    {
        var on = catalog.Document(documentType);
        if (on.Shareable && memory.Any(types.Id(on.Type))) await Reopen(on, documents, ct);
        foreach (var d in catalog.Documents)
        {
            var links = Links(d).Where(l => (l.On ?? on) == on && (l.Opens || l.On is not null && HasShares(on))).ToList();
            if (links.Count == 0) continue;
            foreach (var chunk in documents.Chunk(500))
            {
                var tied = new HashSet<long>();
                foreach (var link in links) tied.UnionWith(await db.Query<long>(link.Tied(chunk), ct));
                await Follow(d.Type, tied, ct);
            }
        }
    }

    /// <summary>Whether a document of the type is opened by what its fields refer to; asked for each that is saved.</summary>
    public bool FollowsFields(DocumentDefinition d) => Links(d).Any(l => l.IsField && (l.Opens || HasShares(l.On)));

    /// <summary>Opens documents to whom they are shared with; what belongs to nobody is shared by nobody.</summary>
    public async Task Reopen(DocumentDefinition d, IReadOnlyCollection<long> documents, CancellationToken ct)
    {
        foreach (var chunk in documents.Chunk(500))
        {
            var owned = (await db.Query<long>($"select id from platform.document where {db.Dialect.In(Sql.Trusted("id"), chunk)} and owner_id is not null", ct)).ToHashSet();
            var shares = (await Shares([.. owned], ct)).ToLookup(s => s.Writes);
            foreach (var (cause, some) in new[] { (AccessCause.Share, shares[false]), (AccessCause.Edit, shares[true]) })
                await Replace(d.Type, cause, chunk, some.Select(s => new AccessGrant(s.DocumentId, s.DocumentId, s.UserId, s.DepartmentId, s.Until)), ct);
        }
    }

    public long TypeId(DocumentDefinition d) => types.Id(d.Type);

    /// <summary>Document types whose documents are tied to the type's by a field or a table, each once.</summary>
    public IReadOnlyList<DocumentDefinition> TiedTypes(DocumentDefinition on) => [.. catalog.Documents.Where(d => d != on && d.Owned && Links(d).Any(l => l.On == on))];

    private async Task Add(long type, string cause, IEnumerable<AccessGrant> grants, CancellationToken ct)
    {
        var rows = grants.Select(g => new object?[] { type, g.DocumentId, g.UserId, g.DepartmentId, cause, g.SourceId, g.Until }).ToList();
        if (rows.Count == 0) return;
        await db.Insert("platform.access", ["type_id", "document_id", "user_id", "department_id", "cause", "source_id", "until"], rows, ct);
        if (memory.Any(type)) return;
        // Other hosts hear of the type's first rows; marking each change would let all who save wait for one row.
        memory.Add(type);
        changed.Mark(Cached.Access);
    }

    private bool HasShares(DocumentDefinition? on) => on?.Shareable == true && memory.Any(types.Id(on.Type));

    private async Task<IReadOnlyList<ShareRow>> Shares(IReadOnlyCollection<long> documents, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return documents.Count == 0 ? [] : await db.Query<ShareRow>($"""
            select s.document_id, s.user_id, s.department_id, s.writes, s.until, s.kinds from platform.share s
            where {db.Dialect.In(Sql.Trusted("s.document_id"), documents)} and s.ended_at is null and (s.until is null or s.until > {now})
            """, ct);
    }

    private IEnumerable<Link> Links(DocumentDefinition d)
    {
        if (d.FiguresOf is not null) yield break;
        var table = Sql.Trusted(d.Table);
        foreach (var f in d.Declared.Where(f => f.RefersTo == FieldDefinition.AnyType))
        {
            var column = Sql.Trusted("t." + f.Column);
            yield return new(null, f.OpensWithOwner, true,
                ids => $"select {column} as on_id, t.id as tied_id, t.owner_id from {table} t where {db.Dialect.In(Sql.Trusted("t.id"), ids)} and {column} is not null and {scope.All(d.Type, Why)}",
                ids => $"select t.id from {table} t where {db.Dialect.In(column, ids)} and {scope.All(d.Type, Why)}");
        }
        foreach (var f in d.Declared.Where(f => f is { Kind: FieldKind.Reference, System: false } && catalog.FindDocument(f.RefersTo!) is { Owned: true } on && on != d))
        {
            var column = Sql.Trusted("t." + f.Column);
            yield return new(catalog.Document(f.RefersTo!), f.OpensWithOwner, true,
                ids => $"select {column} as on_id, t.id as tied_id, t.owner_id from {table} t where {db.Dialect.In(Sql.Trusted("t.id"), ids)} and {column} is not null and {scope.All(d.Type, Why)}",
                ids => $"select t.id from {table} t where {db.Dialect.In(column, ids)} and {scope.All(d.Type, Why)}");
        }
        foreach (var tie in catalog.Modules.SelectMany(m => m.Definition.Ties).Where(t => t.Type == d.Type && t.On != d.Type && catalog.FindDocument(t.On) is not null))
        {
            var (pairs, on, column) = (Sql.Trusted(tie.Table), Sql.Trusted("p." + tie.OnColumn), Sql.Trusted("p." + tie.Column));
            yield return new(catalog.Document(tie.On), tie.OpensWithOwner, false,
                ids => $"select {on} as on_id, {column} as tied_id, t.owner_id from {pairs} p join {table} t on t.id = {column} where {db.Dialect.In(column, ids)} and {scope.All(d.Type, Why)}",
                ids => $"select {column} from {pairs} p where {db.Dialect.In(on, ids)}");
        }
    }

    /// <param name="On">Null: documents of any type; their shares carry nothing along.</param>
    /// <param name="Pairs">The pairs of the given tied documents: <c>on_id, tied_id, owner_id</c>.</param>
    /// <param name="Tied">The ids of what is tied to the given documents.</param>
    private sealed record Link(DocumentDefinition? On, bool Opens, bool IsField, Func<IReadOnlyCollection<long>, Sql> Pairs, Func<IReadOnlyCollection<long>, Sql> Tied);

    private sealed record Pair(long OnId, long TiedId, long? OwnerId, long? OnOwnerId, long? OnDepartmentId);

    private sealed record ShareRow(long DocumentId, long? UserId, long? DepartmentId, bool Writes, DateTime? Until, string Kinds)
    {
        public bool Carries(string kind) => Kinds.Split(',').Contains(kind);
    }
}
