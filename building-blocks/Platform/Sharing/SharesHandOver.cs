using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Sharing;

/// <summary>What was shared with someone who leaves is shared with the heir (SET-1), on the same terms; not what the heir owns or has shared already.</summary>
internal sealed class SharesHandOver(Db db, ModuleCatalog catalog, DocumentTypes types, Access access, TimeProvider clock) : IHandsOver
{
    public string Name => "shares";
    public string Label => "共享给其的资料";

    public Task<long> Count(long personId, CancellationToken ct) => db.First<long>($"select count(*) from platform.share s where s.user_id = {personId} and {Active()}", ct);

    public async Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct)
    {
        var rows = await db.Query<Row>($"""
            select s.id, s.document_id, s.type_id from platform.share s join platform.document n on n.id = s.document_id
            where s.user_id = {from} and {Active()} and (n.owner_id is null or n.owner_id <> {to}) {Sql.When(only is not null, $"and {db.Dialect.In(Sql.Trusted("s.id"), only ?? [])}")}
            and not exists (select 1 from platform.share o where o.document_id = s.document_id and o.target_id = {to} and o.ended_at is null)
            """, ct);
        if (rows.Count == 0) return [];
        await db.Execute($"update platform.share set user_id = {to}, target_id = {to} where {db.Dialect.In(Sql.Trusted("id"), [.. rows.Select(r => r.Id)])}", ct);
        foreach (var group in rows.GroupBy(r => r.TypeId))
            if (types.Name(group.Key) is { } type && catalog.FindDocument(type) is { } d)
            {
                List<long> documents = [.. group.Select(r => r.DocumentId).Distinct()];
                await access.Reopen(d, documents, ct);
                await access.FollowFrom(d.Type, documents, ct);
            }
        return [.. rows.Select(r => r.Id)];
    }

    private Sql Active() => $"s.ended_at is null and (s.until is null or s.until > {clock.GetUtcNow().UtcDateTime})";

    private sealed record Row(long Id, long DocumentId, long TypeId);
}
