using FluentMigrator;
using FluentMigrator.Builders.Create.Table;

namespace KuaipuCrm.Sdk;

/// <summary>A step of a module's schema: forward only, written out in full, never derived from today's classes.</summary>
public abstract class SchemaStep : ForwardOnlyMigration
{
    private static readonly AsyncLocal<string?> engine = new();

    /// <summary>Set by the migration runner: <c>sqlite</c>, <c>postgres</c> or <c>sqlserver</c>.</summary>
    public static string Engine { get => engine.Value ?? "sqlite"; set => engine.Value = value; }

    internal static bool OnSqlite => Engine == "sqlite";

    /// <summary>A new table: <c>schema.table</c>, on SQLite <c>schema_table</c>.</summary>
    protected ICreateTableWithColumnSyntax CreateTable(string table) =>
        OnSqlite ? Create.Table(Name(table)) : Create.Table(table.Split('.')[1]).InSchema(table.Split('.')[0]);

    /// <summary>The columns every document has, then the module's own.</summary>
    protected ICreateTableWithColumnSyntax CreateDocumentTable(string table)
    {
        var t = CreateTable(table);
        t.Id();
        t.Text("number", 40).NotNullable();
        t.Int("version").NotNullable();
        t.Ref("owner_id").Nullable();
        t.Ref("department_id").Nullable();
        t.Ref("created_by").NotNullable();
        t.Instant("created_at").NotNullable();
        t.Ref("updated_by").NotNullable();
        t.Instant("updated_at").NotNullable();
        t.Instant("deleted_at").Nullable();
        t.Text("approval", 12).Nullable();
        t.LongText("extra").Nullable();
        return t;
    }

    /// <summary>The indexes every document list stands on: by owner, by department, over all, each in the order of the last change.</summary>
    protected void DocumentIndexes(string table)
    {
        Index(table, "number", "number", unique: true);
        Index(table, "owner", "owner_id, updated_at desc, id desc", where: "deleted_at is null");
        Index(table, "department", "department_id, updated_at desc, id desc", where: "deleted_at is null");
        // The owner and the department stand behind the order so that a manager's page is filtered inside the index.
        Index(table, "updated", "updated_at desc, id desc, owner_id, department_id", where: "deleted_at is null");
        Index(table, "created", "created_at desc, id desc, owner_id, department_id", where: "deleted_at is null");
        Index(table, "bin", "deleted_at desc, id desc", where: "deleted_at is not null");
    }

    /// <summary>A further column of a table that is there, empty in all rows.</summary>
    /// <param name="kind"><c>int</c> (numbers and references), <c>flag</c>, <c>day</c>, <c>instant</c>, or <c>text</c> with its length.</param>
    protected void AddColumn(string table, string column, string kind, int length = 0)
    {
        var type = (Engine, kind) switch
        {
            ("sqlite", "int" or "flag") => "integer",
            ("sqlite", _) => "text",
            (_, "int") => "bigint",
            ("postgres", "flag") => "boolean",
            ("postgres", "instant") => "timestamptz(3)",
            ("postgres", "text") => $"varchar({length}) collate \"C\"",
            (_, "flag") => "bit",
            (_, "day") => "date",
            (_, "instant") => "datetime2(3)",
            _ => $"nvarchar({length}) collate {Columns.Collation}",
        };
        Execute.Sql($"alter table {Name(table)} add {(Engine == "sqlserver" ? "" : "column ")}{column} {type} null");
    }

    /// <summary>An index named for module and table, as index names are global in SQLite and PostgreSQL schemas.</summary>
    protected void Index(string table, string name, string columns, string? where = null, bool unique = false)
    {
        // SQLite answers from an index alone only if the columns of its condition stand in it, too.
        if (OnSqlite && where?.Contains("deleted_at is null", StringComparison.Ordinal) == true && !unique && !columns.Contains("deleted_at", StringComparison.Ordinal)) columns += ", deleted_at";
        // PostgreSQL puts nulls first on descending order unless told; the lists take null as the smallest on all engines.
        if (Engine == "postgres") columns = string.Join(", ", columns.Split(", ").Select(c => c.EndsWith(" desc", StringComparison.Ordinal) ? c + " nulls last" : c + " nulls first"));
        Execute.Sql($"create {(unique ? "unique " : "")}index {(unique ? "ux" : "ix")}_{table.Replace('.', '_')}_{name} on {Name(table)} ({columns}){(where is null ? "" : $" where {where}")}");
    }

    /// <summary>Drops an index made by <see cref="Index"/>.</summary>
    protected void DropIndex(string table, string name)
    {
        var index = $"ix_{table.Replace('.', '_')}_{name}";
        Execute.Sql(Engine switch
        {
            "sqlserver" => $"drop index {index} on {Name(table)}",
            "postgres" => $"drop index {table.Split('.')[0]}.{index}",
            _ => $"drop index {index}",
        });
    }

    /// <summary>The table's name as this engine wants it.</summary>
    protected static string Name(string table) => OnSqlite ? table.Replace('.', '_') : table;
}

/// <summary>The column types of the house: the same value comes back on all engines.</summary>
public static class Columns
{
    public static ICreateTableColumnOptionOrWithColumnSyntax Id(this ICreateTableWithColumnSyntax t, string name = "id") => t.WithColumn(name).AsInt64().NotNullable().PrimaryKey();
    public static ICreateTableColumnOptionOrWithColumnSyntax Ref(this ICreateTableWithColumnSyntax t, string name) => t.WithColumn(name).AsInt64();

    /// <summary>Texts compare and sort by code point on all engines: SQLite does so anyway, the servers are told.</summary>
    public const string Collation = "Latin1_General_100_BIN2";

    public static ICreateTableColumnOptionOrWithColumnSyntax Text(this ICreateTableWithColumnSyntax t, string name, int length) => SchemaStep.Engine switch
    {
        "postgres" => t.WithColumn(name).AsCustom($"varchar({length}) collate \"C\""),
        "sqlserver" => t.WithColumn(name).AsString(length, Collation),
        _ => t.WithColumn(name).AsString(length),
    };
    public static ICreateTableColumnOptionOrWithColumnSyntax LongText(this ICreateTableWithColumnSyntax t, string name) =>
        SchemaStep.Engine == "sqlserver" ? t.WithColumn(name).AsString(int.MaxValue, Collation) : t.WithColumn(name).AsString(int.MaxValue);
    public static ICreateTableColumnOptionOrWithColumnSyntax Int(this ICreateTableWithColumnSyntax t, string name) => t.WithColumn(name).AsInt64();
    public static ICreateTableColumnOptionOrWithColumnSyntax Flag(this ICreateTableWithColumnSyntax t, string name) => t.WithColumn(name).AsBoolean();
    /// <summary>Whole fen.</summary>
    public static ICreateTableColumnOptionOrWithColumnSyntax Money(this ICreateTableWithColumnSyntax t, string name) => t.WithColumn(name).AsInt64();
    /// <summary>Whole ten-thousandths.</summary>
    public static ICreateTableColumnOptionOrWithColumnSyntax Quantity(this ICreateTableWithColumnSyntax t, string name) => t.WithColumn(name).AsInt64();
    /// <summary>A day without a time.</summary>
    public static ICreateTableColumnOptionOrWithColumnSyntax Day(this ICreateTableWithColumnSyntax t, string name) =>
        SchemaStep.OnSqlite ? t.WithColumn(name).AsString(10) : t.WithColumn(name).AsDate();
    /// <summary>A moment in UTC, to the millisecond; on SQLite a text that sorts by time.</summary>
    public static ICreateTableColumnOptionOrWithColumnSyntax Instant(this ICreateTableWithColumnSyntax t, string name) => SchemaStep.Engine switch
    {
        "sqlite" => t.WithColumn(name).AsString(23),
        "postgres" => t.WithColumn(name).AsCustom("timestamptz(3)"),
        _ => t.WithColumn(name).AsCustom("datetime2(3)"),
    };
}
