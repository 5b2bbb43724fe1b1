using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Which types have rows opened beyond ownership at all: the lists of the others are spared the look.</summary>
public sealed class AccessMemory(Engine engine, Caches caches)
{
    private volatile Known? known;

    public bool Any(long type) => Now().Types.Contains(type);

    /// <summary>From now on the type has some; too early does no harm, too late would hide rows.</summary>
    public void Add(long type) => known = Now() is var now ? new(now.Version, [.. now.Types, type]) : null;

    private Known Now()
    {
        var version = caches.Version(Cached.Access);
        var now = known;
        if (now is null || now.Version != version) known = now = new(version, [.. new Db(engine).Query<long>($"select distinct type_id from platform.access").GetAwaiter().GetResult()]);
        return now;
    }

    private sealed record Known(long Version, HashSet<long> Types);
}
