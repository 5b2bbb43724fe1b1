using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>What people do all day, in a real browser against the real program.</summary>
public class MainPath(Office office)
{
    private const string List = "/customers/customers";

    private async Task<IPage> Open(string url, int width = 1366, int height = 768)
    {
        Office.MustHaveBrowser();
        var page = await office.Desk(width, height);
        await page.GotoAsync(url);
        await Ready(page);
        return page;
    }

    private static async Task Save(IPage page)
    {
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
        await Ready(page);
    }

    [Fact, Trait("req", "UI-5"), Trait("req", "UI-4"), Trait("req", "UI-3")]
    public async Task A_customer_is_created_found_in_the_list_changed_and_stays_open_in_a_tab()
    {
        var page = await Open(List + "/new");
        await page.FillAsync("main#work input[name=name]", "深圳市快普浏览器科技有限公司");
        await Save(page);
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("快普浏览器");

        await page.GotoAsync(List + "?text=" + Uri.EscapeDataString("浏览器"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("快普浏览器");
        Assert.True(await page.Locator(".wtab").CountAsync() >= 2, "the document's tab was lost by opening the list");
        await page.GotoAsync(List + "?text=" + Uri.EscapeDataString("没有这个词"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work")).Not.ToContainTextAsync("快普浏览器");
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "UI-3"), Trait("req", "UI-13")]
    public async Task What_is_typed_survives_a_reload()
    {
        var page = await Open(List + "/new");
        await page.FillAsync("main#work input[name=name]", "还没保存的客户");
        await page.FillAsync("main#work input[name=address]", "深圳市南山区");
        await page.Keyboard.PressAsync("Tab");
        await page.WaitForTimeoutAsync(1500);
        await page.ReloadAsync();
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work input[name=name]")).ToHaveValueAsync("还没保存的客户");
        await Assertions.Expect(page.Locator("main#work input[name=address]")).ToHaveValueAsync("深圳市南山区");
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "UI-13")]
    public async Task A_missing_name_is_told_at_its_field()
    {
        var page = await Open(List + "/new");
        await page.FillAsync("main#work input[name=address]", "无名路");
        await page.ClickAsync("main#work button[type=submit]");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("请填写客户名称");
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "UI-10")]
    public async Task Axe_finds_nothing_serious_before_sign_in()
    {
        Office.MustHaveBrowser();
        await (await office.Desk()).Context.CloseAsync();
        var page = await office.Window();
        await page.GotoAsync("/sign-in");
        await NothingSerious(page);
        await page.Context.CloseAsync();
    }

    [Theory, Trait("req", "UI-11")]
    [InlineData(1366, 768)]
    [InlineData(1920, 1080)]
    [InlineData(390, 844)]
    public async Task Nothing_hangs_over_the_edge_at(int width, int height)
    {
        var page = await Open("/", width, height);
        var wide = new List<string>();
        foreach (var screen in (IEnumerable<string>)[List, List + "/new", List + "/import", "/settings/users", "/"])
        {
            await page.GotoAsync(screen);
            await Ready(page);
            if (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") is > 0 and var over) wide.Add($"{screen}: {over}px");
        }
        Assert.Empty(wide);
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "SEC-1")]
    public async Task A_page_asked_for_without_sign_in_leads_to_the_door()
    {
        Office.MustHaveBrowser();
        await (await office.Desk()).Context.CloseAsync();
        var page = await office.Window();
        await page.GotoAsync(List);
        Assert.Equal($"/sign-in?to={Uri.EscapeDataString(List)}", new Uri(page.Url).PathAndQuery);
        await page.Context.CloseAsync();
    }
}
