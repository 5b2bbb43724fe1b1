using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Migrations;

[Migration(1, "contact records, appointments, figures of customers and contacts, follow-up frequency")]
public sealed class V001_ContactRecords : SchemaStep
{
    private const string Living = "deleted_at is null";

    public override void Up()
    {
        Records();
        Appointments();
        Customers();
        Contacts();
        FollowUp();
    }

    private void Records()
    {
        const string table = "tracking.contact_record";
        var record = CreateDocumentTable(table);
        record.Text("kind", 12).NotNullable();
        record.Ref("customer_id").Nullable();
        record.Ref("contact_id").Nullable();
        record.Instant("at").NotNullable();
        record.Text("method", 40).Nullable();
        record.Text("subject", 100).NotNullable();
        record.LongText("content").Nullable();
        record.Text("result", 200).Nullable();
        record.Instant("next_at").Nullable();
        record.Text("next_subject", 100).Nullable();
        record.Ref("lead_id").Nullable();
        record.Ref("opportunity_id").Nullable();
        record.Ref("campaign_id").Nullable();
        record.Ref("task_id").Nullable();
        DocumentIndexes(table);
        Index(table, "at", "at desc, id desc, owner_id, department_id", where: Living);
        Index(table, "owner_at", "owner_id, at desc, id desc", where: Living);
        Index(table, "department_at", "department_id, at desc, id desc", where: Living);
        Index(table, "customer", "customer_id, at desc, id desc", where: "customer_id is not null");
        Index(table, "contact", "contact_id", where: "contact_id is not null");
        Index(table, "lead", "lead_id", where: "lead_id is not null");
        Index(table, "opportunity", "opportunity_id", where: "opportunity_id is not null");
        Index(table, "campaign", "campaign_id", where: "campaign_id is not null");
        Index(table, "task", "task_id", where: "task_id is not null");

        // Everyone of the customer's who took part; the record's main contact is one of them.
        var participant = CreateTable("tracking.participant");
        participant.WithColumn("record_id").AsInt64().NotNullable().PrimaryKey("pk_tracking_participant");
        participant.WithColumn("contact_id").AsInt64().NotNullable().PrimaryKey("pk_tracking_participant");
        Index("tracking.participant", "contact", "contact_id, record_id");
    }

    private void Appointments()
    {
        const string table = "tracking.appointment";
        var appointment = CreateDocumentTable(table);
        appointment.Ref("customer_id").NotNullable();
        appointment.Ref("contact_id").Nullable();
        appointment.Instant("at").NotNullable();
        appointment.Text("subject", 100).NotNullable();
        appointment.LongText("remarks").Nullable();
        appointment.Text("state", 12).NotNullable();
        // The record that made it, and the one that fulfilled it.
        appointment.Ref("record_id").Nullable();
        appointment.Ref("done_by_id").Nullable();
        DocumentIndexes(table);
        Index(table, "at", "at, id, owner_id, department_id", where: Living);
        Index(table, "owner_at", "owner_id, at, id", where: Living);
        Index(table, "department_at", "department_id, at, id", where: Living);
        Index(table, "customer", "customer_id, at");
        Index(table, "contact", "contact_id", where: "contact_id is not null");
        Index(table, "record", "record_id", where: "record_id is not null");

        // One contact of one customer has one open appointment at most; contact 0 stands for nobody in particular.
        var open = CreateTable("tracking.open_appointment");
        open.WithColumn("customer_id").AsInt64().NotNullable().PrimaryKey("pk_tracking_open_appointment");
        open.WithColumn("contact_key").AsInt64().NotNullable().PrimaryKey("pk_tracking_open_appointment");
        open.Ref("appointment_id").NotNullable();
        // Appointments that gave way when their customer was merged into another; they are open again if it is taken back.
        var merged = CreateTable("tracking.merged_appointment");
        merged.WithColumn("operation_id").AsInt64().NotNullable().PrimaryKey("pk_tracking_merged_appointment");
        merged.WithColumn("appointment_id").AsInt64().NotNullable().PrimaryKey("pk_tracking_merged_appointment");
        Index("tracking.open_appointment", "appointment", "appointment_id", unique: true);
    }

    private void Customers()
    {
        const string table = "tracking.customer_track";
        var track = CreateDocumentTable(table);
        track.Text("name", 100).NotNullable();
        track.Text("initials", 60).Nullable();
        track.Text("customer_type", 40).Nullable();
        track.Text("level", 40).Nullable();
        track.Text("status", 40).Nullable();
        track.Flag("is_key").Nullable();
        track.Int("contacts").NotNullable().WithDefaultValue(0);
        track.Instant("last_at").Nullable();
        track.Ref("last_by").Nullable();
        track.Instant("next_at").Nullable();
        track.Text("next_subject", 100).Nullable();
        track.Ref("next_contact_id").Nullable();
        track.Ref("next_id").Nullable();
        FigureIndexes(table);
        Index(table, "name", "name");
    }

    private void Contacts()
    {
        const string table = "tracking.contact_track";
        var track = CreateDocumentTable(table);
        track.Text("name", 40).NotNullable();
        track.Text("initials", 60).Nullable();
        track.Ref("employer_id").Nullable();
        track.Text("post", 60).Nullable();
        track.Text("role", 40).Nullable();
        track.Int("contacts").NotNullable().WithDefaultValue(0);
        track.Instant("last_at").Nullable();
        track.Ref("last_by").Nullable();
        track.Instant("met_at").Nullable();
        track.Instant("next_at").Nullable();
        track.Text("next_subject", 100).Nullable();
        FigureIndexes(table);
        Index(table, "role", "role, met_at, id", where: Living);
    }

    /// <summary>Each work list in its order for one's own, for a department, and along the whole, with owner and department behind.</summary>
    private void FigureIndexes(string table)
    {
        Index(table, "number", "number", unique: true);
        Index(table, "initials", "initials, id", where: Living);
        foreach (var (name, order) in new[] { ("next", "next_at, id"), ("last", "last_at, id") })
        {
            Index(table, name, $"{order}, owner_id, department_id", where: Living);
            Index(table, "owner_" + name, $"owner_id, {order}", where: Living);
            Index(table, "department_" + name, $"department_id, {order}", where: Living);
        }
        Index(table, "contacts", "contacts, id, owner_id, department_id", where: Living);
        Index(table, "created", "created_at desc, id desc, owner_id, department_id", where: Living);
        Index(table, "never", "created_at desc, id desc, owner_id, department_id", where: "deleted_at is null and last_at is null");
        Index(table, "owner_never", "owner_id, created_at desc, id desc", where: "deleted_at is null and last_at is null");
        Index(table, "department_never", "department_id, created_at desc, id desc", where: "deleted_at is null and last_at is null");
    }

    private void FollowUp()
    {
        // After so many contacts, so many days until the next: by customer type, or for key customers.
        var frequency = CreateTable("tracking.frequency");
        frequency.Text("kind", 48).NotNullable().PrimaryKey("pk_tracking_frequency");
        frequency.WithColumn("nth").AsInt64().NotNullable().PrimaryKey("pk_tracking_frequency");
        frequency.Int("days").NotNullable();

        var setting = CreateTable("tracking.setting");
        setting.Id();
        setting.Int("capacity").NotNullable();
        setting.Int("silent_days").NotNullable();
        setting.Int("decider_days").NotNullable();
    }
}
