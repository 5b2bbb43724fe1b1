using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Comments by who gave them.</summary>
[Migration(65, "comment inbox")]
public sealed class V065_CommentInbox : SchemaStep
{
    public override void Up() => Index("platform.comment", "user", "user_id, id desc");
}
