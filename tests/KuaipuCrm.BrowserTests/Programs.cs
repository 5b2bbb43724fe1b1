using Microsoft.Playwright;
using Xunit;

namespace KuaipuCrm.BrowserTests;

/// <summary>What those do who connect programs: make a token, read the API.</summary>
public class Programs(Office office)
{
    [Fact, Trait("req", "API-2"), Trait("req", "SET-14")]
    public async Task A_token_is_made_shown_once_and_revoked()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/account/tokens");
        await page.Locator("main#work form input").First.FillAsync("ERP 同步");
        await page.ClickAsync("main#work button[type=submit]:has-text('新建')");
        await Assertions.Expect(page.Locator("main#work code[data-secret]")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^kpc_[0-9a-f]{64}$"));
        await page.ClickAsync("main#work button:has-text('已保存')");
        await Assertions.Expect(page.Locator("main#work code[data-secret]")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("main#work tr:has-text('ERP 同步')")).ToContainTextAsync("有效");
        await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "tokens.png") });
        await page.ClickAsync("main#work tr:has-text('ERP 同步') button:has-text('撤销')");
        await page.Locator("dialog[open] button").Last.ClickAsync();
        await Assertions.Expect(page.Locator("main#work tr:has-text('ERP 同步')")).ToContainTextAsync("已撤销");
    }

    [Fact, Trait("req", "API-1")]
    public async Task The_api_is_read_in_the_browser_without_anything_from_elsewhere()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        var wrong = new List<string>();
        page.Console += (_, m) => { if (m.Text.Contains("Content Security Policy", StringComparison.Ordinal)) wrong.Add(m.Text); };
        page.Request += (_, r) => { if (r.Url.StartsWith("http", StringComparison.Ordinal) && !r.Url.StartsWith(office.Url, StringComparison.Ordinal)) wrong.Add(r.Url); };
        await page.GotoAsync("/api-docs/");
        // Of whichever module comes first.
        await page.GetByText("新建").First.WaitForAsync(new() { Timeout = 20_000, State = WaitForSelectorState.Attached });
        await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "api-docs.png") });
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct().Take(10)));
    }
}
