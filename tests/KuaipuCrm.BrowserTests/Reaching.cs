using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>What reaches people: templates, mail, reminders, announcements, and their settings, in a real browser.</summary>
public class Reaching(Office office)
{
    private async Task<IPage> Open(string url, IPage? on = null)
    {
        Office.MustHaveBrowser();
        var page = on ?? await office.Desk(1366, 768);
        await page.GotoAsync(url);
        await Ready(page);
        return page;
    }

    /// <summary>Kept to be looked at where <c>KUAIPU_TEST_SHOTS</c> names a folder.</summary>
    private static async Task Shot(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("KUAIPU_TEST_SHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
    }

    [Fact, Trait("req", "SET-11"), Trait("req", "SET-12"), Trait("req", "DOC-8")]
    public async Task A_template_is_written_and_tried_mail_is_written_from_it_and_a_reminder_set()
    {
        var page = await Open("/customers/customers/new");
        await page.FillAsync("main#work input[name=name]", "深圳市收信科技有限公司");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new System.Text.RegularExpressions.Regex(@"/customers/customers/\d+"));
        await Ready(page);
        var customer = page.Url;

        await Open("/settings/templates", page);
        await page.GetByRole(AriaRole.Button, new() { Name = "新建模板" }).First.ClickAsync();
        await page.GetByLabel("名称", new() { Exact = false }).First.FillAsync("浏览器问候");
        await page.GetByLabel("单据", new() { Exact = false }).First.SelectOptionAsync("customer");
        await page.GetByLabel("主题", new() { Exact = false }).First.FillAsync("致 {{ 单据.客户名称 }}");
        await page.FillAsync("main#work textarea", "<p>您好，</p>");
        await page.PressAsync("main#work textarea", "End");
        await page.Locator(".tpl-chips").GetByRole(AriaRole.Button, new() { Name = "客户名称" }).ClickAsync();
        await Assertions.Expect(page.Locator("main#work textarea")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("单据.客户名称"));
        await page.GetByRole(AriaRole.Button, new() { Name = "预览", Exact = true }).ClickAsync();
        await Assertions.Expect(page.FrameLocator(".tpl-preview").Locator("body")).ToContainTextAsync("客户名称");
        await Shot(page, "template-editor");
        await NothingSerious(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "保存" }).ClickAsync();
        await Assertions.Expect(page.Locator("main#work table")).ToContainTextAsync("浏览器问候");

        await Open(customer, page);
        await page.GetByRole(AriaRole.Tab, new() { Name = "邮件记录" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "写邮件" }).ClickAsync();
        await page.Locator("dialog[open]").GetByPlaceholder("someone@example.com").FillAsync("zhang@example.com");
        await page.Locator("dialog[open]").GetByLabel("模板").SelectOptionAsync(new SelectOptionValue { Label = "浏览器问候" });
        await Assertions.Expect(page.FrameLocator("dialog[open] .tpl-preview").Locator("body")).ToContainTextAsync("深圳市收信科技有限公司");
        await Shot(page, "write-mail");
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "发送" }).ClickAsync();
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("致 深圳市收信科技有限公司");
        await Shot(page, "document-mail");

        await page.GetByRole(AriaRole.Tab, new() { Name = "提醒" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "添加提醒" }).ClickAsync();
        await page.Locator("dialog[open] select").First.SelectOptionAsync("createdAt");
        await page.Locator("dialog[open]").GetByLabel("前后").SelectOptionAsync("+");
        await Shot(page, "add-reminder");
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "添加" }).ClickAsync();
        await Assertions.Expect(page.Locator("main#work table").Last).ToContainTextAsync("09:00");
        await Shot(page, "document-reminders");
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "OFF-1"), Trait("req", "UI-6")]
    public async Task An_announcement_is_published_shows_in_the_status_bar_and_is_read()
    {
        var page = await Open("/office/announcements/new");
        await page.FillAsync("main#work input[name=title]", "浏览器公告");
        await page.FillAsync("main#work textarea[name=body]", "全公司放假一天");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new System.Text.RegularExpressions.Regex(@"/office/announcements/\d+"));
        await Ready(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "发布", Exact = true }).ClickAsync();
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button).Last.ClickAsync();
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("已发布");
        await Open("/", page);
        await Assertions.Expect(page.Locator(".statusbar")).ToContainTextAsync("公告 1");
        await Shot(page, "desktop");
        await Open("/office/board", page);
        await page.GetByRole(AriaRole.Button, new() { Name = "浏览器公告", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("dialog[open]")).ToContainTextAsync("全公司放假一天");
        await Shot(page, "announcement");
        await Open("/office/board", page);
        await Assertions.Expect(page.Locator(".statusbar")).Not.ToContainTextAsync("公告 1");
        await page.Context.CloseAsync();
    }
}
