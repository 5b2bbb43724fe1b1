using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Addresses that hear of events, and what was delivered to them.</summary>
[Migration(72, "webhooks")]
public sealed class V072_Webhooks : SchemaStep
{
    public override void Up()
    {
        var webhook = CreateTable("platform.webhook");
        webhook.Id();
        webhook.Text("name", 60).NotNullable();
        webhook.Text("url", 500).NotNullable();
        webhook.LongText("events").NotNullable();
        webhook.LongText("secret").NotNullable();
        webhook.Text("state", 8).NotNullable();
        webhook.Text("why", 500).Nullable();
        webhook.Instant("failing_since").Nullable();
        webhook.Instant("last_at").Nullable();
        webhook.Ref("created_by").NotNullable();
        webhook.Instant("at").NotNullable();

        var delivery = CreateTable("platform.webhook_delivery");
        delivery.Id();
        delivery.Ref("webhook_id").NotNullable();
        delivery.Ref("event_id").NotNullable();
        delivery.Text("event", 120).NotNullable();
        delivery.LongText("body").NotNullable();
        delivery.Text("state", 8).NotNullable();
        delivery.Int("attempts").NotNullable();
        delivery.Instant("next_at").NotNullable();
        delivery.Text("claim", 32).Nullable();
        delivery.WithColumn("status").AsInt64().Nullable();
        delivery.Text("answer", 1000).Nullable();
        delivery.Instant("at").NotNullable();
        delivery.Instant("done_at").Nullable();
        Index("platform.webhook_delivery", "due", "webhook_id, next_at, id", where: "state = 'waiting'");
        Index("platform.webhook_delivery", "claim", "claim", where: "claim is not null");
        Index("platform.webhook_delivery", "webhook", "webhook_id, id desc");
        Index("platform.webhook_delivery", "at", "at, id");
    }
}
