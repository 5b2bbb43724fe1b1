using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Migrations;

[Migration(4, "lists, board and funnel of some hundred thousand are read along their indexes")]
public sealed class V004_Indexes : SchemaStep
{
    public override void Up()
    {
        const string table = "opportunities.opportunity", living = "deleted_at is null";
        foreach (var name in new[] { "stands", "owner_stands", "department_stands", "due" }) DropIndex(table, name);
        // Board and funnel read nothing but these: what stands in each stage, for all, for one's own, for departments.
        const string stands = "status, stage_id, furthest, amount, weighted";
        Index(table, "stands", $"kind, {stands}, created_at, sign_date, stage_due, owner_id, department_id", where: living);
        Index(table, "owner_stands", $"owner_id, kind, created_at desc, id desc, {stands}, sign_date, stage_due", where: living);
        Index(table, "department_stands", $"department_id, kind, {stands}, created_at, sign_date, stage_due", where: living);
        // How long the latest of a type stayed.
        Index(table, "made", "kind, created_at desc, id desc, owner_id, department_id", where: living);
        // The lists of one status in the orders people read them.
        Index(table, "due", "status, stage_due, id, owner_id, department_id", where: living);
        Index(table, "status", "status, updated_at desc, id desc, owner_id, department_id, registration", where: living);
        Index("opportunities.advance", "kind", "kind, at desc, id desc, owner_id, department_id", where: living);
    }
}
