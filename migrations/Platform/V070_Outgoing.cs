using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Templates, and what goes out by mail, SMS and robots.</summary>
[Migration(70, "templates, mail, SMS")]
public sealed class V070_Outgoing : SchemaStep
{
    public override void Up()
    {
        var template = CreateTable("platform.template");
        template.Id();
        template.Text("kind", 12).NotNullable();
        template.Text("type", 40).Nullable();
        template.Text("name", 60).NotNullable();
        template.Text("subject", 200).Nullable();
        template.LongText("body").NotNullable();
        template.Flag("enabled").NotNullable();
        template.Int("version").NotNullable();
        template.Ref("updated_by").NotNullable();
        template.Instant("updated_at").NotNullable();
        Index("platform.template", "name", "kind, name", unique: true);

        var version = CreateTable("platform.template_version");
        version.WithColumn("template_id").AsInt64().NotNullable().PrimaryKey("pk_platform_template_version");
        version.WithColumn("version").AsInt64().NotNullable().PrimaryKey("pk_platform_template_version");
        version.Text("subject", 200).Nullable();
        version.LongText("body").NotNullable();
        version.Ref("user_id").NotNullable();
        version.Instant("at").NotNullable();

        var channel = CreateTable("platform.channel");
        channel.Id();
        channel.Text("kind", 12).NotNullable();
        channel.Text("name", 60).NotNullable();
        channel.Text("settings", 2000).NotNullable();
        channel.LongText("secret").Nullable();
        channel.Flag("enabled").NotNullable();
        channel.Text("last_error", 1000).Nullable();
        channel.Instant("last_at").Nullable();
        // One mail server, one gateway; robots as many as there are groups.
        Index("platform.channel", "single", "kind", where: "kind in ('mail', 'sms')", unique: true);

        var mailing = CreateTable("platform.mailing");
        mailing.Id();
        mailing.Text("label", 200).NotNullable();
        mailing.Text("channel", 12).NotNullable();
        mailing.Text("type", 40).Nullable();
        mailing.Text("subject", 200).Nullable();
        mailing.LongText("body").NotNullable();
        mailing.Text("once_key", 200).Nullable();
        mailing.Ref("created_by").NotNullable();
        mailing.Instant("at").NotNullable();
        Index("platform.mailing", "once", "once_key", where: "once_key is not null", unique: true);

        var outgoing = CreateTable("platform.outgoing");
        outgoing.Id();
        outgoing.Text("channel", 12).NotNullable();
        outgoing.Ref("channel_id").Nullable();
        outgoing.Text("address", 200).NotNullable();
        outgoing.Text("name", 100).Nullable();
        outgoing.Ref("user_id").Nullable();
        outgoing.Ref("document_id").Nullable();
        outgoing.Ref("mailing_id").Nullable();
        outgoing.Text("subject", 200).Nullable();
        outgoing.LongText("body").Nullable();
        outgoing.Flag("html").NotNullable();
        outgoing.Flag("promotional").NotNullable();
        outgoing.Text("message_id", 200).NotNullable();
        outgoing.Text("once_key", 300).Nullable();
        outgoing.Text("state", 12).NotNullable();
        outgoing.Int("attempts").NotNullable();
        outgoing.Instant("next_at").NotNullable();
        outgoing.Text("claim", 32).Nullable();
        outgoing.Text("error", 1000).Nullable();
        outgoing.Ref("created_by").NotNullable();
        outgoing.Instant("at").NotNullable();
        outgoing.Instant("sent_at").Nullable();
        Index("platform.outgoing", "due", "channel, next_at, id", where: "state = 'waiting'");
        Index("platform.outgoing", "claim", "claim", where: "claim is not null");
        Index("platform.outgoing", "state", "state, id desc");
        Index("platform.outgoing", "document", "document_id, id desc", where: "document_id is not null");
        Index("platform.outgoing", "mailing", "mailing_id, state", where: "mailing_id is not null");
        Index("platform.outgoing", "once", "once_key", where: "once_key is not null", unique: true);

        var optOut = CreateTable("platform.opt_out");
        optOut.Text("address", 200).NotNullable().PrimaryKey();
        optOut.Instant("at").NotNullable();
        optOut.Ref("user_id").NotNullable();
    }
}
