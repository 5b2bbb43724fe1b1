using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Who signs in, and what is written down about it.</summary>
[Migration(2, "security")]
public sealed class V002_Security : SchemaStep
{
    public override void Up()
    {
        var account = CreateTable("platform.account");
        account.Id("user_id");
        account.Text("login", 60).NotNullable();
        account.Text("password_hash", 200).Nullable();
        account.Flag("enabled").NotNullable();
        account.Flag("must_change").NotNullable();
        account.Int("failures").NotNullable();
        account.Instant("locked_until").Nullable();
        account.Text("totp_secret", 200).Nullable();
        account.Int("totp_step").NotNullable();
        Index("platform.account", "login", "login", unique: true);

        var session = CreateTable("platform.session");
        session.Text("id", 64).NotNullable().PrimaryKey();
        session.Ref("user_id").NotNullable();
        session.Ref("as_user_id").Nullable();
        session.Instant("created_at").NotNullable();
        session.Instant("seen_at").NotNullable();
        session.Instant("expires_at").NotNullable();
        session.Text("address", 60).NotNullable();
        session.Text("agent", 200).NotNullable();
        Index("platform.session", "user", "user_id");

        // Append-only: who signed in or tried to; who did what beyond documents.
        var log = CreateTable("platform.log");
        log.Id();
        log.Instant("at").NotNullable();
        log.Text("kind", 20).NotNullable();
        log.Text("what", 60).NotNullable();
        log.Ref("user_id").Nullable();
        log.Ref("seen_by").Nullable();
        log.Text("login", 60).Nullable();
        log.Text("address", 60).NotNullable();
        log.Text("label", 200).NotNullable();
        log.Text("result", 20).NotNullable();
        log.LongText("details").Nullable();
        Index("platform.log", "at", "at desc, id desc");
        Index("platform.log", "kind", "kind, at desc, id desc");
        Index("platform.log", "user", "user_id, at desc, id desc");
    }
}
