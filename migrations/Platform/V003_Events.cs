using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>The outbox: an event row, and a delivery row for each handler that shall hear of it.</summary>
[Migration(3, "events")]
public sealed class V003_Events : SchemaStep
{
    public override void Up()
    {
        var e = CreateTable("platform.event");
        e.WithColumn("id").AsInt64().NotNullable().PrimaryKey().Identity();
        e.Text("type", 200).NotNullable();
        e.Ref("document_id").NotNullable();
        e.LongText("payload").NotNullable();
        e.Instant("at").NotNullable();

        var delivery = CreateTable("platform.delivery");
        delivery.WithColumn("event_id").AsInt64().NotNullable().PrimaryKey("pk_platform_delivery");
        delivery.Text("handler", 200).NotNullable().PrimaryKey("pk_platform_delivery");
        delivery.Ref("document_id").NotNullable();
        delivery.Int("attempts").NotNullable();
        delivery.Instant("next_at").NotNullable();
        delivery.Text("error", 2000).Nullable();
        Index("platform.delivery", "order", "handler, document_id, event_id");
        Index("platform.delivery", "next", "next_at");
    }
}
