using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Migrations;

[Migration(10, "who owns a customer: pools, locks, quotas, releases")]
public sealed class V010_Owning : SchemaStep
{
    public override void Up()
    {
        AddColumn("customers.customer", "pool_id", "int");
        AddColumn("customers.customer", "locked_at", "instant");
        AddColumn("customers.customer", "protected_until", "day");
        AddColumn("customers.customer", "protect_reason", "text", 200);
        AddColumn("customers.customer", "last_contact_at", "instant");
        AddColumn("customers.customer", "contact_count", "int");
        AddColumn("customers.customer", "next_contact_at", "instant");
        // The later of locked and last contacted.
        AddColumn("customers.customer", "idle_since", "instant");
        Execute.Sql($"update {Name("customers.customer")} set locked_at = created_at, idle_since = created_at where owner_id is not null");
        // Open customers by pool; what lies idle longest, for the release; the two orders people sort by.
        Index("customers.customer", "open", "pool_id, updated_at desc, id desc", where: "owner_id is null and deleted_at is null");
        Index("customers.customer", "idle", "idle_since, id", where: "owner_id is not null and deleted_at is null");
        Index("customers.customer", "contacted", "last_contact_at desc, id desc", where: "deleted_at is null");
        Index("customers.customer", "next_contact", "next_contact_at desc, id desc", where: "deleted_at is null");

        var pool = CreateDocumentTable("customers.pool");
        pool.Text("name", 40).NotNullable();
        pool.Int("sort").Nullable();
        pool.Flag("everyone").NotNullable();
        pool.Text("review", 12).Nullable();
        pool.Int("daily_locks").Nullable();
        pool.Int("daily_views").Nullable();
        pool.Int("pause_days").Nullable();
        pool.Text("remarks", 200).Nullable();
        pool.Text("departments", 2000).Nullable();
        pool.Text("regions", 2000).Nullable();
        pool.Text("types", 1000).Nullable();
        DocumentIndexes("customers.pool");

        // A person or a department (with all below it); a manager reviews and assigns.
        var member = CreateTable("customers.pool_member");
        member.Ref("pool_id").NotNullable();
        member.Ref("user_id").Nullable();
        member.Ref("department_id").Nullable();
        member.Flag("manager").NotNullable();
        Index("customers.pool_member", "pool", "pool_id");
        Index("customers.pool_member", "user", "user_id");

        var setting = CreateTable("customers.lock_setting");
        setting.Id();
        setting.Text("new_customers", 12).NotNullable();
        setting.Flag("review").NotNullable();
        setting.Text("reviewer", 12).NotNullable();
        setting.Ref("reviewer_id").Nullable();
        setting.Int("pause_days").NotNullable();
        setting.Int("quota").Nullable();
        setting.Int("protect_quota").Nullable();
        setting.Int("daily_locks").Nullable();
        setting.Int("daily_views").Nullable();

        var quota = CreateTable("customers.lock_quota");
        quota.Id();
        quota.Ref("user_id").Nullable();
        quota.Ref("post_id").Nullable();
        quota.Int("held").Nullable();
        quota.Int("protected").Nullable();
        quota.Int("daily_locks").Nullable();
        Index("customers.lock_quota", "user", "user_id", where: "user_id is not null", unique: true);
        Index("customers.lock_quota", "post", "post_id", where: "post_id is not null", unique: true);

        // Who gets the new customers of a region or an industry.
        var assignment = CreateTable("customers.lock_assignment");
        assignment.Text("kind", 12).NotNullable();
        assignment.Text("code", 40).NotNullable();
        assignment.Ref("user_id").NotNullable();
        Index("customers.lock_assignment", "code", "kind, code", unique: true);

        // Whoever is about to get customers holds the slot of the person, so that two at once are counted one after the other.
        var slot = CreateTable("customers.lock_slot");
        slot.Id("slot");
        slot.Int("stamp").NotNullable();

        var request = CreateTable("customers.lock_request");
        request.Id();
        request.Ref("customer_id").NotNullable();
        request.Ref("user_id").NotNullable();
        request.Text("reason", 500).Nullable();
        request.Ref("release_id").Nullable();
        request.Text("state", 12).NotNullable();
        request.Instant("at").NotNullable();
        request.Ref("decided_by").Nullable();
        request.Instant("decided_at").Nullable();
        request.Text("answer", 500).Nullable();
        Index("customers.lock_request", "open", "customer_id, user_id", where: "state = 'waiting'", unique: true);
        Index("customers.lock_request", "state", "state, at, id");
        Index("customers.lock_request", "user", "user_id, at desc");
        Index("customers.lock_request", "customer", "customer_id, state");

        // Every change of an owner, with its reason; the log of releases is a view of it.
        var log = CreateTable("customers.owner_log");
        log.Id();
        log.Ref("customer_id").NotNullable();
        log.Text("kind", 12).NotNullable();
        log.Ref("from_id").Nullable();
        log.Ref("to_id").Nullable();
        log.Ref("by_id").NotNullable();
        log.Instant("at").NotNullable();
        log.Ref("rule_id").Nullable();
        log.Ref("pool_id").Nullable();
        log.Text("reason", 500).Nullable();
        log.Flag("along").NotNullable();
        Index("customers.owner_log", "customer", "customer_id, id");
        Index("customers.owner_log", "to", "to_id, at");
        Index("customers.owner_log", "kind", "kind, id desc");

        var view = CreateTable("customers.contact_view");
        view.Ref("user_id").NotNullable();
        view.Ref("customer_id").NotNullable();
        view.Day("day").NotNullable();
        Index("customers.contact_view", "user", "user_id, day, customer_id", unique: true);

        var rule = CreateTable("customers.release_rule");
        rule.Id();
        rule.Text("name", 60).NotNullable();
        rule.Flag("enabled").NotNullable();
        rule.Day("enabled_on").Nullable();
        rule.Int("sort").NotNullable();
        rule.Text("base", 40).NotNullable();
        rule.Int("days").NotNullable();
        rule.Int("notice_days").NotNullable();
        rule.Ref("to_pool_id").Nullable();
        rule.LongText("conditions").NotNullable();
        rule.Int("version").NotNullable();

        var run = CreateTable("customers.release_run");
        run.Id();
        run.Ref("operation_id").NotNullable();
        run.Text("state", 12).NotNullable();
        run.Int("done").NotNullable();
        run.Instant("at").NotNullable();

        // One digest a person and day.
        var notice = CreateTable("customers.release_notice");
        notice.Ref("user_id").NotNullable();
        notice.Day("day").NotNullable();
        Index("customers.release_notice", "user", "user_id, day", unique: true);

        // What other modules tell of a customer, for rules that count from it.
        var activity = CreateTable("customers.activity");
        activity.Ref("customer_id").NotNullable();
        activity.Text("kind", 40).NotNullable();
        activity.Instant("at").Nullable();
        activity.Flag("running").NotNullable();
        Index("customers.activity", "customer", "customer_id, kind", unique: true);
    }
}
