using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using KuaipuCrm.Platform.Data;

namespace KuaipuCrm.Platform.Security.Tokens;

/// <summary>Finds the living token of a secret. Tokens are rows: they end at once when revoked, expired or their user is disabled. What was read is believed for two seconds.</summary>
public sealed class TokenKeys(Engine engine, TimeProvider clock)
{
    /// <summary>Begins every token, so that scanners for secrets find one that was published by mistake.</summary>
    public const string Prefix = "kpc_";
    private const int Length = 68;
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (Token? Token, DateTimeOffset At)> known = new();

    /// <summary>256 random bits: guessing is hopeless, so a plain hash keeps it.</summary>
    internal static string NewSecret() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    internal static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Whether this was a living token a moment ago.</summary>
    internal bool Knows(string secret) => secret.Length == Length && known.TryGetValue(Hash(secret), out var k) && k.Token is not null;

    /// <summary>The living token; null for anything else.</summary>
    public async Task<Token?> BySecret(string secret, string address, CancellationToken ct)
    {
        if (secret.Length != Length || !secret.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var (hash, now) = (Hash(secret), clock.GetUtcNow());
        if (known.TryGetValue(hash, out var k) && now - k.At < Believed && !(k.Token?.ExpiresAt <= now.UtcDateTime)) return k.Token;
        var (token, used) = await Find($"t.hash = {hash}", ct);
        if (known.Count > 10_000) known.Clear();
        known[hash] = (token, now);
        if (token is not null && (used is null || now.UtcDateTime - used > TimeSpan.FromMinutes(1))) await Used(token.Id, now.UtcDateTime, address, ct);
        return token;
    }

    /// <summary>The token of work it began, if it still lives.</summary>
    public async Task<Token?> ById(long id, CancellationToken ct) => (await Find($"t.id = {id}", ct)).Token;

    internal void ForgetAll() => known.Clear();

    private async Task<(Token? Token, DateTime? UsedAt)> Find(Sdk.Sql which, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var row = await new Db(engine).First<Row>($"""
            select t.id, t.user_id, t.scopes, t.read_only, t.expires_at, t.used_at from platform.token t join platform.account a on a.user_id = t.user_id
            where {which} and a.enabled = {true} and t.revoked_at is null and t.expires_at > {now}
            """, ct);
        return row is null ? default : (new Token(row.Id, row.UserId, row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), row.ReadOnly, row.ExpiresAt), row.UsedAt);
    }

    private async Task Used(long id, DateTime now, string address, CancellationToken ct)
    {
        try
        {
            var db = new Db(engine);
            await db.Unit(() => db.Execute($"update platform.token set used_at = {now}, used_from = {address} where id = {id}", ct), ct);
        }
        catch (Exception e) when (engine.Trouble(e) is not null)
        {
            // A database that can't be written now must not shut programs out that only read.
        }
    }

    private sealed record Row(long Id, long UserId, string Scopes, bool ReadOnly, DateTime ExpiresAt, DateTime? UsedAt);
}
