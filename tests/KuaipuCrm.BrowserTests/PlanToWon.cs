using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>A campaign manager, an approver, a visitor, a sales person and a manager take one campaign from its plan to a won opportunity, each in a window of their own.</summary>
public class PlanToWon(Office office) : Story(office)
{
    [Fact, Trait("req", "MKT-2"), Trait("req", "MKT-5"), Trait("req", "MKT-6"), Trait("req", "LEA-4"), Trait("req", "OPP-2"), Trait("req", "OPP-9"), Trait("req", "OPP-10")]
    public async Task One_campaign_goes_from_plan_to_won_opportunity_through_four_hands()
    {
        await Begin();
        var department = await Create("/api/settings/departments", new { name = "华南" + Mark });
        var (_, planner) = await Hire("市场王", await PlannersRole(), department);
        var (approverId, approver) = await Hire("总经理陈", await Role("总经理"), department);
        var (sellerId, seller) = await Hire("销售李", await Role("销售代表"), department);
        var (_, manager) = await Hire("经理赵", await Role("销售经理"), department);
        await Post("/api/platform/flows", new { type = "campaign", name = "活动审批" + Mark, definition = new { steps = new[] { new { name = "总经理", by = "Users", ids = new[] { approverId } } }, departments = new[] { department } } });
        var rule = await Create("/api/leads/rules", new { name = "活动线索" + Mark, sort = 1 });
        await Post($"/api/leads/rules/{rule}/members/{sellerId}/add", new { });

        var name = $"秋季体验会{Mark}";
        await Plan(planner, name);
        await Approve(approver, name);
        var form = await Start(planner);
        var company = $"深圳来访{Mark}科技有限公司";
        await Visit(form, company);
        await Convert(seller, company);
        await WorkOn(seller, company);
        await Oversee(manager, company);
        await Win(seller);
        // Nobody else is left with the rule.
        await Post($"/api/leads/rules/{rule}/members/{sellerId}/remove", new { });
        await Conclude(planner, name);
        await End(planner, approver, seller, manager);
    }

    private static async Task Plan(IPage page, string name)
    {
        await page.GotoAsync("/marketing/campaigns/new");
        await Ready(page);
        await page.FillAsync("main#work input[name=name]", name);
        await page.FillAsync("main#work input[name=expectedLeads]", "2");
        await page.FillAsync("main#work input[name=expectedAmount]", "200000");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/marketing/campaigns/\d+"));
        await Ready(page);
        await Tab(page, "预算");
        await page.ClickAsync("main#work .tied-list button:has-text('新建')");
        await page.WaitForURLAsync(new Regex("/marketing/budgets/new"));
        await Ready(page);
        await page.FillAsync("main#work input[name=subject]", "场地与茶歇");
        await page.FillAsync("main#work input[name=planned]", "8000");
        await page.FillAsync("main#work input[name=actual]", "7500");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/marketing/budgets/\d+"));
        await Ready(page);
        await page.Locator("main#work a", new() { HasText = name }).First.ClickAsync();
        await page.WaitForURLAsync(new Regex(@"/marketing/campaigns/\d+"));
        await Ready(page);
        await Act(page, "提交审核");
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("审核中");
        await NothingSerious(page);
        await Picture(page, "won-1-plan");
    }

    private static async Task Approve(IPage page, string name)
    {
        await page.GotoAsync("/approvals");
        await Ready(page);
        await page.Locator("main#work td.name a", new() { HasText = name }).ClickAsync();
        await Ready(page);
        await Picture(page, "won-2-approval");
        await page.ClickAsync("main#work .decide button.primary");
        await Assertions.Expect(page.Locator("main#work .approval .tag").First).ToContainTextAsync("审核通过");
    }

    /// <returns>The address of the public form.</returns>
    private static async Task<string> Start(IPage page)
    {
        // What the approval sets going comes by an event.
        for (var i = 0; i < 50 && !(await page.Locator("main#work .doc-title").InnerTextAsync()).Contains("审核通过", StringComparison.Ordinal); i++)
        {
            await page.ReloadAsync();
            await Ready(page);
        }
        await Act(page, "活动开始");
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("进行中");
        await Tab(page, "公开表单");
        await page.ClickAsync("main#work button:has-text('开放表单')");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("开放中");
        return (await page.Locator("main#work a[href*='/public/marketing/']").GetAttributeAsync("href"))!;
    }

    private async Task Visit(string form, string company)
    {
        var phone = await Office.Window(390, 844);
        await phone.GotoAsync(form);
        await phone.FillAsync("[name=name]", "陈先生");
        await phone.FillAsync("[name=mobile]", $"139{Random.Shared.Next(10_000_000, 99_999_999)}");
        await phone.FillAsync("[name=company]", company);
        await phone.FillAsync("[name=content]", "想了解二期扩容的报价");
        await phone.WaitForTimeoutAsync(3200);
        await Picture(phone, "won-3-visitor");
        await phone.ClickAsync("button");
        await Assertions.Expect(phone.Locator("h1")).ToHaveTextAsync("提交成功");
        await phone.Context.CloseAsync();
    }

    private static async Task Convert(IPage page, string company)
    {
        await Until(page, "/api/leads/leads?view=mine&columns=company", company);
        await page.GotoAsync("/leads/leads?view=mine");
        await Ready(page);
        await page.Locator("main#work tbody tr", new() { HasText = company }).Locator("a.name").ClickAsync();
        await page.WaitForURLAsync(new Regex(@"/leads/leads/\d+"));
        await Ready(page);
        await Picture(page, "won-4-lead");
        await page.ClickAsync("main#work .doc-actions :text('生成商机')");
        await page.WaitForURLAsync(new Regex("/leads/convert"));
        await Ready(page);
        await page.GetByLabel("商机名称").FillAsync($"{company}二期扩容");
        await page.GetByLabel("金额").FillAsync("160000");
        await Picture(page, "won-5-convert");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/opportunities/opportunities/\d+"));
        await Ready(page);
    }

    private static async Task WorkOn(IPage page, string company)
    {
        await Act(page, "启动");
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("进行中");
        await Picture(page, "won-6-opportunity");
        var deal = page.Url;
        // On the board, by the button of the card: for whoever does not drag.
        await page.GotoAsync("/opportunities/board");
        await Ready(page);
        var card = page.Locator("main#work .deal-card", new() { HasText = company });
        await card.GetByRole(AriaRole.Button).First.ClickAsync();
        await page.Locator("dialog[open] textarea").First.FillAsync("已完成需求确认");
        await page.ClickAsync("dialog[open] button.primary");
        await Assertions.Expect(page.Locator("main#work .deal-column").Nth(1)).ToContainTextAsync(company);
        await NothingSerious(page);
        await Picture(page, "won-7-board");
        await page.GotoAsync(deal);
        await Ready(page);
    }

    private static async Task Oversee(IPage page, string company)
    {
        await page.GotoAsync("/opportunities/board");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work .deal-card", new() { HasText = company })).ToBeVisibleAsync();
        await page.GotoAsync("/opportunities/funnel");
        await Ready(page);
        await NothingSerious(page);
        await Picture(page, "won-8-funnel");
        await page.GotoAsync("/opportunities/forecast");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("销售李");
        await Picture(page, "won-9-forecast");
    }

    private static async Task Win(IPage page)
    {
        await Act(page, "商机成功");
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("商机成功");
        await Assertions.Expect(page.Locator("main#work .doc-actions button:has-text('编辑')")).ToHaveCountAsync(0);
    }

    private static async Task Conclude(IPage page, string name)
    {
        await page.GotoAsync("/marketing/campaigns?view=mine");
        await Ready(page);
        await page.Locator("main#work tbody a.name", new() { HasText = name }).ClickAsync();
        await page.WaitForURLAsync(new Regex(@"/marketing/campaigns/\d+"));
        await Ready(page);
        await Tab(page, "活动效果");
        await Assertions.Expect(page.Locator("main#work .stat", new() { HasText = "成交金额" }).First).ToContainTextAsync("¥160,000");
        await Assertions.Expect(page.Locator("main#work .stat", new() { HasText = "每条线索成本" })).ToContainTextAsync("¥7,500");
        await NothingSerious(page);
        await Picture(page, "won-10-result");
        await Act(page, "活动完成");
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("已完成");
        await Assertions.Expect(page.Locator("main#work .doc-actions button:has-text('编辑')")).ToHaveCountAsync(0);
    }

    private async Task<long> PlannersRole()
    {
        var role = await Create("/api/settings/roles", new { name = "市场经理" + Mark });
        string[] rights =
        [
            .. from type in new[] { "campaigns", "targets", "budgets", "products" } from right in new[] { "read", "create", "update", "delete" } select $"marketing.{type}.{right}",
            "leads.leads.read", "opportunities.opportunities.read", "opportunities.stages.read", "customers.customers.read", "customers.contacts.read",
        ];
        await Post($"/api/settings/roles/{role}/rights", new { permissions = rights, grants = new[] { new { type = "*", kind = 6, departments = Array.Empty<long>() } } });
        return role;
    }
}
