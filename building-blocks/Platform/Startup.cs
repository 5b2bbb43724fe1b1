using System.Reflection;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Migrations;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform;

/// <summary>Brings an account set up: schema, document types, what every account set begins with, demo data on request.</summary>
public static class Startup
{
    /// <summary>Schemas of the platform and of the modules.</summary>
    public static IEnumerable<string> Schemas(ModuleCatalog catalog) => catalog.Modules.Select(m => m.Id).Prepend("platform");

    /// <summary>Each schema and the assembly that brings its steps, in the order they are taken.</summary>
    public static IEnumerable<(string Schema, Assembly Steps)> Steps(ModuleCatalog catalog) => catalog.Modules.Select(m => (m.Id, m.Assembly)).Prepend(("platform", typeof(Startup).Assembly));

    /// <summary>Migrates the platform and each module; one host at a time.</summary>
    /// <param name="engine">Where.</param>
    /// <param name="catalog">The modules.</param>
    /// <param name="upTo">The last step of each schema, for schemas as they once were; schemas that are not in it are left out. All by default.</param>
    /// <param name="ct">Ends the waiting for another host.</param>
    public static async Task Migrate(Engine engine, ModuleCatalog catalog, CancellationToken ct, IReadOnlyDictionary<string, long>? upTo = null)
    {
        if (engine is SqliteEngine sqlite)
        {
            if (Path.GetDirectoryName(Path.GetFullPath(sqlite.File)) is { } folder) Directory.CreateDirectory(folder);
            await using var c = engine.Create(write: true);
            await c.OpenAsync(ct);
            await using var wal = c.CreateCommand();
            wal.CommandText = "pragma journal_mode=wal;";
            await wal.ExecuteNonQueryAsync(ct);
        }
        await using var alone = await engine.LockMigrations(ct);
        foreach (var (schema, steps) in Steps(catalog))
            if (upTo is null) Migrator.Run(engine, schema, steps);
            else if (upTo.TryGetValue(schema, out var last)) Migrator.Run(engine, schema, steps, last);
    }

    /// <summary>After the migrations: numbers of types, defaults.</summary>
    public static async Task Prepare(ILifetimeScope root, CancellationToken ct)
    {
        await root.Resolve<DocumentTypes>().Load(ct);
        await Seeds(root, (seed, token) => seed.Defaults(token), ct);
    }

    public static Task Demo(ILifetimeScope root, CancellationToken ct) => Seeds(root, (seed, token) => seed.Demo(token), ct);

    private static async Task Seeds(ILifetimeScope root, Func<ISeed, CancellationToken, Task> carryOut, CancellationToken ct)
    {
        List<Type> types;
        await using (var look = root.BeginLifetimeScope())
            types = [.. look.Resolve<IEnumerable<ISeed>>().OrderBy(s => s.Order).ThenBy(s => s.GetType().FullName, StringComparer.Ordinal).Select(s => s.GetType())];
        foreach (var type in types)
        {
            // Each in a transaction of its own, so that the next one sees what was made.
            await using var scope = root.BeginLifetimeScope();
            scope.Resolve<Caller>().ActAsSystem("seed");
            await scope.Resolve<Db>().Unit(async () =>
            {
                await carryOut((ISeed)scope.Resolve(type), ct);
                return 0;
            }, ct);
        }
    }
}
