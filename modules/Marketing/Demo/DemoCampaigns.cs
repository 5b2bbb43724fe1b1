using KuaipuCrm.Marketing.Parts;
using KuaipuCrm.Marketing.Targets;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Demo;

/// <summary>What the demo company does to become known: campaigns over, running and to come, with budgets, targets, and what came of them.</summary>
internal sealed class DemoCampaigns(IDocuments<Campaign> campaigns, IDocuments<BudgetItem> budgets, IDocuments<Target> targets, IMediator mediator, IOrganization organization, IDb db, IScope scope, IWorkCalendar calendar, TimeProvider clock) : ISeed
{
    private const string Why = "the demo company's campaigns";

    private static readonly (string Name, string Type, string Place, int Start, int Days, string Status, long Leads, decimal Amount)[] Plans =
    [
        ("华东制造业信息化展", "exhibition", "上海新国际博览中心", -80, 3, Campaign.Completed, 60, 800_000),
        ("老客户答谢沙龙", "salon", "杭州西湖国宾馆", -45, 1, Campaign.Completed, 15, 300_000),
        ("秋季新品发布会", "conference", "深圳会展中心", -6, 20, Campaign.Running, 80, 1_200_000),
        ("线上直播：ERP 上云", "online", "视频号", -2, 14, Campaign.Running, 120, 500_000),
        ("年终促销", "promotion", "", 12, 30, Campaign.Approved, 50, 600_000),
        ("西南渠道巡展", "exhibition", "成都、重庆、昆明", 40, 10, Campaign.Draft, 40, 400_000),
    ];

    private static readonly (string Subject, string Category, decimal Planned)[] Items = [("场地与搭建", "marketing", 60_000), ("宣传物料", "marketing", 12_000), ("差旅", "travel", 18_000), ("礼品", "gift", 9_000)];

    public int Order => 78;

    public async Task Demo(CancellationToken ct)
    {
        if (await db.First<long?>($"select c.id from marketing.campaign c where {scope.All("campaign", Why)} order by c.id {db.Dialect.Page(1)}", ct) is not null) return;
        var random = new Random(2029);
        var owners = organization.People.Where(p => p.Enabled && p.RoleIds.Any(id => organization.Roles.Any(r => r.Id == id && r.Name == "销售经理"))).ToList();
        if (owners.Count == 0) owners = [.. organization.People.Where(p => p.Enabled)];
        var customers = (await mediator.Send(new ListDocuments("customer", new ListRequest { Take = 200, Sort = "createdAt", Columns = ["name"] }), ct)).Rows.Select(r => r.Id).ToList();
        var over = new List<Campaign>();
        foreach (var plan in Plans)
        {
            var owner = owners[random.Next(owners.Count)];
            var c = new Campaign
            {
                Name = plan.Name,
                Type = plan.Type,
                Place = plan.Place.Length > 0 ? plan.Place : null,
                Purpose = "扩大知名度，收集线索。",
                StartDate = calendar.Today.AddDays(plan.Start),
                EndDate = calendar.Today.AddDays(plan.Start + plan.Days - 1),
                ExpectedLeads = plan.Leads,
                ExpectedOpportunities = plan.Leads / 5,
                ExpectedAmount = plan.Amount,
                OwnerId = owner.Id,
                DepartmentId = owner.DepartmentId,
                CreatedBy = owner.Id,
            };
            await campaigns.Keep([c], Why, ct);
            var begun = plan.Start < 0;
            await budgets.Keep([.. Items.Select(i => new BudgetItem { CampaignId = c.Id, Subject = i.Subject, Category = i.Category, Planned = i.Planned, Actual = begun ? Math.Round(i.Planned * random.Next(70, 120) / 100m, 2) : null, OwnerId = c.OwnerId, DepartmentId = c.DepartmentId, CreatedBy = owner.Id })], Why, ct);
            await targets.Keep([.. Enumerable.Range(0, Math.Min(20, customers.Count)).Select(_ => customers[random.Next(customers.Count)]).Distinct().Select(id => new Target { CampaignId = c.Id, CustomerId = id, OwnerId = c.OwnerId, DepartmentId = c.DepartmentId, CreatedBy = owner.Id })], Why, ct);
            if (plan.Status != Campaign.Draft)
            {
                var now = clock.GetUtcNow().UtcDateTime;
                (c.Status, c.StartedAt) = (plan.Status, begun ? now.AddDays(plan.Start) : null);
                if (c.IsOver) (c.EndedAt, c.Summary) = (now.AddDays(plan.Start + plan.Days), "效果好于预期，来访客户多为制造业。");
                await campaigns.Keep([c], Why, ct);
            }
            if (begun) over.Add(c);
        }
        foreach (var type in new[] { "lead", "opportunity" }) await Tie(type, over, random, ct);
    }

    /// <summary>Some of what is under way came of a campaign.</summary>
    private async Task Tie(string type, List<Campaign> over, Random random, CancellationToken ct)
    {
        var open = new Filter("status", FilterOp.In, type == "lead" ? ["open", "following"] : ["running"]);
        foreach (var row in (await mediator.Send(new ListDocuments(type, new ListRequest { Filters = [open], Take = 80, Sort = "createdAt" }), ct)).Rows.Where((_, i) => i % 2 == 0))
            await mediator.Send(new SaveDocument(type, row.Id, row.Version, new Dictionary<string, object?> { ["campaignId"] = over[random.Next(over.Count)].Id }, ["duplicate", "approved"]), ct);
    }
}
