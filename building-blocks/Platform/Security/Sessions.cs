using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using KuaipuCrm.Platform.Data;

namespace KuaipuCrm.Platform.Security;

/// <summary>A signed-in browser.</summary>
/// <param name="Id">Hash of the secret in the cookie; the secret itself is kept nowhere.</param>
/// <param name="AsUserId">While an administrator sees as another user.</param>
public sealed record Session(string Id, long UserId, long? AsUserId, DateTime ExpiresAt, string Address)
{
    public long EffectiveUserId => AsUserId ?? UserId;
}

/// <summary>Sessions are rows: they end at once on sign-out, disable, password change, on every host. What was read is believed for two seconds.</summary>
public sealed class Sessions(Engine engine, TimeProvider clock)
{
    /// <summary>A session lives so long without use.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (Session? Session, DateTimeOffset At)> known = new();

    /// <returns>The secret for the cookie.</returns>
    public async Task<string> Start(long userId, string address, string agent, CancellationToken ct)
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var now = clock.GetUtcNow().UtcDateTime;
        var db = new Db(engine);
        await db.Unit(async () =>
        {
            await db.Insert("platform.session", ["id", "user_id", "created_at", "seen_at", "expires_at", "address", "agent"],
                [[Hash(secret), userId, now, now, now + Idle, address, agent.Length > 200 ? agent[..200] : agent]], ct);
            return 0;
        }, ct);
        return secret;
    }

    /// <summary>The living session of a cookie's secret.</summary>
    public Task<Session?> BySecret(string secret, CancellationToken ct) => secret.Length is > 30 and < 60 ? ById(Hash(secret), ct) : Task.FromResult<Session?>(null);

    /// <summary>The living session of that id; null once it has ended.</summary>
    public async Task<Session?> ById(string id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (known.TryGetValue(id, out var k) && now - k.At < Believed) return k.Session;
        var db = new Db(engine);
        var row = await db.First<Row>($"select id, user_id, as_user_id, expires_at, seen_at, address from platform.session where id = {id}", ct);
        var session = row is null || row.ExpiresAt <= now.UtcDateTime ? null : new Session(row.Id, row.UserId, row.AsUserId, row.ExpiresAt, row.Address);
        if (known.Count > 10_000) known.Clear();
        known[id] = (session, now);
        if (session is not null && now.UtcDateTime - row!.SeenAt > TimeSpan.FromMinutes(10))
        {
            var expires = now.UtcDateTime + Idle;
            try
            {
                await db.Unit(() => db.Execute($"update platform.session set seen_at = {now.UtcDateTime}, expires_at = {expires} where id = {id}", ct), ct);
            }
            catch (Exception e) when (engine.Trouble(e) is not null)
            {
                // A database that can't be written now must not end sessions; the next look tries again.
            }
        }
        return session;
    }

    public async Task End(string id, CancellationToken ct)
    {
        var db = new Db(engine);
        await db.Unit(() => db.Execute($"delete from platform.session where id = {id}", ct), ct);
        Forget(id);
    }

    /// <summary>Sets or ends seeing as another user.</summary>
    public async Task SeeAs(string id, long? userId, CancellationToken ct)
    {
        var db = new Db(engine);
        await db.Unit(() => db.Execute($"update platform.session set as_user_id = {userId} where id = {id}", ct), ct);
        Forget(id);
    }

    internal void Forget(string id) => known.TryRemove(id, out _);

    internal void ForgetAll() => known.Clear();

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private sealed record Row(string Id, long UserId, long? AsUserId, DateTime ExpiresAt, DateTime SeenAt, string Address);
}
