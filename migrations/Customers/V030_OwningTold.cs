using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Migrations;

[Migration(30, "one customer a credit code, names by their sound, who was told of a release")]
public sealed class V030_OwningTold : SchemaStep
{
    private const string Customer = "customers.customer", Living = "deleted_at is null";

    public override void Up()
    {
        // How the name sounds, for the duplicate check; of older ones it is known once they are saved again.
        AddColumn(Customer, "name_sound", "text", 100);
        Index(Customer, "name_sound", "name_sound", where: $"name_sound is not null and {Living}");
        Codes();
        AddColumn(Customer, "opened_at", "instant");
        Execute.Sql($"update {Name(Customer)} set opened_at = updated_at where owner_id is null");
        Index(Customer, "opened", "opened_at", where: $"owner_id is null and {Living}");
        Index(Customer, "locked", "locked_at, id", where: $"owner_id is not null and {Living}");
        Index("customers.owner_log", "from", "from_id, id desc", where: "from_id is not null");
        Index("customers.contact", "phone", "phone", where: "phone is not null");
        Index("customers.contact", "email", "email", where: "email is not null");
        AddColumn("customers.lock_setting", "version", "int");
        Execute.Sql($"update {Name("customers.lock_setting")} set version = 1");

        // Whose owner was told, and when, that a rule will release it: nothing is released without. Before, it was kept by person and day only.
        Execute.Sql($"drop table {Name("customers.release_notice")}");
        var notice = CreateTable("customers.release_notice");
        notice.Ref("customer_id").NotNullable();
        notice.Ref("rule_id").NotNullable();
        notice.Instant("said_at").NotNullable();
        Index("customers.release_notice", "customer", "customer_id, rule_id", unique: true);
        Index("customers.release_notice", "rule", "rule_id");
    }

    /// <summary>One living customer a code, whoever saves at the same moment; the recycle bin may hold others. Of those there twice the first keeps the code, the others keep it in their remarks.</summary>
    private void Codes()
    {
        var join = Engine == "sqlserver" ? "+" : "||";
        var again = $"credit_code is not null and {Living} and exists (select 1 from {Name(Customer)} f where f.credit_code = {Name(Customer)}.credit_code and f.{Living} and f.id < {Name(Customer)}.id)";
        Execute.Sql($"update {Name(Customer)} set remarks = coalesce(remarks, '') {join} '统一社会信用代码与另一客户相同：' {join} credit_code where {again}");
        Execute.Sql($"update {Name(Customer)} set credit_code = null where {again}");
        DropIndex(Customer, "credit_code");
        Index(Customer, "credit_code", "credit_code", where: $"credit_code is not null and {Living}", unique: true);
    }
}
