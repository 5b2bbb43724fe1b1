using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Security;

/// <summary>Append-only: sign-ins (<c>signin</c>), acts of users (<c>operation</c>), changes of settings and rights (<c>audit</c>) (SET-13).</summary>
public sealed class AuditLog(Engine engine, IdBlocks blocks, TimeProvider clock)
{
    private static readonly string[] Columns = ["id", "at", "kind", "what", "user_id", "seen_by", "login", "address", "label", "result", "details"];

    /// <summary>In a transaction of its own.</summary>
    public Task Write(string kind, string label, long? userId, long? seenBy, string? login, string address, string result, string? details, CancellationToken ct)
    {
        var db = new Db(engine);
        return db.Unit(async () => { await Write(db, kind, label, label, userId, seenBy, login, address, result, details, ct); return 0; }, ct);
    }

    /// <summary>Within the running unit.</summary>
    internal async Task Write(Db db, string kind, string what, string label, long? userId, long? seenBy, string? login, string address, string result, string? details, CancellationToken ct)
    {
        var id = new Ids(blocks, db).Next();
        await db.Insert("platform.log", Columns, [[id, clock.GetUtcNow().UtcDateTime, kind, Cut(what, 60), userId, seenBy, Cut(login, 60), Cut(address, 60), Cut(label, 200), result, details]], ct);
    }

    private static string? Cut(string? s, int n) => s?.Length > n ? s[..n] : s;
}
