using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>A campaign's page, and its public form on a phone without scripts.</summary>
public class Campaigns(Office office)
{
    [Fact, Trait("req", "MKT-1"), Trait("req", "MKT-5"), Trait("req", "MKT-6")]
    public async Task A_campaign_shows_what_came_of_it_and_a_visitor_fills_in_its_form_on_a_phone()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/");
        var id = await Create(page, "/api/marketing/campaigns", new { name = $"新品体验会{Guid.NewGuid().ToString("n")[..6]}", type = "salon", expectedLeads = 10, expectedAmount = 100000 });
        await Create(page, "/api/marketing/budgets", new { campaignId = id, subject = "场地", planned = 5000, actual = 4000 });
        await Create(page, $"/api/marketing/campaigns/{id}/start", new { });

        await page.GotoAsync($"/marketing/campaigns/{id}");
        await Ready(page);
        await page.Locator("main#work [role=tab]", new() { HasText = "公开表单" }).ClickAsync();
        await page.ClickAsync("main#work button:has-text('开放表单')");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("开放中");
        await NothingSerious(page);
        var address = await page.Locator("main#work a[href*='/public/marketing/']").GetAttributeAsync("href");
        await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "campaign-form-tab.png") });

        var phone = await office.Window(390, 844);
        await phone.GotoAsync(address!);
        await NothingSerious(phone);
        await phone.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "campaign-form.png") });
        Assert.Equal(0, await phone.Locator("script").CountAsync());
        Assert.True(await phone.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
        await phone.FillAsync("[name=name]", "陈先生");
        await phone.FillAsync("[name=mobile]", $"139{Random.Shared.Next(10_000_000, 99_999_999)}");
        await phone.WaitForTimeoutAsync(3200);
        await phone.ClickAsync("button");
        await Assertions.Expect(phone.Locator("h1")).ToHaveTextAsync("提交成功");

        for (var i = 0; i < 100 && !(await (await page.APIRequest.GetAsync($"/api/leads/leads?campaignId={id}")).TextAsync()).Contains("陈先生", StringComparison.Ordinal); i++) await page.WaitForTimeoutAsync(100);
        await page.GotoAsync($"/marketing/campaigns/{id}");
        await Ready(page);
        await page.Locator("main#work [role=tab]", new() { HasText = "活动效果" }).ClickAsync();
        await Assertions.Expect(page.Locator("main#work .stat", new() { HasText = "每条线索成本" })).ToContainTextAsync("¥4,000");
        await NothingSerious(page);
        await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "campaign-result.png") });
        await page.Locator("main#work table a", new() { HasTextRegex = new Regex("^1$") }).First.ClickAsync();
        await page.WaitForURLAsync(new Regex("/leads/leads"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync("陈先生");
    }
}
