using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>What an operation was before it was undone, for an undoing that doesn't come to its end; those still at work are found without reading the rest.</summary>
[Migration(100, "operations")]
public sealed class V100_Operations : SchemaStep
{
    public override void Up()
    {
        AddColumn("platform.operation", "was", "text", 12);
        Index("platform.operation", "open", "state, id", where: "ended_at is null");
    }
}
