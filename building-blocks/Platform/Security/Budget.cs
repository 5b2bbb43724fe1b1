using System.Collections.Concurrent;

namespace KuaipuCrm.Platform.Security;

/// <summary>So many calls in a span of time for each caller: an address, a user, a token.</summary>
public sealed class Budget(TimeProvider clock)
{
    /// <summary>From so many callers on, those of times gone by are forgotten.</summary>
    private const int Many = 10_000;

    /// <summary>So many callers are told apart at once; further ones share one budget, so that a flood of addresses fills no memory.</summary>
    private const int Most = 200_000;

    private const string Others = "";

    private readonly ConcurrentDictionary<string, (long Minute, int Count)> spent = new();
    private readonly ConcurrentDictionary<(string Caller, int Span), (long Nth, int Count)> longer = new();
    private long swept, sweptLonger;

    /// <summary>Takes one call; tells what is left of this minute and when the next begins, in seconds.</summary>
    public (bool Allowed, int Left, int Seconds) Spend(string caller, int perMinute)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var minute = now / 60;
        if (spent.Count > Many && Interlocked.Exchange(ref swept, minute) != minute)
            foreach (var (key, value) in spent)
                if (value.Minute != minute) spent.TryRemove(key, out _);
        var count = spent.AddOrUpdate(Counted(caller), static (_, m) => (m, 1), static (_, t, m) => t.Minute == m ? (m, t.Count + 1) : (m, 1), minute).Count;
        return (count <= perMinute, Math.Max(0, perMinute - count), (int)(60 - now % 60));
    }

    /// <summary>Takes one call of a longer span, an hour or a day; tells when the next begins, in seconds.</summary>
    /// <param name="span">In seconds.</param>
    public (bool Allowed, int Seconds) Spend(string caller, int most, int span)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var (nth, minute) = (now / span, now / 60);
        if (longer.Count > Many && Interlocked.Exchange(ref sweptLonger, minute) != minute)
            foreach (var (key, value) in longer)
                if (value.Nth != now / key.Span) longer.TryRemove(key, out _);
        var row = longer.Count < Most || longer.ContainsKey((caller, span)) ? caller : Others;
        var count = longer.AddOrUpdate((row, span), static (_, n) => (n, 1), static (_, t, n) => t.Nth == n ? (n, t.Count + 1) : (n, 1), nth).Count;
        return (count <= most, (int)(span - now % span));
    }

    /// <summary>Gives one call of this minute back that cost nothing after all. Taken first and given back, so that many at once don't all pass before the first is counted.</summary>
    public void Return(string caller)
    {
        var (row, minute) = (Counted(caller), clock.GetUtcNow().ToUnixTimeSeconds() / 60);
        if (spent.ContainsKey(row)) spent.AddOrUpdate(row, static (_, m) => (m, 0), static (_, t, m) => t.Minute == m ? (m, Math.Max(0, t.Count - 1)) : t, minute);
    }

    /// <summary>Whether the caller has used this minute up; takes nothing.</summary>
    public bool IsSpent(string caller, int perMinute) => spent.TryGetValue(Counted(caller), out var t) && t.Minute == clock.GetUtcNow().ToUnixTimeSeconds() / 60 && t.Count >= perMinute;

    private string Counted(string caller) => spent.Count < Most || spent.ContainsKey(caller) ? caller : Others;
}
