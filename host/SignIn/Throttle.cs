using System.Collections.Concurrent;

namespace KuaipuCrm.Host.SignIn;

/// <summary>So many tries to sign in an address may make in a minute; against guessing many accounts from one place.</summary>
internal sealed class Throttle(TimeProvider clock)
{
    private const int PerMinute = 30;
    private readonly ConcurrentDictionary<string, (long Minute, int Count)> tries = new();

    public bool Allows(string address)
    {
        var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (tries.Count > 10_000) tries.Clear();
        return tries.AddOrUpdate(address, _ => (minute, 1), (_, t) => t.Minute == minute ? (minute, t.Count + 1) : (minute, 1)).Count <= PerMinute;
    }
}
