using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Office.Migrations;

[Migration(1, "announcements")]
public sealed class V001_Announcement : SchemaStep
{
    public override void Up()
    {
        var t = CreateDocumentTable("office.announcement");
        t.Text("title", 100).NotNullable();
        t.LongText("body").NotNullable();
        t.Text("audience", 12).NotNullable();
        t.Flag("must_read").NotNullable();
        t.Day("from_day").Nullable();
        t.Day("until_day").Nullable();
        t.Text("state", 12).NotNullable();
        t.Instant("published_at").Nullable();
        t.Instant("announced_at").Nullable();
        DocumentIndexes("office.announcement");
        Index("office.announcement", "published", "published_at desc, id desc", where: "state = 'published' and deleted_at is null");

        var department = CreateTable("office.announcement_department");
        department.WithColumn("announcement_id").AsInt64().NotNullable().PrimaryKey("pk_office_announcement_department");
        department.WithColumn("department_id").AsInt64().NotNullable().PrimaryKey("pk_office_announcement_department");

        var read = CreateTable("office.announcement_read");
        read.WithColumn("announcement_id").AsInt64().NotNullable().PrimaryKey("pk_office_announcement_read");
        read.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_office_announcement_read");
        read.Instant("at").NotNullable();
    }
}
