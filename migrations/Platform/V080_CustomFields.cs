using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>The fields administrators add to document types (DOC-11); what they hold stands in each document's extra.</summary>
[Migration(80, "custom fields")]
public sealed class V080_CustomFields : SchemaStep
{
    public override void Up()
    {
        var t = CreateTable("platform.custom_field");
        t.Id();
        t.Text("type", 40).NotNullable();
        t.Text("name", 40).NotNullable();
        t.Text("label", 40).NotNullable();
        t.Text("english", 60).Nullable();
        t.Text("kind", 20).NotNullable();
        t.Text("dictionary", 60).Nullable();
        t.Text("refers_to", 40).Nullable();
        t.Text("section", 40).NotNullable();
        t.Text("help", 200).Nullable();
        t.Text("start", 200).Nullable();
        t.Flag("required").NotNullable();
        t.Flag("listed").NotNullable();
        t.Flag("indexed").NotNullable();
        t.Flag("disabled").NotNullable();
        t.Int("position").NotNullable();
        t.Int("version").NotNullable();
        t.Instant("deleted_at").Nullable();
        Index("platform.custom_field", "name", "type, name", unique: true);
    }
}
