using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Migrations;

[Migration(2, "what is expected and what was won by month, what changed between days")]
public sealed class V002_Forecast : SchemaStep
{
    public override void Up()
    {
        const string table = "opportunities.opportunity", living = "deleted_at is null";
        // The forecast is read from these alone; SQLite takes them for that only with the column of the condition in them.
        Index(table, "forecast", "status, sign_date, owner_id, department_id, kind, amount, weighted, deleted_at", where: living);
        Index(table, "closed", "status, closed_at, owner_id, department_id, kind, amount, weighted, deleted_at", where: living);
        // The changes between two days tell of deleted ones, too.
        Index(table, "owner_past", "owner_id, closed_at, id");
        Index(table, "department_past", "department_id, closed_at, id");
    }
}
