using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Migrations;

[Migration(1, "customers and contacts")]
public sealed class V001_Customer : SchemaStep
{
    public override void Up()
    {
        var customer = CreateDocumentTable("customers.customer");
        customer.Text("nature", 12).NotNullable();
        customer.Text("name", 100).NotNullable();
        customer.Text("short_name", 60).Nullable();
        customer.Text("initials", 60).Nullable();
        customer.Text("credit_code", 18).Nullable();
        customer.Text("customer_type", 40).Nullable();
        customer.Text("trade_role", 40).Nullable();
        customer.Text("industry", 40).Nullable();
        customer.Text("region", 40).Nullable();
        customer.Text("address", 200).Nullable();
        customer.Text("phone", 30).Nullable();
        customer.Text("website", 200).Nullable();
        customer.Text("email", 120).Nullable();
        customer.Text("source", 40).Nullable();
        customer.Text("level", 40).Nullable();
        customer.Text("status", 40).Nullable();
        customer.Text("price_kind", 40).Nullable();
        customer.Ref("parent_id").Nullable();
        customer.LongText("remarks").Nullable();
        // For the duplicate check: the name without forms and punctuation, the web domain.
        customer.Text("name_key", 100).Nullable();
        customer.Text("domain", 100).Nullable();
        // A person customer's own contact record.
        customer.Ref("person_contact_id").Nullable();
        DocumentIndexes("customers.customer");
        Index("customers.customer", "initials", "initials, id", where: "deleted_at is null");
        Index("customers.customer", "level", "level, updated_at desc, id desc", where: "deleted_at is null");
        Index("customers.customer", "type", "customer_type, updated_at desc, id desc", where: "deleted_at is null");
        Index("customers.customer", "status", "status, updated_at desc, id desc", where: "deleted_at is null");
        Index("customers.customer", "industry", "industry, updated_at desc, id desc", where: "deleted_at is null");
        Index("customers.customer", "region", "region, updated_at desc, id desc", where: "deleted_at is null");
        Index("customers.customer", "name_key", "name_key");
        Index("customers.customer", "name", "name");
        Index("customers.customer", "credit_code", "credit_code", where: "credit_code is not null");
        Index("customers.customer", "domain", "domain", where: "domain is not null");
        Index("customers.customer", "parent", "parent_id", where: "parent_id is not null");

        var contact = CreateDocumentTable("customers.contact");
        contact.Text("name", 40).NotNullable();
        contact.Text("initials", 60).Nullable();
        contact.Text("mark", 20).Nullable();
        contact.Text("gender", 40).Nullable();
        contact.Day("birthday").Nullable();
        contact.Ref("employer_id").Nullable();
        contact.Text("post", 60).Nullable();
        contact.Text("department", 60).Nullable();
        contact.Text("role", 40).Nullable();
        contact.Text("mobile", 30).Nullable();
        contact.Text("phone", 30).Nullable();
        contact.Text("email", 120).Nullable();
        contact.Text("wechat", 60).Nullable();
        contact.Text("preferences", 200).Nullable();
        contact.LongText("remarks").Nullable();
        DocumentIndexes("customers.contact");
        Index("customers.contact", "initials", "initials, id", where: "deleted_at is null");
        Index("customers.contact", "name", "name");
        Index("customers.contact", "employer", "employer_id", where: "employer_id is not null");
        Index("customers.contact", "mobile", "mobile", where: "mobile is not null");

        // Which customers a contact is tied to; the employer is one of them.
        var tie = CreateTable("customers.contact_tie");
        tie.WithColumn("customer_id").AsInt64().NotNullable().PrimaryKey("pk_customers_contact_tie");
        tie.WithColumn("contact_id").AsInt64().NotNullable().PrimaryKey("pk_customers_contact_tie");
        Index("customers.contact_tie", "contact", "contact_id");
    }
}
