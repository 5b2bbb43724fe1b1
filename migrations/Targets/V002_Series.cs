using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Migrations;

[Migration(2, "a series goes by its first day")]
public sealed class V002_Series : SchemaStep
{
    public override void Up()
    {
        // The day a series began with: the 31st stays the last of each month. Of older ones the next day stands for it.
        AddColumn("targets.task", "repeat_from", "day");
        Index("targets.task", "series", "series_id, updated_at desc, id desc", where: "deleted_at is null and series_id is not null");
    }
}
