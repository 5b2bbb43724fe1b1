using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Migrations;

/// <summary>The check while typing looks for phones among a million customers, employers by name among their contacts.</summary>
[Migration(21, "phones and employers are looked for")]
public sealed class V021_Duplicates : SchemaStep
{
    public override void Up()
    {
        Index("customers.customer", "phone", "phone", where: "phone is not null");
        Index("customers.contact", "employer_name", "employer_name", where: "employer_name is not null");
    }
}
