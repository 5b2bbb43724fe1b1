using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Approvals of the whole company are listed by their state.</summary>
[Migration(62, "approvals by state")]
public sealed class V062_ApprovalMonitor : SchemaStep
{
    public override void Up() => Index("platform.approval", "state", "state, id desc");
}
