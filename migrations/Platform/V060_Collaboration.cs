using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>What people say and lay beside documents: comments, attachments, messages.</summary>
[Migration(60, "collaboration")]
public sealed class V060_Collaboration : SchemaStep
{
    public override void Up()
    {
        var comment = CreateTable("platform.comment");
        comment.Id();
        comment.Ref("document_id").NotNullable();
        comment.Ref("user_id").NotNullable();
        comment.Instant("at").NotNullable();
        comment.Text("text", 2000).NotNullable();
        comment.Ref("reply_to").Nullable();
        comment.Instant("withdrawn_at").Nullable();
        Index("platform.comment", "document", "document_id, id");

        var attachment = CreateTable("platform.attachment");
        attachment.Id();
        attachment.Ref("document_id").NotNullable();
        attachment.Ref("slot_id").NotNullable();
        attachment.Int("version").NotNullable();
        attachment.Text("name", 200).NotNullable();
        attachment.Int("size").NotNullable();
        attachment.Text("hash", 64).NotNullable();
        attachment.Text("content_type", 100).NotNullable();
        attachment.Ref("user_id").NotNullable();
        attachment.Instant("at").NotNullable();
        attachment.Instant("removed_at").Nullable();
        Index("platform.attachment", "document", "document_id, id");
        // Two new versions of one file at once: the second one is told.
        Index("platform.attachment", "version", "slot_id, version", unique: true);
        Index("platform.attachment", "hash", "hash");

        var message = CreateTable("platform.message");
        message.Id();
        message.Ref("user_id").NotNullable();
        message.Ref("from_id").NotNullable();
        message.Text("kind", 20).NotNullable();
        message.Text("text", 1000).NotNullable();
        message.Ref("document_id").Nullable();
        message.Text("link", 200).Nullable();
        message.Instant("at").NotNullable();
        message.Instant("read_at").Nullable();
        Index("platform.message", "user", "user_id, id desc");
        Index("platform.message", "unread", "user_id", where: "read_at is null");
    }
}
