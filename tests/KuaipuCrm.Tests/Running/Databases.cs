using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace KuaipuCrm.Tests.Running;

/// <summary>Hands out databases of their own. The first of an engine is made by the product's own migrations, the others are copies of it.</summary>
internal static class Databases
{
    public static readonly string Folder = Directory.CreateTempSubdirectory("kuaipu-tests-").FullName;
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Templates = new();
    private static readonly ConcurrentBag<(string Engine, string Name)> Made = [];

    /// <summary>A file path on SQLite, a connection string on the servers: migrated and seeded.</summary>
    public static async Task<string> Fresh(string engine)
    {
        if (engine == Engines.SqlServerOnSqlite) engine = Engines.Sqlite;
        var template = await Templates.GetOrAdd(engine, e => new(() => Template(e))).Value;
        var name = $"kuaipu_{Guid.NewGuid():N}";
        switch (engine)
        {
            case Engines.Sqlite:
                var file = Path.Combine(Folder, name + ".db");
                File.Copy(template, file);
                return file;
            case Engines.Postgres:
                await OnServer(engine, $"create database {name} template {template}");
                break;
            default:
                await OnServer(engine, $"create database {name}");
                break;
        }
        Made.Add((engine, name));
        return Connection(engine, name);
    }

    /// <summary>An empty one, as the first start finds it.</summary>
    public static async Task<string> Empty(string engine)
    {
        var name = $"kuaipu_{Guid.NewGuid():N}";
        if (engine is Engines.Sqlite or Engines.SqlServerOnSqlite) return Path.Combine(Folder, name + ".db");
        await OnServer(engine, $"create database {name}");
        Made.Add((engine, name));
        return Connection(engine, name);
    }

    public static async Task CleanUp()
    {
        NpgsqlConnection.ClearAllPools();
        SqlConnection.ClearAllPools();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var (engine, name) in Made)
            try
            {
                await OnServer(engine, engine == Engines.Postgres ? $"drop database if exists {name} with (force)" : $"alter database {name} set single_user with rollback immediate; drop database {name}");
            }
            catch (DbException)
            {
                // A server that is gone keeps nothing.
            }
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<string> Template(string engine)
    {
        var address = await Empty(engine);
        if (engine == Engines.SqlServer) return address;
        await using (await Crm.StartOn(engine, address)) { }
        if (engine == Engines.Postgres)
        {
            var name = new NpgsqlConnectionStringBuilder(address).Database!;
            // The stopped host's pool may still hold connections; a template must have none.
            await OnServer(engine, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
            return name;
        }
        await using var c = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={address};Pooling=False");
        await c.OpenAsync();
        await using var checkpoint = c.CreateCommand();
        checkpoint.CommandText = "pragma wal_checkpoint(truncate)";
        await checkpoint.ExecuteNonQueryAsync();
        return address;
    }

    private static string Connection(string engine, string name) => engine == Engines.Postgres
        ? new NpgsqlConnectionStringBuilder(Engines.Address(engine)) { Database = name, MaxPoolSize = 80 }.ToString()
        : new SqlConnectionStringBuilder(Engines.Address(engine)) { InitialCatalog = name }.ToString();

    private static async Task OnServer(string engine, string sql)
    {
        await using DbConnection c = engine == Engines.Postgres ? new NpgsqlConnection(Engines.Address(engine)) : new SqlConnection(Engines.Address(engine));
        await c.OpenAsync();
        await using var command = c.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
