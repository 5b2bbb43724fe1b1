using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Migrations;

[Migration(2, "who made a contact, whoever the record is handed to")]
public sealed class V002_WhoMadeContact : SchemaStep
{
    public override void Up()
    {
        const string table = "tracking.contact_record";
        AddColumn(table, "by_id", "int");
        Execute.Sql($"update {Name(table)} set by_id = coalesce(owner_id, created_by)");
        Index(table, "by_at", "by_id, at desc, id desc", where: "deleted_at is null");
    }
}
