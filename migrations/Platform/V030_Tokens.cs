using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>How programs sign in; only the hash of a token is kept.</summary>
[Migration(30, "tokens")]
public sealed class V030_Tokens : SchemaStep
{
    public override void Up()
    {
        var token = CreateTable("platform.token");
        token.Id();
        token.Ref("user_id").NotNullable();
        token.Text("name", 60).NotNullable();
        token.Flag("service").NotNullable();
        token.Text("hash", 64).NotNullable();
        token.Text("hint", 20).NotNullable();
        token.LongText("scopes").NotNullable();
        token.Flag("read_only").NotNullable();
        token.Ref("created_by").NotNullable();
        token.Instant("created_at").NotNullable();
        token.Instant("expires_at").NotNullable();
        token.Instant("used_at").Nullable();
        token.Text("used_from", 60).Nullable();
        token.Instant("revoked_at").Nullable();
        Index("platform.token", "hash", "hash", unique: true);
        Index("platform.token", "user", "user_id");

        // The answer to a request that was sent with a key of the caller's, for as long as it may be repeated.
        var once = CreateTable("platform.once");
        once.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_platform_once");
        once.Text("once_key", 100).NotNullable().PrimaryKey("pk_platform_once");
        once.Text("request", 64).NotNullable();
        once.LongText("answer").NotNullable();
        once.Instant("at").NotNullable();
        Index("platform.once", "at", "at");
    }
}
