using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>Whoever has chosen English meets no Chinese but what people have entered (UI-9), on a program of its own where all that was entered is known.</summary>
[Trait("req", "UI-9")]
public partial class InEnglish
{
    /// <summary>What a new account set begins with: names, not words to people.</summary>
    private static readonly string[] Entered = ["我的公司", "总公司", "管理员", "系统管理员", "销售代表", "销售经理", "总经理", "拥有全部权限", "管理自己的客户", "管理本部门及下级部门的客户", "查看全部客户", "简体中文", "甲乙丙丁",
        "员", "直接客户", "代理商", "合作伙伴", "供应商", "竞争对手", "终端用户", "经销商", "其他"];

    /// <summary>What can be seen, heard by a screen reader or read on pointing.</summary>
    private const string Words = """
        () => {
            const found = [];
            const seen = e => e.checkVisibility ? e.checkVisibility() : true;
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            for (let n; n = walk.nextNode();)
                if (n.data.trim() && !n.parentElement.closest('script,style') && seen(n.parentElement)) found.push(n.data.trim());
            for (const e of document.querySelectorAll('[aria-label],[title],[placeholder],[alt]'))
                for (const a of ['aria-label', 'title', 'placeholder', 'alt'])
                    if (e.getAttribute(a)) found.push(e.getAttribute(a));
            return [...found, document.title];
        }
        """;

    [Fact]
    public async Task No_screen_speaks_Chinese()
    {
        Office.MustHaveBrowser();
        await using var office = new Office();
        await office.InitializeAsync();
        var wrong = new List<string>();
        var page = await office.Window(language: "en-US");
        async Task Look(string screen)
        {
            var words = await page.EvaluateAsync<string[]>(Words);
            wrong.AddRange(words.Where(w => Chinese().IsMatch(Entered.OrderByDescending(e => e.Length).Aggregate(w, (text, e) => text.Replace(e, "", StringComparison.Ordinal)))).Distinct().Select(w => $"{screen}: {w}"));
            await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, $"en{screen.Replace('/', '-')}.png") });
        }

        // The browser's language before anyone is known; then the reader's own.
        await page.GotoAsync("/sign-in");
        await Look("/set-up");
        await page.FillAsync("#password", "kurz");
        await page.FillAsync("#repeat", "kurz2");
        await page.EvaluateAsync("() => document.querySelectorAll('[minlength]').forEach(e => e.removeAttribute('minlength'))");
        await page.ClickAsync("button.primary");
        await Assertions.Expect(page.Locator(".banner.bad")).ToContainTextAsync("differ");
        await Look("/set-up-refused");
        await page.FillAsync("#password", Office.Password);
        await page.FillAsync("#repeat", Office.Password);
        await page.ClickAsync("button.primary");
        await page.WaitForURLAsync(office.Url + "/");
        await Ready(page);
        await Look("/");

        await page.GotoAsync("/customers/customers");
        await Ready(page);
        await Look("/customers");
        await page.GotoAsync("/customers/customers/new");
        await Ready(page);
        await page.ClickAsync("main#work button[type=submit]");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("is required.");
        await Look("/customers/new");
        await page.FillAsync("main#work input[name=name]", "甲乙丙丁");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
        await Ready(page);
        await Look("/customers/one");
        await page.ClickAsync("main#work [role=tab]:has-text('History')");
        await Ready(page);
        await Look("/customers/history");
        foreach (var screen in new[]
                 {
                     "/customers/customers/import", "/customers/contacts", "/settings/organization", "/settings/users", "/settings/roles", "/settings/posts", "/settings/rights", "/settings/dictionaries", "/settings/numbering", "/settings/company",
                     "/settings/flows", "/settings/modules", "/settings/jobs", "/settings/events", "/settings/log", "/settings/tokens", "/account", "/account/tokens", "/messages", "/approvals", "/operations", "/help/keys",
                 })
        {
            await page.GotoAsync(screen);
            await Ready(page);
            await Look(screen);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        // And back, at once: the page at hand is Chinese.
        await page.ClickAsync(".user-btn");
        await page.ClickAsync(".menu-item[lang='zh-CN']");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("键盘快捷键");
        await page.Context.CloseAsync();
    }

    [GeneratedRegex(@"[\u3400-\u9fff\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]")]
    private static partial Regex Chinese();
}
