using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>What is done with customers beyond filling a form: merge, share, look back along the timeline.</summary>
public class Customers(Office office)
{
    /// <summary>As a program of the same user would do it: the way to the state a test begins with.</summary>
    private static async Task<JsonElement> Api(IPage page, string url, object body)
    {
        var answer = await page.APIRequest.PostAsync(url, new() { DataObject = body });
        Assert.True(answer.Ok, await answer.TextAsync());
        return JsonDocument.Parse(await answer.TextAsync()).RootElement;
    }

    private static async Task<long> Customer(IPage page, string name, object? more = null)
    {
        var values = new Dictionary<string, object?> { ["name"] = name, ["confirmed"] = new[] { "duplicate", "same-person" } };
        foreach (var p in more?.GetType().GetProperties() ?? []) values[p.Name] = p.GetValue(more);
        return (await Api(page, "/api/customers/customers", values)).GetProperty("id").GetInt64();
    }

    [Fact, Trait("req", "CUS-6")]
    public async Task Two_customers_are_merged_with_a_preview_and_parted_by_one_click()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/");
        await Ready(page);
        var (stays, lost) = (await Customer(page, "佛山快普保留有限公司", new { phone = "0757-11112222" }), await Customer(page, "佛山快普并入有限公司", new { phone = "0757-33334444" }));
        await Api(page, "/api/customers/contacts", new { name = "并入联系人", employerId = lost });
        await page.GotoAsync($"/customers/merge?ids={stays},{lost}");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work .merge-table")).ToContainTextAsync("0757-33334444");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("联系人");
        await NothingSerious(page);
        await page.Locator("main#work .merge-table tr:has-text('0757-33334444') input[type=radio]").Last.CheckAsync();
        await page.ClickAsync("main#work .form-actions button.primary");
        await page.ClickAsync("dialog[open] button.primary");
        await page.WaitForURLAsync(new Regex($"/customers/customers/{stays}"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("0757-33334444");
        await page.Locator("main#work [role=tab]:has-text('联系人')").First.ClickAsync();
        await Assertions.Expect(page.Locator("main#work .tab-panel")).ToContainTextAsync("并入联系人");
        await page.Locator(".toast button:has-text('撤销')").ClickAsync();
        await Assertions.Expect(page.Locator(".toast").Last).ToContainTextAsync("两个客户都恢复了");
        await page.GotoAsync($"/customers/customers/{lost}");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("并入有限公司");
        await Assertions.Expect(page.Locator("main#work .doc-title")).Not.ToContainTextAsync("回收站");
        await page.Locator("main#work [role=tab]:has-text('联系人')").First.ClickAsync();
        await Assertions.Expect(page.Locator("main#work .tab-panel")).ToContainTextAsync("并入联系人");
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "CUS-15"), Trait("req", "CUS-14")]
    public async Task A_customer_shared_with_a_colleague_stands_in_the_colleagues_list()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/");
        await Ready(page);
        var department = JsonDocument.Parse(await (await page.APIRequest.GetAsync("/api/settings/departments")).TextAsync()).RootElement.GetProperty("items")[0].GetProperty("id").GetInt64();
        var role = JsonDocument.Parse(await (await page.APIRequest.GetAsync("/api/settings/roles?name=" + Uri.EscapeDataString("销售代表"))).TextAsync()).RootElement.GetProperty("items")[0].GetProperty("id").GetInt64();
        var user = (await Api(page, "/api/settings/users", new { name = "共享同事", login = "gxts", homeId = department })).GetProperty("id").GetInt64();
        await Api(page, $"/api/settings/users/{user}/roles", new { roleIds = new[] { role } });
        await Api(page, $"/api/settings/users/{user}/password", new { password = "Erste-2026-mima" });
        var id = await Customer(page, "中山快普共享有限公司");
        await page.GotoAsync($"/customers/customers/{id}");
        await Ready(page);
        await page.ClickAsync("main#work .tab:has-text('共享')");
        await page.ClickAsync("main#work .toolbar button:has-text('共享给同事')");
        var who = page.Locator("dialog[open] input[role=combobox]").First;
        await who.FillAsync("共享同事");
        await page.Locator("dialog[open] [role=option]:has-text('共享同事')").First.ClickAsync();
        await Assertions.Expect(page.Locator("dialog[open] .chip")).ToContainTextAsync("共享同事");
        await NothingSerious(page);
        await page.ClickAsync("dialog[open] button.primary");
        await Assertions.Expect(page.Locator("main#work .tab-panel table")).ToContainTextAsync("共享同事");
        await page.Context.CloseAsync();

        var theirs = await office.Window();
        await theirs.GotoAsync("/sign-in");
        await theirs.FillAsync("#login", "gxts");
        await theirs.FillAsync("#password", "Erste-2026-mima");
        await theirs.ClickAsync("button[type=submit]");
        await theirs.FillAsync("#new", "Zweite-2026-mima");
        await theirs.FillAsync("#repeat", "Zweite-2026-mima");
        await theirs.ClickAsync("button[type=submit]");
        await theirs.WaitForURLAsync(office.Url + "/");
        await Ready(theirs);
        await theirs.GotoAsync("/customers/customers?view=shared");
        await Ready(theirs);
        await Assertions.Expect(theirs.Locator("main#work table")).ToContainTextAsync("中山快普共享");
        await Assertions.Expect(theirs.Locator(".quickmenu")).ToContainTextAsync("共享给我的客户");
        await theirs.GotoAsync($"/customers/customers/{id}");
        await Ready(theirs);
        await Assertions.Expect(theirs.Locator("main#work .doc-actions button:has-text('编辑')")).ToHaveCountAsync(0);
        await theirs.Context.CloseAsync();
    }

    [Fact, Trait("req", "CUS-17"), Trait("req", "CUS-5")]
    public async Task The_timeline_shows_what_happened_and_the_relations_are_kept_on_the_page()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/");
        await Ready(page);
        var (id, other) = (await Customer(page, "惠州快普时间线有限公司"), await Customer(page, "惠州快普总包有限公司"));
        await Api(page, "/api/customers/contacts", new { name = "时间线联系人", employerId = id });
        await Api(page, $"/api/customers/customers/{id}/comments", new { text = "先打个电话" });
        await Api(page, $"/api/customers/customers/{id}/relations/{other}", new { relation = "general-contractor" });
        await page.GotoAsync($"/customers/customers/{id}");
        await Ready(page);
        await page.ClickAsync("main#work .tab:has-text('时间线')");
        await Assertions.Expect(page.Locator("main#work .tab-panel")).ToContainTextAsync("时间线联系人");
        await Assertions.Expect(page.Locator("main#work .tab-panel")).ToContainTextAsync("先打个电话");
        await NothingSerious(page);
        await page.ClickAsync("main#work .tab:has-text('关联客户')");
        await Assertions.Expect(page.Locator("main#work .tab-panel table")).ToContainTextAsync("惠州快普总包");
        await page.ClickAsync("main#work .tab:has-text('上下级')");
        await Assertions.Expect(page.Locator("main#work .tab-panel")).ToContainTextAsync("惠州快普时间线");
        await NothingSerious(page);
        await page.Context.CloseAsync();
    }
}
