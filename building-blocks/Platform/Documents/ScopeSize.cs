using System.Collections.Concurrent;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Roughly how many rows a scope holds, to choose where a list begins. Kept for a minute: it is a hint, never a condition.</summary>
internal sealed class ScopeSize(Engine engine, TimeProvider clock, ScopeSizeMemory memory)
{
    /// <summary>Up to here it is cheaper to read the scope's rows and sort them than to walk the order.</summary>
    public const int Few = 2_000;

    /// <summary>How many living rows the scope holds, all rows too, counted up to the cap.</summary>
    public async Task<long> UpTo(DocumentDefinition d, RowScope rows, Scope scope, int cap, CancellationToken ct)
    {
        var key = (d.Type, rows, cap);
        var now = clock.GetUtcNow();
        if (memory.Large.TryGetValue(key, out var known) && known.Until > now) return known.Count;
        var count = await new Db(engine).First<long>($"select count(*) from (select 1 as one from {Sql.Trusted(d.Table)} s where s.deleted_at is null and {scope.Of(d.Type, "s")} {Sql.Trusted(engine.Name == "sqlserver" ? "order by s.id" : "")} {engine.Page(cap)}) c", ct);
        if (memory.Large.Count > 50_000) memory.Large.Clear();
        memory.Large[key] = (count, now.AddMinutes(1));
        return count;
    }

    public async Task<long> Of(DocumentDefinition d, RowScope rows, Scope scope, CancellationToken ct)
    {
        var key = (d.Type, rows);
        var now = clock.GetUtcNow();
        if (memory.Known.TryGetValue(key, out var known) && known.Until > now) return known.Count;
        if (scope.RowIds(d) is not { } ids) return 0;
        // In a scope of its own: the hint must not join the caller's transaction.
        var count = await new Db(engine).First<long>($"select count(*) from (select s.id from ({ids}) s {Sql.Trusted(engine.Name == "sqlserver" ? "order by s.id" : "")} {engine.Page(Few + 1)}) c", ct);
        if (memory.Known.Count > 50_000) memory.Known.Clear();
        memory.Known[key] = (count, now.AddMinutes(1));
        return count;
    }
}

/// <summary>What <see cref="ScopeSize"/> remembers; one a process.</summary>
internal sealed class ScopeSizeMemory
{
    public ConcurrentDictionary<(string Type, RowScope Rows), (long Count, DateTimeOffset Until)> Known { get; } = new();

    public ConcurrentDictionary<(string Type, RowScope Rows, int Cap), (long Count, DateTimeOffset Until)> Large { get; } = new();
}
