using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Demo;

/// <summary>Who has asked the demo company lately: half a year of leads, most of them open or followed, some given up.</summary>
internal sealed class DemoLeads(IDocuments<Lead> leads, IOrganization organization, IDb db, IScope scope, TimeProvider clock) : ISeed
{
    private const string Why = "the demo company's leads";
    private static readonly string[] Places = ["深圳", "杭州", "苏州", "成都", "武汉", "宁波", "青岛", "长沙"];
    private static readonly string[] Names = ["恒达", "锐捷", "博远", "中科", "华信", "金石", "明德", "启航", "新奥", "天泽", "众诚", "佳和"];
    private static readonly string[] Forms = ["科技有限公司", "实业有限公司", "贸易有限公司", "电子有限公司"];
    private static readonly string[] Asks = ["网站留言，想了解产品报价。", "展会上交换了名片，对方负责采购。", "电话咨询售后服务范围。", "老客户介绍，计划明年换系统。", "看到广告打来电话，需要三台服务器。", "邮件询价，附有清单。"];
    private static readonly string[] Sources = ["website", "exhibition", "phone", "regular", "advertisement", "mail-inquiry"];
    private const string Surnames = "王李张刘陈杨赵黄周吴";

    public int Order => 72;

    public async Task Demo(CancellationToken ct)
    {
        if (await db.First<long?>($"select l.id from leads.lead l where {scope.All("lead", Why)} order by l.id {db.Dialect.Page(1)}", ct) is not null) return;
        var random = new Random(2028);
        var sellers = organization.People.Where(p => p.Enabled && p.RoleIds.Any(id => organization.Roles.Any(r => r.Id == id && r.Name is "销售代表" or "销售经理"))).ToList();
        if (sellers.Count == 0) sellers = [.. organization.People.Where(p => p.Enabled)];
        var made = Enumerable.Range(0, 240).Select(i =>
        {
            var (ask, owner) = (random.Next(Asks.Length), sellers[random.Next(sellers.Count)]);
            var at = clock.GetUtcNow().UtcDateTime.AddDays(-random.Next(1, 180)).AddMinutes(-random.Next(600));
            return new Lead
            {
                Company = $"{Places[random.Next(Places.Length)]}{Names[random.Next(Names.Length)]}{i + 1}{Forms[random.Next(Forms.Length)]}",
                ContactName = $"{Surnames[random.Next(Surnames.Length)]}{(random.Next(2) == 0 ? "先生" : "女士")}",
                Mobile = $"13{random.Next(100, 999)}{random.Next(100000, 999999)}",
                Content = Asks[ask],
                Source = Sources[ask],
                At = at,
                OwnerId = owner.Id,
                DepartmentId = owner.DepartmentId,
                CreatedBy = owner.Id,
                CreatedAt = at,
            };
        }).ToList();
        await leads.CreateMany(made, ct);
        foreach (var lead in made.Where(l => l.Id != 0))
        {
            var way = random.Next(10);
            if (way < 4) continue;
            if (way < 8) lead.Status = Lead.Following;
            else (lead.Status, lead.InvalidReason, lead.EndedAt) = (Lead.Invalid, way == 8 ? "no-need" : "unreachable", lead.At!.Value.AddDays(random.Next(1, 20)) is var end && end < clock.GetUtcNow().UtcDateTime ? end : clock.GetUtcNow().UtcDateTime);
            await leads.Keep([lead], Why, ct);
        }
    }
}
