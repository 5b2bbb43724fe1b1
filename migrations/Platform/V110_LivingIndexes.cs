using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>On SQLite an index of living rows carries the column of its condition from now on (decision 104): those made before are made again.</summary>
[Migration(110, "living-indexes")]
public sealed class V110_LivingIndexes : SchemaStep
{
    public override void Up()
    {
        if (Engine != "sqlite") return;
        Execute.WithConnection((connection, transaction) =>
        {
            var old = new List<(string Name, string Sql)>();
            using (var command = connection.CreateCommand())
            {
                command.Transaction = transaction;
                command.CommandText = "select name, sql from sqlite_master where type = 'index' and sql like 'create index ix!_%) where %deleted!_at is null%' escape '!' and name not like 'ix!_x!_%' escape '!'";
                using var reader = command.ExecuteReader();
                while (reader.Read())
                    if (reader.GetString(1) is var sql && sql[..sql.IndexOf(") where ", StringComparison.OrdinalIgnoreCase)].Contains("deleted_at", StringComparison.Ordinal) is false) old.Add((reader.GetString(0), sql));
            }

            foreach (var (name, sql) in old)
            {
                using var command = connection.CreateCommand();
                command.Transaction = transaction;
                var end = sql.IndexOf(") where ", StringComparison.OrdinalIgnoreCase);
                command.CommandText = $"drop index {name}; {sql[..end]}, deleted_at{sql[end..]}";
                command.ExecuteNonQuery();
            }
        });
    }
}
