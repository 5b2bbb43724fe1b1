using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Documents shared with people and departments; what they open stands in <c>platform.access</c>.</summary>
[Migration(90, "shares")]
public sealed class V090_Shares : SchemaStep
{
    public override void Up()
    {
        var share = CreateTable("platform.share");
        share.Id();
        share.Ref("type_id").NotNullable();
        share.Ref("document_id").NotNullable();
        // The user or the department.
        share.Ref("target_id").NotNullable();
        share.Ref("user_id").Nullable();
        share.Ref("department_id").Nullable();
        share.Flag("writes").NotNullable();
        share.Instant("until").Nullable();
        share.Text("kinds", 1000).NotNullable();
        share.Ref("by_id").NotNullable();
        share.Instant("at").NotNullable();
        share.Instant("ended_at").Nullable();
        share.Ref("ended_by").Nullable();
        // What modules tied by hand follows from the declared ties now.
        Execute.Sql($"update {Name("platform.access")} set cause = 'owner' where cause = 'tie'");
        // One of a kind at a time: two who share at once with the same person leave one share.
        Index("platform.share", "target", "document_id, target_id", where: "ended_at is null", unique: true);
    }
}
