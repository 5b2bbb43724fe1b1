using KuaipuCrm.Platform.Data;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Who has access rows at all: most users see by ownership alone, and their lists are spared the look.</summary>
public sealed class AccessMemory(Engine engine)
{
    private volatile HashSet<(long Type, long? User, long? Department)>? known;

    public bool Any(long type, long user, long? department)
    {
        var all = known ??= Load();
        return all.Contains((type, user, null)) || department is not null && all.Contains((type, null, department));
    }

    public void Drop() => known = null;

    private HashSet<(long, long?, long?)> Load() =>
        [.. new Db(engine).Query<Row>($"select distinct type_id, user_id, department_id from platform.access").GetAwaiter().GetResult().Select(r => (r.TypeId, r.UserId, r.DepartmentId))];

    private sealed record Row(long TypeId, long? UserId, long? DepartmentId);
}
