using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Colleagues a saved query is shared with (UI-8).</summary>
[Migration(81, "readers of saved queries")]
public sealed class V081_QueryReaders : SchemaStep
{
    public override void Up()
    {
        var t = CreateTable("platform.query_reader");
        t.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_platform_query_reader");
        t.WithColumn("query_id").AsInt64().NotNullable().PrimaryKey("pk_platform_query_reader");
        Index("platform.query_reader", "query", "query_id");
    }
}
