using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>What users keep for themselves: saved queries, column choices, pinned menus.</summary>
internal sealed class PersonalSettings(Db db, ICurrentUser me, IIds ids, Organization.Caches caches)
    : IQueryHandler<ListSavedQueries, IReadOnlyList<SavedQuery>>, ICommandHandler<SaveQuery, long>, ICommandHandler<DeleteQuery, Done>,
      IQueryHandler<GetPreference, string?>, ICommandHandler<SetPreference, Done>
{
    public async Task<IReadOnlyList<SavedQuery>> Handle(ListSavedQueries query, CancellationToken ct)
    {
        var rows = await db.Query<Row>($"""
            select q.id, q.user_id, q.name, q.shared, q.request from platform.saved_query q
            where q.type = {query.Type} and (q.user_id = {me.Id} or q.shared = {true} or q.id in (select r.query_id from platform.query_reader r where r.user_id = {me.Id})) order by q.name, q.id
            """, ct);
        var readers = (await db.Query<Reader>($"select r.query_id, r.user_id from platform.query_reader r where {db.Dialect.In(Sql.Trusted("r.query_id"), [.. rows.Where(r => r.UserId == me.Id).Select(r => r.Id)])}", ct)).ToLookup(r => r.QueryId, r => r.UserId);
        return [.. rows.Select(r => new SavedQuery(r.Id, r.Name, JsonSerializer.Deserialize<ListRequest>(r.Request)!, r.Shared, r.UserId == me.Id, caches.Organization.Person(r.UserId)?.Name ?? "", [.. readers[r.Id]]))];
    }

    public async Task<long> Handle(SaveQuery command, CancellationToken ct)
    {
        var name = Sdk.Text.TextNorm.Clean(command.Name);
        if (name.Length is 0 or > 60) throw new Invalid("name", name.Length == 0 ? "请填写常用查询的名称。" : "名称最多 60 个字。");
        var request = JsonSerializer.Serialize(command.Request with { Cursor = null, Page = null }, Journal.Json);
        if (request.Length > 20_000) throw new Invalid("", "查询条件过多，无法保存。");
        if (command.With is { Count: > 200 }) throw new Invalid("with", "最多共享给 200 位同事。");
        if (command.With?.Any(u => caches.Organization.Person(u) is not { Enabled: true }) == true) throw new Invalid("with", "所选的同事不存在或已停用。");
        await Forget($"q.user_id = {me.Id} and q.type = {command.Type} and q.name = {name}", ct);
        var id = ids.Next();
        await db.Insert("platform.saved_query", ["id", "user_id", "type", "name", "shared", "request"], [[id, me.Id, command.Type, name, command.Shared, request]], ct);
        await db.Insert("platform.query_reader", ["user_id", "query_id"], (command.With ?? []).Distinct().Where(u => u != me.Id).Select(u => new object?[] { u, id }), ct);
        return id;
    }

    public async Task<Done> Handle(DeleteQuery command, CancellationToken ct)
    {
        // One shared with everyone outlives its author: administrators clear it away.
        if (await Forget($"q.id = {command.Id} and (q.user_id = {me.Id} {Sql.When(me.May(Permissions.Everything), $"or q.shared = {true}")})", ct) == 0) throw new NotFound("常用查询");
        return default;
    }

    private async Task<int> Forget(Sql which, CancellationToken ct)
    {
        await db.Execute($"delete from platform.query_reader where query_id in (select q.id from platform.saved_query q where {which})", ct);
        return await db.Execute($"delete from platform.saved_query where id in (select q.id from platform.saved_query q where {which})", ct);
    }

    public Task<string?> Handle(GetPreference query, CancellationToken ct) =>
        db.First<string>($"select value from platform.preference where user_id = {me.Id} and name = {query.Key}", ct);

    public async Task<Done> Handle(SetPreference command, CancellationToken ct)
    {
        if (command.Key.Length is 0 or > 100 || command.Value.Length > 8_000) throw new Invalid("", "个人设置过长。");
        // Whoever looks through another's eyes leaves no trace in the other's desktop.
        if (me.SeenBy is not null) return default;
        if (await db.Execute($"update platform.preference set value = {command.Value} where user_id = {me.Id} and name = {command.Key}", ct) == 0)
            await db.Insert("platform.preference", ["user_id", "name", "value"], [[me.Id, command.Key, command.Value]], ct);
        return default;
    }

    private sealed record Row(long Id, long UserId, string Name, bool Shared, string Request);

    private sealed record Reader(long QueryId, long UserId);
}
