using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>What users keep for themselves: saved queries, column choices, pinned menus.</summary>
internal sealed class PersonalSettings(Db db, ICurrentUser me, IIds ids)
    : IQueryHandler<ListSavedQueries, IReadOnlyList<SavedQuery>>, ICommandHandler<SaveQuery, long>, ICommandHandler<DeleteQuery, Done>,
      IQueryHandler<GetPreference, string?>, ICommandHandler<SetPreference, Done>
{
    public async Task<IReadOnlyList<SavedQuery>> Handle(ListSavedQueries query, CancellationToken ct) =>
        [.. (await db.Query<Row>($"select id, user_id, name, shared, request from platform.saved_query where type = {query.Type} and (user_id = {me.Id} or shared = {true}) order by name, id", ct))
            .Select(r => new SavedQuery(r.Id, r.Name, JsonSerializer.Deserialize<ListRequest>(r.Request)!, r.Shared, r.UserId == me.Id))];

    public async Task<long> Handle(SaveQuery command, CancellationToken ct)
    {
        var name = Sdk.Text.TextNorm.Clean(command.Name);
        if (name.Length is 0 or > 60) throw new Invalid("name", name.Length == 0 ? "请填写常用查询的名称。" : "名称最多 60 个字。");
        var request = JsonSerializer.Serialize(command.Request with { Cursor = null, Page = null }, Journal.Json);
        if (request.Length > 20_000) throw new Invalid("", "查询条件过多，无法保存。");
        await db.Execute($"delete from platform.saved_query where user_id = {me.Id} and type = {command.Type} and name = {name}", ct);
        var id = ids.Next();
        await db.Insert("platform.saved_query", ["id", "user_id", "type", "name", "shared", "request"], [[id, me.Id, command.Type, name, command.Shared, request]], ct);
        return id;
    }

    public async Task<Done> Handle(DeleteQuery command, CancellationToken ct)
    {
        if (await db.Execute($"delete from platform.saved_query where id = {command.Id} and user_id = {me.Id}", ct) == 0) throw new NotFound("常用查询");
        return default;
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
}
