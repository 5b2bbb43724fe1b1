using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.Migrations;

[Migration(2, "public forms: what robots filled in, and when a crowd was told of")]
public sealed class V002_Crowds : SchemaStep
{
    public override void Up()
    {
        AddColumn("marketing.web_answer", "robot", "flag");
        AddColumn("marketing.web_form", "crowded_at", "instant");
    }
}
