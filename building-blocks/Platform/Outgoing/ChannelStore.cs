using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>A channel with its secrets, ready for use.</summary>
internal sealed record Channel(long Id, string Kind, string Name, bool Enabled, string Settings, string? Secret)
{
    public T As<T>() => JsonSerializer.Deserialize<T>(Settings, JsonSerializerOptions.Web)!;
}

/// <summary>What a robot's secret is made of: its address holds a key.</summary>
internal sealed record RobotSecret(string Url, string? Sign);

/// <summary>The channels as they stand in the database; read each time, as it is never more than once a batch.</summary>
internal sealed class ChannelStore(Engine engine, Secrets secrets, TimeProvider clock)
{
    public async Task<IReadOnlyList<Channel>> On(IReadOnlyCollection<string> kinds, CancellationToken ct)
    {
        var db = new Db(engine);
        return [.. (await db.Query<Row>($"select id, kind, name, enabled, settings, secret from platform.channel where enabled = {true} and {db.Dialect.In(Sql.Trusted("kind"), kinds)} order by id", ct)).Select(Open)];
    }

    public async Task<Channel?> Find(Db db, long id, CancellationToken ct) =>
        await db.First<Row>($"select id, kind, name, enabled, settings, secret from platform.channel where id = {id}", ct) is { } row ? Open(row) : null;

    /// <summary>Notes how the last connection went.</summary>
    public async Task Note(long id, string? error)
    {
        var (db, now) = (new Db(engine), clock.GetUtcNow().UtcDateTime);
        if (error?.Length > 1000) error = error[..1000];
        await db.Unit(() => db.Execute($"update platform.channel set last_error = {error}, last_at = {now} where id = {id}"));
    }

    private Channel Open(Row r) => new(r.Id, r.Kind, r.Name, r.Enabled, r.Settings, secrets.Show(r.Secret));

    private sealed record Row(long Id, string Kind, string Name, bool Enabled, string Settings, string? Secret);
}
