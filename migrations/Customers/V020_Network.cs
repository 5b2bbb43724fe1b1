using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Migrations;

[Migration(20, "key customers, watching, relations, employers by name, consent")]
public sealed class V020_Network : SchemaStep
{
    public override void Up()
    {
        AddColumn("customers.customer", "is_key", "flag");
        // One's own key customers, in the order of the list.
        Index("customers.customer", "key", "owner_id, updated_at desc, id desc", where: Engine == "postgres" ? "is_key and deleted_at is null" : "is_key = 1 and deleted_at is null");
        // A contact is one customer's own person, not two's; the recycle bin may hold others.
        Index("customers.customer", "person_contact", "person_contact_id", where: "person_contact_id is not null and deleted_at is null", unique: true);

        var watch = CreateTable("customers.watch");
        watch.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_customers_watch");
        watch.WithColumn("customer_id").AsInt64().NotNullable().PrimaryKey("pk_customers_watch");
        watch.Instant("at").NotNullable();
        Index("customers.watch", "customer", "customer_id");

        // What the other is to the customer; each direction is a row of its own.
        var relation = CreateTable("customers.relation");
        relation.WithColumn("customer_id").AsInt64().NotNullable().PrimaryKey("pk_customers_relation");
        relation.WithColumn("other_id").AsInt64().NotNullable().PrimaryKey("pk_customers_relation");
        relation.Text("relation", 40).NotNullable();
        relation.Text("remarks", 200).Nullable();
        relation.Ref("created_by").NotNullable();
        relation.Instant("created_at").NotNullable();
        Index("customers.relation", "other", "other_id, relation");

        // An employer that is no customer yet.
        AddColumn("customers.contact", "employer_name", "text", 100);
        AddColumn("customers.contact", "consent", "text", 12);
        AddColumn("customers.contact", "consent_source", "text", 100);
        AddColumn("customers.contact", "consent_on", "day");
        AddColumn("customers.contact", "refuses_mail", "flag");
        AddColumn("customers.contact", "erased_at", "instant");
    }
}
