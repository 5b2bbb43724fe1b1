using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Who wants no advertising. Receivers say so themselves by the link in their mail, without signing in.</summary>
public static class OptOuts
{
    internal static async Task Set(Db db, string address, bool optedOut, long by, TimeProvider clock, CancellationToken ct)
    {
        var (key, now) = (Addresses.Key(address), clock.GetUtcNow().UtcDateTime);
        await db.Execute($"delete from platform.opt_out where address = {key}", ct);
        if (optedOut) await db.Insert("platform.opt_out", ["address", "at", "user_id"], [[key, now, by]], ct);
    }
}

/// <summary>What the page that needs no sign-in may do: read a token, and put its address on the list.</summary>
public sealed class OptOutDesk
{
    private readonly Engine engine;
    private readonly Secrets secrets;
    private readonly TimeProvider clock;

    internal OptOutDesk(Engine engine, Secrets secrets, TimeProvider clock) => (this.engine, this.secrets, this.clock) = (engine, secrets, clock);

    /// <summary>Whose token it is, masked; null where it is none of ours.</summary>
    public string? Whose(string? token) => token is { Length: < 2000 } && secrets.AddressOf(token) is { } address ? Addresses.Masked(OutgoingChannel.Mail, address) : null;

    /// <returns>False where the token is none of ours.</returns>
    public async Task<bool> OptOut(string? token, CancellationToken ct)
    {
        if (token is not { Length: < 2000 } || secrets.AddressOf(token) is not { } address) return false;
        var db = new Db(engine);
        await db.Unit(async () => { await OptOuts.Set(db, address, true, 0, clock, ct); return 0; }, ct);
        return true;
    }
}
