using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Which documents became one, and which rows went over that the history of documents doesn't tell of.</summary>
[Migration(91, "merges")]
public sealed class V091_Merges : SchemaStep
{
    public override void Up()
    {
        var merging = CreateTable("platform.merging");
        merging.Id("operation_id");
        merging.Ref("type_id").NotNullable();
        merging.Ref("stays_id").NotNullable();
        merging.Ref("lost_id").NotNullable();
        merging.Instant("at").NotNullable();
        merging.Instant("parted_at").Nullable();
        Index("platform.merging", "stays", "stays_id");
        Index("platform.merging", "lost", "lost_id");

        var row = CreateTable("platform.merge_row");
        row.WithColumn("operation_id").AsInt64().NotNullable().PrimaryKey("pk_platform_merge_row");
        // Table and column that went over.
        row.Text("source", 120).NotNullable().PrimaryKey("pk_platform_merge_row");
        row.WithColumn("row_id").AsInt64().NotNullable().PrimaryKey("pk_platform_merge_row");
    }
}
