using System.Collections.Concurrent;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Rings in the pages of this host.</summary>
internal sealed class Bell : IBell
{
    private readonly ConcurrentDictionary<long, ConcurrentDictionary<object, Action>> listeners = new();

    public IDisposable Listen(long userId, Action ring)
    {
        var mine = listeners.GetOrAdd(userId, _ => new());
        var ear = new Ear(mine);
        mine[ear] = ring;
        return ear;
    }

    public void Ring(IEnumerable<long> users)
    {
        foreach (var user in users)
            if (listeners.TryGetValue(user, out var rings))
                foreach (var ring in rings.Values) ring();
    }

    private sealed class Ear(ConcurrentDictionary<object, Action> of) : IDisposable
    {
        public void Dispose() => of.TryRemove(this, out _);
    }
}
