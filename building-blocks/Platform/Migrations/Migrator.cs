using System.Reflection;
using Dapper;
using FluentMigrator.Runner;
using FluentMigrator.Runner.VersionTableInfo;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Brings one module's schema up to date. Each module counts its own versions in its own schema; plug-ins go the same way.</summary>
public static class Migrator
{
    /// <exception cref="InvalidOperationException">The database holds a newer version than the assembly knows (OPS-4).</exception>
    public static void Run(Engine engine, string schema, Assembly steps)
    {
        if (!steps.GetTypes().Any(t => t.IsDefined(typeof(FluentMigrator.MigrationAttribute), false))) return;
        using (var c = engine.Create(write: true))
        {
            c.Open();
            foreach (var sql in engine.CreateSchema(schema)) c.Execute(sql);
        }
        SchemaStep.Engine = engine.Name;
        using var services = Services(engine.Name, schema, steps, r => r.WithGlobalConnectionString(ConnectionString(engine))).BuildServiceProvider(false);
        using var scope = services.CreateScope();
        var runner = scope.ServiceProvider.GetRequiredService<IMigrationRunner>();
        var known = runner.MigrationLoader.LoadMigrations();
        var versions = scope.ServiceProvider.GetRequiredService<IVersionLoader>();
        versions.LoadVersionInfo();
        var latest = versions.VersionInfo.Latest();
        if (latest > known.Keys.Max())
            throw new InvalidOperationException($"数据库中“{schema}”的版本为 {latest}，高于本程序所支持的 {known.Keys.Max()}。请使用新版本的程序打开，或恢复旧的备份。");
        runner.MigrateUp();
    }

    /// <summary>FluentMigrator set up for an engine.</summary>
    internal static IServiceCollection Services(string engine, string schema, Assembly steps, Action<IMigrationRunnerBuilder> more) => new ServiceCollection()
        .AddFluentMigratorCore()
        .ConfigureRunner(r =>
        {
            _ = engine switch
            {
                "sqlite" => r.AddSQLite(),
                "postgres" => r.AddPostgres15_0(),
                _ => r.AddSqlServer2016(),
            };
            r.WithVersionTable(new Versions(engine == "sqlite" ? null : schema, engine == "sqlite" ? $"{schema}_schema_version" : "schema_version"))
                .ScanIn(steps).For.Migrations();
            more(r);
        });

    private static string ConnectionString(Engine engine)
    {
        using var c = engine.Create(write: true);
        return engine is SqliteEngine ? c.ConnectionString + ";Pooling=False" : engine.ConnectionString ?? c.ConnectionString;
    }

    private sealed class Versions(string? schema, string table) : IVersionTableMetaData
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
