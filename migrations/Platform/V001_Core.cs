using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>What every document leans on: ids, numbers, directory, names, history, operations, owner times.</summary>
[Migration(1, "core")]
public sealed class V001_Core : SchemaStep
{
    public override void Up()
    {
        var counter = CreateTable("platform.counter");
        counter.Text("name", 120).NotNullable().PrimaryKey();
        counter.Int("next").NotNullable();

        var type = CreateTable("platform.document_type");
        type.Id();
        type.Text("name", 40).NotNullable().Unique("ux_platform_document_type_name");

        var document = CreateTable("platform.document");
        document.Id();
        document.Ref("type_id").NotNullable();
        document.Text("number", 40).NotNullable();
        document.Text("title", 200).NotNullable();
        document.Text("initials", 60).NotNullable();
        document.Ref("owner_id").Nullable();
        document.Ref("department_id").Nullable();
        document.Text("status", 40).Nullable();
        document.Flag("deleted").NotNullable();
        Index("platform.document", "number", "number, type_id");

        // Names in pieces of two characters, initials in pieces of three: found without reading a million names.
        if (Engine == "sqlite")
        {
            // The key is the whole row: kept once, in its order.
            Execute.Sql("create table platform_gram (type_id integer not null, gram integer not null, document_id integer not null, primary key (type_id, gram, document_id)) without rowid");
        }
        else
        {
            var gram = CreateTable("platform.gram");
            gram.WithColumn("type_id").AsInt64().NotNullable().PrimaryKey("pk_platform_gram");
            gram.WithColumn("gram").AsInt64().NotNullable().PrimaryKey("pk_platform_gram");
            gram.WithColumn("document_id").AsInt64().NotNullable().PrimaryKey("pk_platform_gram");
        }

        var phone = CreateTable("platform.phone");
        phone.Ref("document_id").NotNullable();
        phone.Text("digits", 30).NotNullable();
        phone.Text("reversed", 30).NotNullable();
        Index("platform.phone", "document", "document_id");
        Index("platform.phone", "digits", "digits, document_id");
        Index("platform.phone", "reversed", "reversed, document_id");

        var tenure = CreateTable("platform.tenure");
        tenure.Ref("document_id").NotNullable();
        tenure.Ref("owner_id").Nullable();
        tenure.Ref("department_id").Nullable();
        tenure.Text("stage", 40).Nullable();
        tenure.Instant("from_at").NotNullable();
        tenure.Instant("to_at").Nullable();
        Index("platform.tenure", "document", "document_id, from_at");
        Index("platform.tenure", "owner", "owner_id, from_at");

        // Rows seen beyond ownership: ties to further owners, shares.
        var access = CreateTable("platform.access");
        access.Ref("type_id").NotNullable();
        access.Ref("document_id").NotNullable();
        access.Ref("user_id").Nullable();
        access.Ref("department_id").Nullable();
        access.Text("cause", 20).NotNullable();
        access.Ref("source_id").NotNullable();
        access.Instant("until").Nullable();
        Index("platform.access", "user", "type_id, user_id, document_id");
        Index("platform.access", "department", "type_id, department_id, document_id");
        Index("platform.access", "document", "document_id");
        Index("platform.access", "source", "source_id");

        var history = CreateTable("platform.history");
        history.Id();
        history.Ref("document_id").NotNullable();
        history.Int("version").NotNullable();
        history.Instant("at").NotNullable();
        history.Ref("user_id").NotNullable();
        history.Ref("seen_by").Nullable();
        history.Text("kind", 20).NotNullable();
        history.Text("source", 80).NotNullable();
        history.Ref("operation_id").Nullable();
        history.LongText("changes").Nullable();
        Index("platform.history", "document", "document_id, id");
        Index("platform.history", "operation", "operation_id, id", where: "operation_id is not null");

        var operation = CreateTable("platform.operation");
        operation.Id();
        operation.Text("kind", 20).NotNullable();
        operation.Text("label", 200).NotNullable();
        operation.Text("type", 40).Nullable();
        operation.Ref("user_id").NotNullable();
        operation.Instant("at").NotNullable();
        operation.Instant("ended_at").Nullable();
        operation.Text("state", 12).NotNullable();
        operation.Int("total").NotNullable();
        operation.Int("done").NotNullable();
        operation.Int("failed").NotNullable();
        operation.Text("message", 1000).Nullable();
        // Not "plan": a reserved word on SQL Server.
        operation.LongText("job").Nullable();
        operation.LongText("details").Nullable();
        operation.Instant("seen_at").Nullable();
        operation.Text("file_name", 200).Nullable();
        operation.Ref("undo_of").Nullable();
        operation.Ref("token_id").Nullable();
        Index("platform.operation", "user", "user_id, id");

        var query = CreateTable("platform.saved_query");
        query.Id();
        query.Ref("user_id").NotNullable();
        query.Text("type", 40).NotNullable();
        query.Text("name", 60).NotNullable();
        query.Flag("shared").NotNullable();
        query.LongText("request").NotNullable();
        Index("platform.saved_query", "name", "user_id, type, name", unique: true);

        var preference = CreateTable("platform.preference");
        preference.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_platform_preference");
        preference.Text("name", 100).NotNullable().PrimaryKey("pk_platform_preference");
        preference.LongText("value").NotNullable();

        var stamp = CreateTable("platform.stamp");
        stamp.Text("name", 40).NotNullable().PrimaryKey();
        stamp.Int("value").NotNullable();
    }
}
