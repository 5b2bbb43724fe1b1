using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Comments between superiors and their people, over all document types, each only where the document may be seen.</summary>
internal sealed class CommentInbox(Db db, ModuleCatalog catalog, DocumentTypes types, Caches caches, IScope scope, ICurrentUser me) : IQueryHandler<ListCommentInbox, IReadOnlyList<InboxComment>>
{
    public async Task<IReadOnlyList<InboxComment>> Handle(ListCommentInbox query, CancellationToken ct)
    {
        var organization = caches.Organization;
        var (writers, owners) = query.Given ? ([me.Id], organization.Subordinates(me.Id)) : (Superiors(organization), (IReadOnlyList<long>)[me.Id]);
        long? only = query.Type is { Length: > 0 } name ? catalog.FindDocument(name) is { } named ? types.Id(named.Type) : throw new Invalid("type", "没有这种单据。") : null;
        if (me.Id == 0 || writers.Count == 0 || owners.Count == 0) return [];
        var (take, before) = (Math.Clamp(query.Take, 1, 200), query.BeforeId ?? long.MaxValue);
        var found = new List<Row>();
        // What may not be seen leaves gaps; they are filled from what is older, a few times.
        for (var round = 0; found.Count < take && round < 5; round++)
        {
            var rows = await db.Query<Row>($"""
                select c.id, c.at, c.user_id, c.text, c.document_id, d.type_id, d.title, d.owner_id from platform.comment c join platform.document d on d.id = c.document_id
                where {db.Dialect.In(Sql.Trusted("c.user_id"), writers)} and {db.Dialect.In(Sql.Trusted("d.owner_id"), owners)} and c.id < {before} and c.withdrawn_at is null and d.deleted = {false}
                    {Sql.When(only is not null, $"and d.type_id = {only}")} order by c.id desc {db.Dialect.Page(take)}
                """, ct);
            var seen = await Seen(rows, ct);
            found.AddRange(rows.Where(r => seen.Contains(r.DocumentId)));
            if (rows.Count < take) break;
            before = rows[^1].Id;
        }
        string Who(long id) => organization.Person(id)?.Name ?? "系统";
        return [.. found.Take(take).Select(r => (Row: r, Definition: catalog.FindDocument(types.Name(r.TypeId)!)!))
            .Select(x => new InboxComment(x.Row.Id, x.Row.At, Who(x.Row.UserId), Who(x.Row.OwnerId), x.Definition.Type, x.Definition.Label, x.Row.DocumentId, x.Row.Title, $"{x.Definition.Path}/{x.Row.DocumentId}", x.Row.Text))];
    }

    private async Task<HashSet<long>> Seen(IReadOnlyList<Row> rows, CancellationToken ct)
    {
        var seen = new HashSet<long>();
        foreach (var group in rows.GroupBy(r => r.TypeId))
            if (types.Name(group.Key) is { } type && catalog.FindDocument(type) is { } d && me.May(d.Permission(DocumentRight.Read)))
                seen.UnionWith(await db.Query<long>($"select t.id from {Sql.Trusted(d.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), [.. group.Select(r => r.DocumentId).Distinct()])} and t.deleted_at is null and {scope.Of(type, "t")}", ct));
        return seen;
    }

    private List<long> Superiors(OrganizationSnapshot organization)
    {
        var above = new List<long>();
        for (var at = organization.Person(me.Id); at is not null && organization.SuperiorOf(at) is { } superior && superior != me.Id && !above.Contains(superior); at = organization.Person(superior)) above.Add(superior);
        return above;
    }

    private sealed record Row(long Id, DateTime At, long UserId, string Text, long DocumentId, long TypeId, string Title, long OwnerId);
}
