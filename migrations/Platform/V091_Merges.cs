using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Which documents became one, and which rows went over that the history of documents doesn't tell of.</summary>
[Migration(91, "merges")]
public sealed class V091_Merges : SchemaStep
{
    public override void Up()
    {
        var merge = CreateTable("platform.merge");
        merge.Id("operation_id");
        merge.Ref("type_id").NotNullable();
        merge.Ref("stays_id").NotNullable();
        merge.Ref("lost_id").NotNullable();
        merge.Instant("at").NotNullable();
        merge.Instant("parted_at").Nullable();
        Index("platform.merge", "stays", "stays_id");
        Index("platform.merge", "lost", "lost_id");

        var row = CreateTable("platform.merge_row");
        row.WithColumn("operation_id").AsInt64().NotNullable().PrimaryKey("pk_platform_merge_row");
        // Table and column that went over.
        row.Text("source", 120).NotNullable().PrimaryKey("pk_platform_merge_row");
        row.WithColumn("row_id").AsInt64().NotNullable().PrimaryKey("pk_platform_merge_row");
    }
}
