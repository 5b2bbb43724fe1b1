using System.Reflection;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Initialization;
using FluentMigrator.Runner.Logging;
using FluentMigrator.Runner.Processors;
using KuaipuCrm.Platform;
using KuaipuCrm.Platform.Migrations;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;

namespace KuaipuCrm.Tests.Statements;

/// <summary>The schema as all migrations of all modules leave it on SQL Server, as create statements; made without a server.</summary>
internal static class SqlServerSchema
{
    public static IReadOnlyList<string> Of(ModuleCatalog catalog)
    {
        var tables = new Dictionary<string, CreateTableStatement>(StringComparer.OrdinalIgnoreCase);
        var rest = new List<TSqlStatement>();
        List<string> result = [];
        foreach (var (schema, steps) in Startup.Steps(catalog))
        {
            if (Migrator.Versions(steps).Count == 0) continue;
            result.Add($"create schema {schema}");
            foreach (var statement in Parsed(Script(schema, steps))) Fold(statement, tables, rest);
        }
        return [.. result, .. tables.Values.Concat(rest).Select(Text)];
    }

    private static string Script(string schema, Assembly steps)
    {
        SchemaStep.Engine = "sqlserver";
        try
        {
            using var text = new StringWriter();
            using var services = Migrator.Services("sqlserver", schema, steps, _ => { })
                .Configure<RunnerOptions>(o => o.NoConnection = true)
                .Configure<ProcessorOptions>(o => o.PreviewOnly = true)
                .AddSingleton<ILoggerProvider>(new SqlScriptFluentMigratorLoggerProvider(text, new SqlScriptFluentMigratorLoggerOptions { OutputGoBetweenStatements = true }))
                .BuildServiceProvider(false);
            using var scope = services.CreateScope();
            scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
            return text.ToString();
        }
        finally
        {
            SchemaStep.Engine = "sqlite";
        }
    }

    private static IEnumerable<TSqlStatement> Parsed(string script)
    {
        var parsed = (TSqlScript)new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(script), out var errors);
        Assert.True(errors.Count == 0, errors.Count == 0 ? "" : $"{errors[0].Message} (line {errors[0].Line}) in the schema script:\n{script}");
        return parsed.Batches.SelectMany(b => b.Statements);
    }

    /// <summary>The model takes create statements only; what later steps change is worked into them.</summary>
    private static void Fold(TSqlStatement statement, Dictionary<string, CreateTableStatement> tables, List<TSqlStatement> rest)
    {
        switch (statement)
        {
            case CreateTableStatement create: tables[Key(create.SchemaObjectName)] = create; break;
            case AlterTableAddTableElementStatement add when add.Definition.ColumnDefinitions.Count > 0:
                foreach (var column in add.Definition.ColumnDefinitions) tables[Key(add.SchemaObjectName)].Definition.ColumnDefinitions.Add(column);
                break;
            case AlterTableAlterColumnStatement alter:
                var changed = tables[Key(alter.SchemaObjectName)].Definition.ColumnDefinitions.Single(c => c.ColumnIdentifier.Value == alter.ColumnIdentifier.Value);
                (changed.DataType, changed.Collation) = (alter.DataType, alter.Collation);
                break;
            case AlterTableDropTableElementStatement drop:
                var columns = tables[Key(drop.SchemaObjectName)].Definition.ColumnDefinitions;
                foreach (var element in drop.AlterTableDropTableElements.Where(e => e.TableElementType is TableElementType.Column))
                    columns.Remove(columns.Single(c => c.ColumnIdentifier.Value == element.Name.Value));
                break;
            case DropTableStatement drop:
                foreach (var name in drop.Objects)
                {
                    tables.Remove(Key(name));
                    rest.RemoveAll(s => s is CreateIndexStatement i && Key(i.OnName) == Key(name));
                }

                break;
            case DropIndexStatement drop:
                foreach (var clause in drop.DropIndexClauses.OfType<DropIndexClause>()) rest.RemoveAll(s => s is CreateIndexStatement i && i.Name.Value == clause.Index.Value);
                break;
            case CreateIndexStatement or AlterTableAddTableElementStatement: rest.Add(statement); break;
            // Rows, as a step may bring or mend them; bound with the other statements elsewhere.
            case InsertStatement or UpdateStatement or DeleteStatement or BeginTransactionStatement or CommitTransactionStatement or PrintStatement: break;
            default: Assert.Fail($"A migration step makes something this test can't follow yet: {Text(statement)}"); break;
        }
    }

    /// <summary>However it is quoted.</summary>
    private static string Key(SchemaObjectName name) => $"{name.SchemaIdentifier.Value}.{name.BaseIdentifier.Value}";

    private static string Text(TSqlFragment fragment)
    {
        new Sql160ScriptGenerator().GenerateScript(fragment, out var text);
        return text;
    }
}
