using Dapper;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figures 1 and 2: the first page, the far page, the jump; against hand-written Dapper on the best index.</summary>
internal static class Lists
{
    public const string Columns = "c.id, c.version, c.owner_id, c.updated_at, c.name, c.number, c.customer_type, c.level, c.status, c.industry, c.phone, c.region";

    /// <summary>What a list row holds, as a person would write it down.</summary>
    public sealed record Row
    {
        public long Id { get; set; }
        public long Version { get; set; }
        public long? OwnerId { get; set; }
        public DateTime UpdatedAt { get; set; }
        public string Name { get; set; } = "";
        public string Number { get; set; } = "";
        public string? CustomerType { get; set; }
        public string? Level { get; set; }
        public string? Status { get; set; }
        public string? Industry { get; set; }
        public string? Phone { get; set; }
        public string? Region { get; set; }
    }

    public static string Floor(BenchCrm crm, string who)
    {
        var (table, sqlite) = (crm.Engine.Table("customers.customer"), crm.Engine.Name == "sqlite");
        var order = sqlite ? "order by c.updated_at desc, c.id desc limit 51" : "order by c.updated_at desc nulls last, c.id desc nulls last limit 51";
        var walk = sqlite ? " indexed by ix_customers_customer_updated" : "";
        return who switch
        {
            "seller" => $"select {Columns} from {table} c where c.owner_id = @me and c.deleted_at is null {order}",
            "manager" => $"select {Columns} from {table} c{walk} where {(sqlite ? "c.department_id in (select value from json_each(@departments))" : "c.department_id = any(@departments)")} and c.deleted_at is null {order}",
            _ => $"select {Columns} from {table} c where c.deleted_at is null {order}",
        };
    }

    public static object Parameters(BenchCrm crm) => crm.Engine.Name == "sqlite"
        ? new { me = crm.Seller, departments = System.Text.Json.JsonSerializer.Serialize(crm.ManagersDepartments) }
        : new { me = crm.Seller, departments = crm.ManagersDepartments.ToArray() };

    public static async Task<List<Row>> RunFloor(BenchCrm crm, string sql)
    {
        await using var c = crm.Engine.Create();
        await c.OpenAsync();
        return (await c.QueryAsync<Row>(sql, Parameters(crm))).AsList();
    }

    public static async Task Measure(BenchCrm crm, Report report)
    {
        foreach (var (who, user, label) in new[] { ("seller", crm.Seller, "sales person, 500 own"), ("manager", crm.Manager, "manager, ~150 people"), ("boss", crm.Boss, "boss, all") })
        {
            var sql = Floor(crm, who);
            var first = new ListDocuments("customer", new ListRequest { Take = 50 });
            var (page, floor) = await Report.InTurns(() => crm.Ask(user, first), () => RunFloor(crm, sql));
            report.Add($"first page, {label}", Report.Ms(page), Report.Ms(floor), Report.X(page.P50 / floor.P50), "≤ 1.5 ×", page.P50 / floor.P50 <= 1.5);
            var count = await Report.Time(() => crm.Ask(user, new CountDocuments("customer", first.Request)));
            report.Add($"… its count, {label}", Report.Ms(count), "", "", "", null);
        }
        var one = await Report.Time(() => crm.Ask(crm.Boss, new ListDocuments("customer", new ListRequest { Take = 50 })));
        var jump = await Report.Time(() => crm.Ask(crm.Boss, new ListDocuments("customer", new ListRequest { Take = 50, Page = 19_999 })), 20, 2);
        var far = await crm.Ask(crm.Boss, new ListDocuments("customer", new ListRequest { Take = 50, Page = 19_999 }));
        if (far.Next is { } cursor)
        {
            var next = await Report.Time(() => crm.Ask(crm.Boss, new ListDocuments("customer", new ListRequest { Take = 50, Cursor = cursor })));
            report.Add("page 20,000 by cursor, boss", Report.Ms(next), Report.Ms(one) + " (page 1)", Report.X(next.P50 / one.P50), "≤ 2 × page 1", next.P50 / one.P50 <= 2);
        }
        report.Add("jump to page 19,999 by number, boss", Report.Ms(jump), "", "", "≤ 300 ms", jump.P95 <= 300);
        var managerJump = await Report.Time(() => crm.Ask(crm.Manager, new ListDocuments("customer", new ListRequest { Take = 50, Page = 2_000 })), 20, 2);
        report.Add("jump to page 2,000 by number, manager", Report.Ms(managerJump), "", "", "≤ 300 ms", managerJump.P95 <= 300);
    }
}
