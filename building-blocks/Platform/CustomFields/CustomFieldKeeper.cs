using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.CustomFields;

/// <summary>Gives each document type its custom fields, at the start and whenever they or their indexes change, on this host and by the stamp on the others.</summary>
public sealed class CustomFieldKeeper
{
    private readonly Lock alone = new();
    private readonly Engine engine;
    private readonly ModuleCatalog catalog;
    private readonly Caches caches;
    private readonly TimeProvider clock;
    private readonly ILogger<CustomFieldKeeper> log;

    public CustomFieldKeeper(Engine engine, ModuleCatalog catalog, Caches caches, TimeProvider clock, ILogger<CustomFieldKeeper> log)
    {
        (this.engine, this.catalog, this.caches, this.clock, this.log) = (engine, catalog, caches, clock, log);
        caches.Dropped += what =>
        {
            if (what == Cached.CustomFields) Load();
        };
    }

    /// <summary>Told after each load.</summary>
    internal event Action? Loaded;

    /// <summary>Reads the fields and hands them to the types.</summary>
    public void Load()
    {
        // One after another: a slow reader must not put back what a later one has replaced.
        lock (alone)
        {
            var db = new Db(engine);
            var fields = Task.Run(() => All(db, default)).GetAwaiter().GetResult();
            var indexes = Task.Run(() => Indexes(db, default)).GetAwaiter().GetResult();
            foreach (var d in catalog.Documents) d.Extend([.. fields.Where(f => f.Type == d.Type).Select(f => Definition(f, indexes)).OfType<FieldDefinition>()]);
            catalog.FieldsChanged();
        }
        Loaded?.Invoke();
    }

    /// <summary>All fields, in the order in which they are shown.</summary>
    internal static async Task<IReadOnlyList<CustomField>> All(Db db, CancellationToken ct) => await db.Query<CustomField>($"""
        select id, type, name, label, english, kind, dictionary, refers_to, section, help, start, required, listed, indexed, disabled, position, version, deleted_at
        from platform.custom_field order by type, position, id
        """, ct);

    /// <summary>The names of the indexes that stand.</summary>
    internal async Task<HashSet<string>> Indexes(Db db, CancellationToken ct) => [.. (await db.Query<CustomIndex>(Sql.Trusted(engine.CustomIndexes), ct)).Select(i => i.Name)];

    /// <summary>Null for what can't be shown: its kind is of a newer program, or what it refers to belongs to a module that is gone.</summary>
    private FieldDefinition? Definition(CustomField f, HashSet<string> indexes)
    {
        if (!Enum.TryParse<FieldKind>(f.Kind, out _) || f.RefersTo is { } other && catalog.FindDocument(other) is null) return null;
        try
        {
            return f.Definition(f.Indexes().All(i => indexes.Contains(i.Name)), () => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, Zones.Find(caches.Company.TimeZone))));
        }
        catch (Invalid e)
        {
            log.LogWarning(e, "Custom field {Field} has a default that is none of its kind", f.Name);
            return (f with { Start = null }).Definition(f.Indexes().All(i => indexes.Contains(i.Name)), () => default);
        }
    }
}

/// <summary>An index over a custom field.</summary>
internal sealed record CustomIndex(string Name, string OnTable);
