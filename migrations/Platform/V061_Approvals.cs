using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Migrations;

/// <summary>Approval flows in versions, and the approvals that run by them.</summary>
[Migration(61, "approvals")]
public sealed class V061_Approvals : SchemaStep
{
    public override void Up()
    {
        var flow = CreateTable("platform.flow");
        flow.Id();
        flow.Text("type", 40).NotNullable();
        flow.Text("name", 60).NotNullable();
        flow.Flag("enabled").NotNullable();
        flow.Int("position").NotNullable();
        flow.Int("version").NotNullable();
        flow.Instant("deleted_at").Nullable();

        // Never changed once written: running approvals go by the version they began with.
        var version = CreateTable("platform.flow_version");
        version.WithColumn("flow_id").AsInt64().NotNullable().PrimaryKey("pk_platform_flow_version");
        version.WithColumn("version").AsInt64().NotNullable().PrimaryKey("pk_platform_flow_version");
        version.LongText("definition").NotNullable();
        version.Ref("user_id").NotNullable();
        version.Instant("at").NotNullable();

        var approval = CreateTable("platform.approval");
        approval.Id();
        approval.Ref("document_id").NotNullable();
        approval.Ref("type_id").NotNullable();
        approval.Ref("flow_id").NotNullable();
        approval.Int("flow_version").NotNullable();
        approval.Ref("submitter_id").NotNullable();
        approval.Instant("at").NotNullable();
        approval.Instant("ended_at").Nullable();
        approval.Text("state", 12).NotNullable();
        approval.Int("step").NotNullable();
        approval.Text("note", 500).Nullable();
        approval.LongText("snapshot").NotNullable();
        Index("platform.approval", "document", "document_id, id");
        Index("platform.approval", "running", "document_id", where: "state = 'review'", unique: true);
        Index("platform.approval", "submitter", "submitter_id, id desc");
        Index("platform.approval", "flow", "flow_id", where: "state = 'review'");

        var task = CreateTable("platform.approval_task");
        task.Id();
        task.Ref("approval_id").NotNullable();
        task.Int("step").NotNullable();
        task.Ref("user_id").NotNullable();
        task.Ref("for_id").Nullable();
        task.Ref("waits_for").Nullable();
        task.Text("state", 12).NotNullable();
        task.Instant("at").NotNullable();
        task.Instant("due_at").Nullable();
        task.Instant("reminded_at").Nullable();
        task.Instant("done_at").Nullable();
        task.Text("note", 500).Nullable();
        Index("platform.approval_task", "approval", "approval_id, id");
        Index("platform.approval_task", "user", "user_id, state, id desc");
        Index("platform.approval_task", "due", "due_at", where: "state = 'open'");

        var standIn = CreateTable("platform.stand_in");
        standIn.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey();
        standIn.Ref("stand_in_id").NotNullable();
        standIn.Day("from_day").NotNullable();
        standIn.Day("to_day").Nullable();
    }
}
