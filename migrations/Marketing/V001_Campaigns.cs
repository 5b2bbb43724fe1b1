using FluentMigrator;
using FluentMigrator.Builders.Create.Table;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.Migrations;

[Migration(1, "market campaigns, what belongs to them, and their public forms")]
public sealed class V001_Campaigns : SchemaStep
{
    private const string Living = "deleted_at is null";

    public override void Up()
    {
        Campaigns();
        Parts();
        Team();
        WebForms();
    }

    private void Campaigns()
    {
        const string table = "marketing.campaign";
        var c = CreateDocumentTable(table);
        c.Text("name", 100).NotNullable();
        c.Text("initials", 60).Nullable();
        c.Text("type", 40).Nullable();
        c.Text("status", 12).NotNullable();
        c.Day("start_date").Nullable();
        c.Day("end_date").Nullable();
        c.Text("place", 200).Nullable();
        c.LongText("purpose").Nullable();
        c.Int("expected_leads").Nullable();
        c.Int("expected_opportunities").Nullable();
        c.Money("expected_amount").Nullable();
        // Sums of the parts, beside the versions.
        c.Money("budget").Nullable();
        c.Money("cost").Nullable();
        c.Money("planned_sales").Nullable();
        c.Instant("started_at").Nullable();
        c.Instant("ended_at").Nullable();
        c.Text("cancel_reason", 500).Nullable();
        c.LongText("summary").Nullable();
        DocumentIndexes(table);
        Index(table, "initials", "initials, id", where: Living);
        Index(table, "start", "start_date, id, owner_id, department_id", where: Living);
        Index(table, "owner_start", "owner_id, start_date, id", where: Living);
        Index(table, "status", "status, start_date, id, owner_id, department_id", where: Living);
    }

    private void Parts()
    {
        var budget = Part("marketing.budget_item");
        budget.Text("category", 40).Nullable();
        budget.Money("planned").Nullable();
        budget.Money("actual").Nullable();
        budget.Text("remarks", 500).Nullable();

        var product = Part("marketing.campaign_product");
        product.Ref("product_id").NotNullable();
        product.Quantity("quantity").Nullable();
        product.Money("amount").Nullable();
        product.Text("remarks", 500).Nullable();
        Index("marketing.campaign_product", "product", "product_id");

        var target = Part("marketing.target");
        target.Ref("customer_id").NotNullable();
        target.Ref("contact_id").Nullable();
        target.LongText("answer").Nullable();
        target.Instant("answered_at").Nullable();
        target.Ref("lead_id").Nullable();
        target.Text("remarks", 500).Nullable();
        Index("marketing.target", "pair", "campaign_id, customer_id, contact_id", where: Living);
        Index("marketing.target", "customer", "customer_id, id", where: Living);
        Index("marketing.target", "contact", "contact_id", where: "contact_id is not null");
    }

    /// <summary>What stands in a tab of the campaign.</summary>
    private ICreateTableWithColumnSyntax Part(string table)
    {
        var part = CreateDocumentTable(table);
        part.Text("subject", 100).NotNullable();
        part.Ref("campaign_id").NotNullable();
        DocumentIndexes(table);
        Index(table, "campaign", "campaign_id, id");
        return part;
    }

    private void Team()
    {
        var participant = CreateTable("marketing.participant");
        participant.WithColumn("campaign_id").AsInt64().NotNullable().PrimaryKey("pk_marketing_participant");
        participant.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_marketing_participant");
        Index("marketing.participant", "user", "user_id, campaign_id");
    }

    private void WebForms()
    {
        var form = CreateTable("marketing.web_form");
        form.Id("campaign_id");
        form.Text("form_key", 40).NotNullable();
        form.Flag("is_open").NotNullable();
        form.Text("title", 100).NotNullable();
        form.Text("intro", 500).Nullable();
        form.Int("received").NotNullable();
        form.Instant("last_at").Nullable();
        Index("marketing.web_form", "form_key", "form_key", unique: true);

        // Each copy of a form is good for one answer; so many answers in an hour are enough. What was typed stays until it is a lead.
        var answer = CreateTable("marketing.web_answer");
        answer.Id();
        answer.Ref("campaign_id").NotNullable();
        answer.Text("seal", 40).NotNullable();
        answer.Instant("at").NotNullable();
        answer.Text("name", 40).Nullable();
        answer.Text("mobile", 30).Nullable();
        answer.Text("company", 100).Nullable();
        answer.Text("email", 120).Nullable();
        answer.LongText("content").Nullable();
        Index("marketing.web_answer", "seal", "seal", unique: true);
        Index("marketing.web_answer", "campaign", "campaign_id, at");
    }
}
