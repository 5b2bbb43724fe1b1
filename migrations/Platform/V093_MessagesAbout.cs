using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Messages by what they are about: what is purged is forgotten in them, too.</summary>
[Migration(93, "messages-about")]
public sealed class V093_MessagesAbout : SchemaStep
{
    public override void Up()
    {
        Index("platform.message", "document", "document_id", where: "document_id is not null");
        Index("platform.message", "link", "link", where: "link is not null");
    }
}
