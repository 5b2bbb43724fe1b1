using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>Every page stands, shows what it is for, and keeps nobody out; in one window, as people go from page to page.</summary>
public class EveryScreen(Office office)
{
    private static readonly (string Url, string Shows)[] Screens =
    [
        ("/", "客户"), ("/customers/customers", "客户"), ("/customers/customers/new", "客户名称"), ("/customers/customers/import", "导入"), ("/customers/contacts", "联系人"),
        ("/tracking/customers", "客户"), ("/tracking/quick", "记录"), ("/tracking/calendar", "周"), ("/tracking/calls", "拨打"), ("/tracking/team", "下属"), ("/tracking/follow-up", "频率"), ("/tracking/comments", "点评"),
        ("/marketing/campaigns", "市场活动"), ("/leads/leads", "线索"), ("/opportunities/opportunities", "商机"), ("/opportunities/board", "商机"), ("/opportunities/funnel", "漏斗"), ("/opportunities/changes", "变化"),
        ("/settings/organization", "部门"), ("/settings/departments", "部门"), ("/settings/users", "用户"), ("/settings/roles", "角色"), ("/settings/templates", "模板"), ("/settings/channels", "邮件服务器"), ("/settings/outgoing", "发送记录"),
        ("/settings/message-routes", "点评"), ("/settings/reminders", "提醒规则"), ("/settings/webhooks", "Webhook"), ("/settings/flows", "流程"), ("/office/board", "公告通知"), ("/approvals", "审核"), ("/operations", "操作"),
    ];

    [Fact, Trait("req", "UI-10"), Trait("req", "SET-9"), Trait("req", "SET-11"), Trait("req", "SET-12"), Trait("req", "API-4"), Trait("req", "OFF-1")]
    public async Task Axe_finds_nothing_serious_on_any_page()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        var wrong = new List<string>();
        foreach (var (url, shows) in Screens)
        {
            await page.GotoAsync(url);
            await Ready(page);
            if (!(await page.Locator("main#work").InnerTextAsync()).Contains(shows, StringComparison.Ordinal)) wrong.Add($"{url}: does not show {shows}");
            wrong.AddRange((await Serious(page)).Select(w => $"{url}: {w}"));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        await page.Context.CloseAsync();
    }
}
