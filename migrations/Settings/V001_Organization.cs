using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Migrations;

[Migration(1, "organization")]
public sealed class V001_Organization : SchemaStep
{
    public override void Up()
    {
        var department = CreateDocumentTable("settings.department");
        department.Text("name", 60).NotNullable();
        department.Text("code", 30).Nullable();
        department.Ref("parent_id").Nullable();
        department.Ref("manager_id").Nullable();
        department.Flag("branch").NotNullable();
        department.LongText("remarks").Nullable();
        DocumentIndexes("settings.department");

        var post = CreateDocumentTable("settings.post");
        post.Text("name", 60).NotNullable();
        post.Text("code", 30).Nullable();
        post.LongText("remarks").Nullable();
        DocumentIndexes("settings.post");

        // "user" is a reserved word on the servers.
        var user = CreateDocumentTable("settings.person");
        user.Text("name", 40).NotNullable();
        user.Text("initials", 60).Nullable();
        user.Text("login", 40).NotNullable();
        user.Ref("home_id").Nullable();
        user.Ref("post_id").Nullable();
        user.Ref("superior_id").Nullable();
        user.Text("mobile", 30).Nullable();
        user.Text("email", 120).Nullable();
        user.Text("status", 12).NotNullable();
        user.LongText("remarks").Nullable();
        DocumentIndexes("settings.person");
        Index("settings.person", "login", "login", unique: true);
        Index("settings.person", "home", "home_id");

        var role = CreateDocumentTable("settings.role");
        role.Text("name", 60).NotNullable();
        role.LongText("remarks").Nullable();
        DocumentIndexes("settings.role");

        var permission = CreateTable("settings.role_permission");
        permission.WithColumn("role_id").AsInt64().NotNullable().PrimaryKey("pk_settings_role_permission");
        permission.Text("permission", 100).NotNullable().PrimaryKey("pk_settings_role_permission");

        var member = CreateTable("settings.person_role");
        member.WithColumn("person_id").AsInt64().NotNullable().PrimaryKey("pk_settings_person_role");
        member.WithColumn("role_id").AsInt64().NotNullable().PrimaryKey("pk_settings_person_role");

        // Of a role or of a person; departments as a list of ids where chosen.
        var grant = CreateTable("settings.scope_grant");
        grant.WithColumn("holder_id").AsInt64().NotNullable().PrimaryKey("pk_settings_scope_grant");
        grant.Text("type", 40).NotNullable().PrimaryKey("pk_settings_scope_grant");
        grant.Text("kind", 30).NotNullable();
        grant.LongText("departments").Nullable();

        var entries = CreateTable("settings.role_entry");
        entries.WithColumn("role_id").AsInt64().NotNullable().PrimaryKey("pk_settings_role_entry");
        entries.Text("dictionary", 40).NotNullable().PrimaryKey("pk_settings_role_entry");
        entries.Text("code", 40).NotNullable().PrimaryKey("pk_settings_role_entry");
    }
}
