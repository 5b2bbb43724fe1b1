using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Which types have rows opened beyond ownership at all: the lists of the others are spared the look.</summary>
public sealed class AccessMemory(Engine engine, Caches caches)
{
    private volatile Known? known;

    public bool Any(long type)
    {
        var version = caches.Version(Cached.Access);
        var now = known;
        if (now is null || now.Version != version) known = now = new(version, [.. new Db(engine).Query<long>($"select distinct type_id from platform.access").GetAwaiter().GetResult()]);
        return now.Types.Contains(type);
    }

    private sealed record Known(long Version, HashSet<long> Types);
}
