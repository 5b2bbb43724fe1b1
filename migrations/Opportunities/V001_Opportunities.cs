using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Migrations;

[Migration(1, "opportunities, their stages and what belongs to them")]
public sealed class V001_Opportunities : SchemaStep
{
    private const string Living = "deleted_at is null";

    public override void Up()
    {
        Stages();
        Opportunities();
        Advances();
        Parts();
        Team();
    }

    private void Stages()
    {
        const string table = "opportunities.stage";
        var stage = CreateDocumentTable(table);
        stage.Text("kind", 12).NotNullable();
        stage.Text("name", 40).NotNullable();
        stage.Int("sort").NotNullable();
        stage.Int("probability").NotNullable();
        stage.Int("expected_days").Nullable();
        stage.Text("duties", 200).Nullable();
        stage.LongText("standard").Nullable();
        stage.Text("required_fields", 400).Nullable();
        stage.Flag("needs_file").NotNullable();
        stage.Flag("needs_approval").NotNullable();
        stage.Flag("disabled").NotNullable();
        DocumentIndexes(table);
        Index(table, "kind", "kind, sort, id", where: Living);
    }

    private void Opportunities()
    {
        const string table = "opportunities.opportunity";
        var o = CreateDocumentTable(table);
        o.Text("name", 100).NotNullable();
        o.Text("initials", 60).Nullable();
        o.Text("kind", 12).NotNullable();
        o.Ref("customer_id").NotNullable();
        o.Ref("contact_id").Nullable();
        o.Text("status", 12).NotNullable();
        o.Ref("stage_id").NotNullable();
        o.Instant("stage_since").Nullable();
        o.Day("stage_due").Nullable();
        // The highest stage ever reached, by its place in the order: what the funnel's conversion counts.
        o.Int("furthest").NotNullable();
        o.Int("probability").NotNullable();
        o.Money("amount").Nullable();
        o.Money("weighted").Nullable();
        o.Money("lines_amount").Nullable();
        o.Day("sign_date").Nullable();
        o.Text("source", 40).Nullable();
        o.Ref("campaign_id").Nullable();
        o.Ref("lead_id").Nullable();
        o.Ref("record_id").Nullable();
        o.LongText("remarks").Nullable();
        o.Money("investment").Nullable();
        o.Text("bid_place", 200).Nullable();
        o.Day("bid_start").Nullable();
        o.Day("bid_end").Nullable();
        o.Day("implement_on").Nullable();
        o.Money("bid_bond").Nullable();
        o.Text("pause_reason", 40).Nullable();
        o.Text("pause_note", 500).Nullable();
        o.Day("wake_on").Nullable();
        o.Instant("closed_at").Nullable();
        o.Text("loss_reason", 40).Nullable();
        o.Ref("winner_id").Nullable();
        o.Text("close_note", 500).Nullable();
        o.Ref("pending_stage_id").Nullable();
        o.LongText("pending_progress").Nullable();
        o.Text("pending_next", 200).Nullable();
        o.Instant("last_contact_at").Nullable();
        o.Instant("next_contact_at").Nullable();
        DocumentIndexes(table);
        Index(table, "initials", "initials, id", where: Living);
        // Board and funnel read nothing but these: what stands in each stage, for all, for one's own, for departments.
        const string stands = "kind, status, stage_id, furthest, created_at, sign_date, amount, weighted, stage_due";
        Index(table, "stands", stands + ", owner_id, department_id", where: Living);
        Index(table, "owner_stands", "owner_id, " + stands, where: Living);
        Index(table, "department_stands", "department_id, " + stands, where: Living);
        // The cards of the board, those longest in their stage first.
        Index(table, "stage", "stage_id, status, stage_since, id, owner_id, department_id", where: Living);
        Index(table, "sign", "sign_date, id, owner_id, department_id", where: Living);
        Index(table, "owner_sign", "owner_id, sign_date, id", where: Living);
        Index(table, "due", "stage_due, id, owner_id, department_id", where: Living);
        Index(table, "customer", "customer_id, updated_at desc, id desc");
        Index(table, "contact", "contact_id", where: "contact_id is not null");
        Index(table, "lead", "lead_id", where: "lead_id is not null");
        Index(table, "campaign", "campaign_id", where: "campaign_id is not null");
        Index(table, "wake", "wake_on, id", where: "wake_on is not null");
    }

    private void Advances()
    {
        const string table = "opportunities.advance";
        var a = CreateDocumentTable(table);
        a.Text("subject", 100).NotNullable();
        a.Ref("opportunity_id").NotNullable();
        a.Text("kind", 12).NotNullable();
        a.Instant("at").NotNullable();
        a.Ref("stage_id").NotNullable();
        a.Ref("from_stage_id").Nullable();
        a.Int("probability").NotNullable();
        a.LongText("progress").Nullable();
        a.Text("next_step", 200).Nullable();
        // Until when the opportunity stood so, and how many days that was.
        a.Instant("left_at").Nullable();
        a.Quantity("stay").Nullable();
        DocumentIndexes(table);
        Index(table, "opportunity", "opportunity_id, at, id");
        Index(table, "at", "at desc, id desc, owner_id, department_id", where: Living);
        Index(table, "stage", "stage_id, stay", where: Living);

        // How an opportunity stood from each moment on, so that a report of a past day stays what it was.
        var state = CreateTable("opportunities.state");
        state.Id();
        state.Ref("opportunity_id").NotNullable();
        state.Instant("at").NotNullable();
        state.Text("status", 12).NotNullable();
        state.Ref("stage_id").NotNullable();
        state.Money("amount").Nullable();
        state.Money("weighted").Nullable();
        state.Day("sign_date").Nullable();
        state.Ref("owner_id").Nullable();
        Index("opportunities.state", "opportunity", "opportunity_id, at, id");
        Index("opportunities.state", "at", "at, opportunity_id");
    }

    private void Parts()
    {
        var line = Part("opportunities.line");
        line.Ref("product_id").NotNullable();
        line.Quantity("quantity").NotNullable();
        line.Money("price").Nullable();
        line.Money("amount").Nullable();
        line.Text("remarks", 200).Nullable();
        Index("opportunities.line", "product", "product_id");

        var stakeholder = Part("opportunities.stakeholder");
        stakeholder.Ref("contact_id").NotNullable();
        stakeholder.Text("role", 40).Nullable();
        stakeholder.Text("stance", 12).Nullable();
        stakeholder.Text("remarks", 500).Nullable();
        Index("opportunities.stakeholder", "contact", "contact_id");

        var competition = Part("opportunities.competition");
        competition.Ref("customer_id").NotNullable();
        competition.Ref("competitor_id").NotNullable();
        competition.LongText("strengths").Nullable();
        competition.LongText("weaknesses").Nullable();
        competition.Money("price").Nullable();
        competition.LongText("strategy").Nullable();
        competition.Text("result", 12).NotNullable();
        Index("opportunities.competition", "competitor", "competitor_id");
        Index("opportunities.competition", "customer", "customer_id");

        var requirement = Part("opportunities.requirement");
        requirement.Text("importance", 12).Nullable();
        requirement.LongText("content").Nullable();
        requirement.LongText("solution").Nullable();
        requirement.Ref("contact_id").Nullable();
    }

    /// <summary>What stands in a tab of the opportunity.</summary>
    private FluentMigrator.Builders.Create.Table.ICreateTableWithColumnSyntax Part(string table)
    {
        var part = CreateDocumentTable(table);
        part.Text("subject", 100).NotNullable();
        part.Ref("opportunity_id").NotNullable();
        DocumentIndexes(table);
        Index(table, "opportunity", "opportunity_id, id");
        return part;
    }

    private void Team()
    {
        var assistant = CreateTable("opportunities.assistant");
        assistant.WithColumn("opportunity_id").AsInt64().NotNullable().PrimaryKey("pk_opportunities_assistant");
        assistant.WithColumn("user_id").AsInt64().NotNullable().PrimaryKey("pk_opportunities_assistant");
        Index("opportunities.assistant", "user", "user_id, opportunity_id");

        var advice = CreateTable("opportunities.advice");
        advice.Id();
        advice.Ref("opportunity_id").NotNullable();
        advice.Ref("user_id").NotNullable();
        advice.Instant("at").NotNullable();
        advice.LongText("text").NotNullable();
        Index("opportunities.advice", "opportunity", "opportunity_id, id");

        // A contact record makes one opportunity, ever: the row stays whatever becomes of it.
        var made = CreateTable("opportunities.made_of_record");
        made.Id("record_id");
        made.Ref("opportunity_id").NotNullable();
    }
}
