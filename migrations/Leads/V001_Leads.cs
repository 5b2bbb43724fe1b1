using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Migrations;

[Migration(1, "leads and the rules by which they are assigned")]
public sealed class V001_Leads : SchemaStep
{
    private const string Living = "deleted_at is null";

    public override void Up()
    {
        Leads();
        Pairs();
        Rules();
    }

    private void Leads()
    {
        const string table = "leads.lead";
        var lead = CreateDocumentTable(table);
        lead.Text("subject", 100).NotNullable();
        lead.Text("initials", 60).Nullable();
        lead.Text("status", 12).NotNullable();
        lead.Text("source", 40).Nullable();
        lead.Instant("at").NotNullable();
        lead.LongText("content").Nullable();
        lead.Text("with_customer", 12).NotNullable();
        lead.Ref("customer_id").Nullable();
        lead.Ref("contact_id").Nullable();
        lead.Text("company", 100).Nullable();
        lead.Text("company_key", 100).Nullable();
        lead.Text("contact_name", 40).Nullable();
        lead.Text("post", 60).Nullable();
        lead.Text("mobile", 30).Nullable();
        lead.Text("phone", 30).Nullable();
        lead.Text("email", 120).Nullable();
        lead.Text("wechat", 60).Nullable();
        lead.Text("region", 40).Nullable();
        lead.Text("address", 200).Nullable();
        lead.Ref("campaign_id").Nullable();
        lead.Ref("record_id").Nullable();
        lead.Text("invalid_reason", 40).Nullable();
        lead.Text("invalid_note", 500).Nullable();
        lead.Ref("opportunity_id").Nullable();
        lead.Instant("assigned_at").Nullable();
        lead.Instant("ended_at").Nullable();
        lead.Quantity("convert_days").Nullable();
        lead.Instant("last_contact_at").Nullable();
        lead.Instant("next_contact_at").Nullable();
        DocumentIndexes(table);
        Index(table, "initials", "initials, id", where: Living);
        Index(table, "at", "at desc, id desc, owner_id, department_id", where: Living);
        Index(table, "owner_at", "owner_id, at desc, id desc", where: Living);
        Index(table, "status", "status, at desc, id desc, owner_id, department_id", where: Living);
        Index(table, "mobile", "mobile", where: "mobile is not null");
        Index(table, "phone", "phone", where: "phone is not null");
        Index(table, "email", "email", where: "email is not null");
        Index(table, "company", "company_key", where: "company_key is not null");
        Index(table, "customer", "customer_id", where: "customer_id is not null");
        Index(table, "contact", "contact_id", where: "contact_id is not null");
        Index(table, "campaign", "campaign_id", where: "campaign_id is not null");
    }

    private void Pairs()
    {
        foreach (var other in new[] { "product", "customer" })
        {
            var pair = CreateTable($"leads.lead_{other}");
            pair.WithColumn("lead_id").AsInt64().NotNullable().PrimaryKey($"pk_leads_lead_{other}");
            pair.WithColumn($"{other}_id").AsInt64().NotNullable().PrimaryKey($"pk_leads_lead_{other}");
            Index($"leads.lead_{other}", other, $"{other}_id, lead_id");
        }

        // A contact record makes one lead, ever: the row stays whatever becomes of it.
        var made = CreateTable("leads.made_of_record");
        made.Id("record_id");
        made.Ref("lead_id").NotNullable();
    }

    private void Rules()
    {
        var rule = CreateDocumentTable("leads.assign_rule");
        rule.Text("name", 40).NotNullable();
        rule.Int("sort").NotNullable();
        rule.Text("source", 40).Nullable();
        rule.Text("region", 40).Nullable();
        rule.Flag("automatic").NotNullable();
        rule.Flag("disabled").NotNullable();
        DocumentIndexes("leads.assign_rule");

        var member = CreateTable("leads.rule_member");
        member.WithColumn("rule_id").AsInt64().NotNullable().PrimaryKey("pk_leads_rule_member");
        member.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_leads_rule_member");

        // How many leads a rule has given out: whose turn it is.
        var turn = CreateTable("leads.turn");
        turn.Id("rule_id");
        turn.Int("given").NotNullable();
    }
}
