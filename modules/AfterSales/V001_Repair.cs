using FluentMigrator;
using KuaipuCrm.Sdk;

namespace AfterSales;

[Migration(1, "repairs")]
public sealed class V001_Repair : SchemaStep
{
    public override void Up()
    {
        var t = CreateDocumentTable("aftersales.repair");
        t.Text("subject", 100).NotNullable();
        t.Ref("customer_id").NotNullable();
        t.Text("product", 100).Nullable();
        t.LongText("fault").Nullable();
        t.Text("state", 20).NotNullable();
        t.Day("due").Nullable();
        t.Money("fee").Nullable();
        DocumentIndexes("aftersales.repair");
        Index("aftersales.repair", "customer", "customer_id, updated_at desc, id desc", where: "deleted_at is null");
    }
}
