using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Migrations;

[Migration(3, "registrations with vendors")]
public sealed class V003_Registrations : SchemaStep
{
    public override void Up()
    {
        const string table = "opportunities.registration", living = "deleted_at is null";
        var r = CreateDocumentTable(table);
        r.Text("subject", 100).NotNullable();
        r.Ref("opportunity_id").NotNullable();
        r.Ref("customer_id").NotNullable();
        r.Ref("vendor_id").NotNullable();
        r.Ref("contact_id").Nullable();
        r.Text("status", 12).NotNullable();
        r.LongText("content").Nullable();
        r.Day("registered_on").Nullable();
        r.Instant("sent_at").Nullable();
        r.Day("answered_on").Nullable();
        r.LongText("answer").Nullable();
        r.Day("protected_until").Nullable();
        r.LongText("remarks").Nullable();
        // The end of protection of which the owner was told.
        r.Day("reminded_for").Nullable();
        DocumentIndexes(table);
        Index(table, "opportunity", "opportunity_id, id");
        Index(table, "vendor", "vendor_id");
        Index(table, "customer", "customer_id");
        Index(table, "contact", "contact_id", where: "contact_id is not null");
        Index(table, "protected", "protected_until, id, owner_id, department_id", where: living);
        Index(table, "status", "status, protected_until, id", where: living);

        // How the opportunity stands with its registrations; none: not registered yet.
        AddColumn("opportunities.opportunity", "registration", "text", 12);
    }
}
