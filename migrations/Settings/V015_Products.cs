using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Migrations;

/// <summary>What the company sells (SET-7).</summary>
[Migration(15, "products")]
public sealed class V015_Products : SchemaStep
{
    public override void Up()
    {
        var t = CreateDocumentTable("settings.product");
        t.Text("code", 40).Nullable();
        t.Text("name", 100).NotNullable();
        t.Text("initials", 60).Nullable();
        t.Text("specification", 200).Nullable();
        t.Text("category", 40).Nullable();
        t.Text("unit", 40).Nullable();
        t.Money("retail_price").Nullable();
        t.Money("member_price").Nullable();
        t.Money("wholesale_price").Nullable();
        t.Text("status", 12).NotNullable();
        t.LongText("remarks").Nullable();
        DocumentIndexes("settings.product");
        Index("settings.product", "code", "code", where: "code is not null and deleted_at is null", unique: true);
        Index("settings.product", "initials", "initials, id", where: "deleted_at is null");
        Index("settings.product", "category", "category, updated_at desc, id desc", where: "deleted_at is null");
        Index("settings.product", "status", "status, updated_at desc, id desc", where: "deleted_at is null");
    }
}
