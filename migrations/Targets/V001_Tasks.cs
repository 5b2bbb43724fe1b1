using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Migrations;

/// <summary>Tasks (计划任务, TGT-5) and what was reported of them.</summary>
[Migration(1, "tasks")]
public sealed class V001_Tasks : SchemaStep
{
    public override void Up()
    {
        var t = CreateDocumentTable("targets.task");
        t.Text("subject", 100).NotNullable();
        t.Text("initials", 60).Nullable();
        t.LongText("content").Nullable();
        t.Ref("assigner_id").Nullable();
        t.Text("priority", 12).NotNullable();
        t.Day("deadline").Nullable();
        t.Text("status", 12).NotNullable();
        t.Int("progress").NotNullable();
        t.Ref("document_id").Nullable();
        t.Text("repeat_by", 12).NotNullable();
        t.Day("repeat_until").Nullable();
        t.Instant("closed_at").Nullable();
        // The clock's own: not fields of the document.
        t.Ref("series_id").Nullable();
        t.Day("next_on").Nullable();
        t.Day("reminded_on").Nullable();
        DocumentIndexes("targets.task");
        Index("targets.task", "initials", "initials, id", where: "deleted_at is null");
        Index("targets.task", "assigner", "assigner_id, updated_at desc, id desc", where: "deleted_at is null");
        Index("targets.task", "document", "document_id, updated_at desc, id desc", where: "deleted_at is null and document_id is not null");
        Index("targets.task", "status", "status, updated_at desc, id desc", where: "deleted_at is null");
        Index("targets.task", "deadline", "deadline, id", where: "deleted_at is null");
        Index("targets.task", "next", "next_on", where: "next_on is not null");

        var report = CreateTable("targets.task_report");
        report.Id();
        report.Ref("task_id").NotNullable();
        report.Instant("at").NotNullable();
        report.Ref("user_id").NotNullable();
        report.Text("kind", 12).NotNullable();
        report.Int("progress").NotNullable();
        report.Text("note", 2000).Nullable();
        Index("targets.task_report", "task", "task_id, id");
    }
}
