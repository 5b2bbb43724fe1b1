using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Migrations;

[Migration(3, "each work list of a million is read along an index of its own")]
public sealed class V003_WorkLists : SchemaStep
{
    public override void Up()
    {
        const string customers = "tracking.customer_track", contacts = "tracking.contact_track", living = "deleted_at is null", unmet = "deleted_at is null and met_at is null";
        // Condition and columns alike, so that a count needs nothing else.
        Index(customers, "adrift", "last_at, id, owner_id, department_id, next_at", where: "deleted_at is null and next_at is null and last_at is not null");
        // How contact was made stands in the index of all records, too: visits are counted along it.
        const string records = "tracking.contact_record";
        DropIndex(records, "at");
        Index(records, "at", "at desc, id desc, owner_id, department_id, method", where: living);
        DropIndex(contacts, "role");
        Index(contacts, "role", "role, met_at, id, owner_id, department_id", where: living);
        Index(contacts, "owner_role", "owner_id, role, met_at, id", where: living);
        Index(contacts, "department_role", "department_id, role, met_at, id", where: living);
        Index(contacts, "unmet", "role, created_at desc, id desc, owner_id, department_id, met_at", where: unmet);
        Index(contacts, "owner_unmet", "owner_id, role, created_at desc, id desc, met_at", where: unmet);
    }
}
