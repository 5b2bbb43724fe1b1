using System.Reflection;
using Dapper;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Initialization;
using FluentMigrator.Runner.VersionTableInfo;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Brings one module's schema up to date. Each module counts its own versions in its own schema; plug-ins go the same way.</summary>
public static class Migrator
{
    /// <summary>The steps an assembly brings, in their order.</summary>
    public static IReadOnlyList<long> Versions(Assembly steps) =>
        [.. steps.GetTypes().Select(t => t.GetCustomAttribute<FluentMigrator.MigrationAttribute>(false)).OfType<FluentMigrator.MigrationAttribute>().Select(m => m.Version).Order()];

    /// <param name="engine">Where.</param>
    /// <param name="schema">The module's schema.</param>
    /// <param name="steps">The module's assembly.</param>
    /// <param name="upTo">The last step to take; all by default.</param>
    /// <exception cref="SchemaException">The database holds a newer version than the assembly knows, or a step failed (OPS-4).</exception>
    public static void Run(Engine engine, string schema, Assembly steps, long? upTo = null)
    {
        if (Versions(steps) is not { Count: > 0 } all) return;
        using (var c = engine.Create(write: true))
        {
            c.Open();
            // The usual start: there is nothing to do, and putting the migrator together to find that out takes longer than all else.
            if (upTo is null && Applied(engine, c, schema).SequenceEqual(all)) return;
            foreach (var sql in engine.CreateSchema(schema)) c.Execute(sql);
        }
        SchemaStep.Engine = engine.Name;
        using var services = Services(engine.Name, schema, steps, r => r.WithGlobalConnectionString(ConnectionString(engine))).BuildServiceProvider(false);
        using var scope = services.CreateScope();
        var runner = scope.ServiceProvider.GetRequiredService<IMigrationRunner>();
        var versions = scope.ServiceProvider.GetRequiredService<IVersionLoader>();
        versions.LoadVersionInfo();
        var before = versions.VersionInfo.Latest();
        if (before > all[^1])
            throw new SchemaException($"数据库中“{schema}”的版本为 {before}，高于本程序所支持的 {all[^1]}。请使用新版本的程序打开，或恢复旧的备份。");
        try
        {
            runner.MigrateUp(upTo ?? all[^1]);
        }
        catch (Exception e)
        {
            // All steps of a module are one transaction on all three engines.
            throw new SchemaException($"升级数据库中“{schema}”的结构失败，该模块仍为版本 {before}，数据未改动（此前已升级的模块保持新版本）：{Innermost(e).Message} 请排除原因后重新启动，升级会从这里继续；如需退回旧版本程序，请恢复升级前的备份。", e);
        }
    }

    /// <summary>The steps a schema has taken; none where it is not there.</summary>
    private static IEnumerable<long> Applied(Engine engine, System.Data.Common.DbConnection c, string schema)
    {
        var there = engine.Name == "sqlite"
            ? c.ExecuteScalar<long>("select count(*) from sqlite_master where type = 'table' and name = @name", new { name = $"{schema}_schema_version" })
            : c.ExecuteScalar<long>("select count(*) from information_schema.tables where table_schema = @schema and table_name = 'schema_version'", new { schema });
        return there == 0 ? [] : c.Query<long>($"select version from {(engine.Name == "sqlite" ? $"{schema}_schema_version" : $"{schema}.schema_version")} order by version");
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    /// <summary>FluentMigrator set up for an engine.</summary>
    internal static IServiceCollection Services(string engine, string schema, Assembly steps, Action<IMigrationRunnerBuilder> more) => new ServiceCollection()
        .AddFluentMigratorCore()
        .Configure<RunnerOptions>(o => o.TransactionPerSession = true)
        .ConfigureRunner(r =>
        {
            _ = engine switch
            {
                "sqlite" => r.AddSQLite(),
                "postgres" => r.AddPostgres15_0(),
                _ => r.AddSqlServer2016(),
            };
            r.ConfigureGlobalProcessorOptions(o => o.Timeout = TimeSpan.FromHours(1));
            r.WithVersionTable(new VersionTable(engine == "sqlite" ? null : schema, engine == "sqlite" ? $"{schema}_schema_version" : "schema_version"))
                .ScanIn(steps).For.Migrations();
            more(r);
        });

    /// <summary>Without a pool: what migrates once keeps no connection for later.</summary>
    private static string ConnectionString(Engine engine)
    {
        using var c = engine.Create(write: true);
        return (engine.ConnectionString ?? c.ConnectionString) + ";Pooling=False";
    }

    private sealed class VersionTable(string? schema, string table) : IVersionTableMetaData
    {
        public bool OwnsSchema => false;
        public string? SchemaName => schema;
        public string TableName => table;
        public string ColumnName => "version";
        public string DescriptionColumnName => "description";
        public string UniqueIndexName => $"ux_{(schema is null ? "" : schema + "_")}{table}";
        public string AppliedOnColumnName => "applied_on";
        public bool CreateWithPrimaryKey => false;
    }
}
