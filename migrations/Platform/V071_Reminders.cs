using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Rules of reminders, the times they come due, and where messages go besides the CRM.</summary>
[Migration(71, "reminders, message routes")]
public sealed class V071_Reminders : SchemaStep
{
    public override void Up()
    {
        var rule = CreateTable("platform.reminder_rule");
        rule.Id();
        rule.Ref("type_id").NotNullable();
        rule.Ref("document_id").Nullable();
        rule.LongText("wish").NotNullable();
        rule.Flag("enabled").NotNullable();
        rule.Flag("gone").NotNullable();
        rule.Instant("fill_at").Nullable();
        rule.Ref("fill_after").NotNullable();
        rule.Int("fill_pass").NotNullable();
        rule.Ref("created_by").NotNullable();
        rule.Instant("at").NotNullable();
        Index("platform.reminder_rule", "type", "type_id", where: "document_id is null");
        Index("platform.reminder_rule", "document", "document_id", where: "document_id is not null");

        var reminder = CreateTable("platform.reminder");
        reminder.Id();
        reminder.Ref("rule_id").NotNullable();
        reminder.Ref("document_id").NotNullable();
        reminder.Instant("due_at").NotNullable();
        reminder.Int("turn").NotNullable();
        reminder.Instant("next_at").NotNullable();
        reminder.Int("attempts").NotNullable();
        // One for each rule and document: whoever works it out twice at once makes it once.
        Index("platform.reminder", "rule", "rule_id, document_id", unique: true);
        Index("platform.reminder", "document", "document_id");
        Index("platform.reminder", "next", "next_at, id");

        var route = CreateTable("platform.message_route");
        route.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_platform_message_route");
        route.Text("kind", 20).NotNullable().PrimaryKey("pk_platform_message_route");
        route.WithColumn("mail").AsBoolean().Nullable();
        route.WithColumn("sms").AsBoolean().Nullable();
        route.Text("robots", 1000).Nullable();
    }
}
