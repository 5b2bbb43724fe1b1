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
    /// <param name="plugins">Those of them that fail are left out; null: none may fail.</param>
    /// <param name="upTo">The last step of each schema, for schemas as they once were; schemas that are not in it are left out. All by default.</param>
    /// <param name="ct">Ends the waiting for another host.</param>
    public static async Task Migrate(Engine engine, ModuleCatalog catalog, Plugins.Plugins? plugins, CancellationToken ct, IReadOnlyDictionary<string, long>? upTo = null)
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
        void Run(string schema, Assembly steps)
        {
            if (upTo is null) Migrator.Run(engine, schema, steps);
            else if (upTo.TryGetValue(schema, out var last)) Migrator.Run(engine, schema, steps, last);
        }

        foreach (var (schema, steps) in Steps(catalog).Where(s => plugins?.Of(s.Steps) is null).ToList()) Run(schema, steps);
        // A module of ours that fails stops the host; a partner's is left out.
        plugins?.Migrate(catalog, Run);
    }

    /// <summary>After the migrations: numbers of types, defaults.</summary>
    public static async Task Prepare(ILifetimeScope root, CancellationToken ct)
    {
        await root.Resolve<DocumentTypes>().Load(ct);
        await using (var scope = root.BeginLifetimeScope())
            await scope.Resolve<Db>().Unit(async () =>
            {
                await scope.Resolve<FigureRows>().Fill(ct);
                return 0;
            }, ct);
        await Seeds(root, (seed, token) => seed.Defaults(token), ct);
    }

    public static Task Demo(ILifetimeScope root, CancellationToken ct) => Seeds(root, (seed, token) => seed.Demo(token), ct);

    private static async Task Seeds(ILifetimeScope root, Func<ISeed, CancellationToken, Task> carryOut, CancellationToken ct)
    {
        var plugins = root.Resolve<Plugins.Plugins>();
        var seeds = new List<(int Order, Type Type)>();
        await using (var look = root.BeginLifetimeScope())
            foreach (var type in root.Resolve<ModuleCatalog>().Modules.SelectMany(m => m.Assembly.GetTypes()).Where(t => t is { IsAbstract: false } && typeof(ISeed).IsAssignableFrom(t)))
                await Try(type, () => { seeds.Add((((ISeed)look.Resolve(type)).Order, type)); return Task.CompletedTask; });
        foreach (var (_, type) in seeds.OrderBy(s => s.Order).ThenBy(s => s.Type.FullName, StringComparer.Ordinal))
            await Try(type, async () =>
            {
                // Each in a transaction of its own, so that the next one sees what was made.
                await using var scope = root.BeginLifetimeScope();
                scope.Resolve<Caller>().ActAsSystem("seed");
                await scope.Resolve<Db>().Unit(async () =>
                {
                    await carryOut((ISeed)scope.Resolve(type), ct);
                    return 0;
                }, ct);
            });

        async Task Try(Type type, Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (Exception e) when (plugins.Of(type.Assembly) is { } plugin)
            {
                plugins.Impair(plugin, "初始数据未能写入", e);
            }
        }
    }
}
