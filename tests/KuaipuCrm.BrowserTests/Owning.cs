using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>Customers get and lose owners in the browser: the sales person's way and the manager's (CUS-9, CUS-10, CUS-12, CUS-16).</summary>
public class Owning(Office office)
{
    private const string List = "/customers/customers";

    private async Task<IPage> Open(string url)
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync(url);
        await Ready(page);
        return page;
    }

    private static async Task<T> Call<T>(IPage page, string method, string url, object? body = null) =>
        await page.EvaluateAsync<T>("async ([m, u, b]) => { const r = await fetch(u, { method: m, headers: { 'Content-Type': 'application/json' }, body: b ? JSON.stringify(b) : undefined }); if (!r.ok) throw new Error(u + ' ' + r.status + ' ' + await r.text()); return await r.json(); }", new object?[] { method, url, body });

    [Fact, Trait("req", "CUS-9"), Trait("req", "CUS-12")]
    public async Task A_sales_person_locks_a_customer_from_the_pool_and_gives_it_back()
    {
        var page = await Open(List);
        // A pool of its own, without review, whatever others set for theirs.
        var pool = (await Call<System.Text.Json.JsonElement>(page, "POST", "/api/customers/pools", new { name = $"自取公海{Guid.NewGuid():N}"[..10], review = "no", sort = 9999 })).GetProperty("id").GetInt64();
        var name = $"公海浏览器客户{Guid.NewGuid():N}"[..16];
        await Call<System.Text.Json.JsonElement>(page, "POST", "/api/customers/customers", new { name, poolId = pool, phone = "0755-26001234", confirmed = new[] { "duplicate" } });
        // By the menu to the open customers.
        await page.ClickAsync(".quickmenu a:has-text('开放的客户')");
        await Ready(page);
        var row = page.Locator("main#work tr", new() { HasText = name });
        await Assertions.Expect(row).ToBeVisibleAsync();
        await Assertions.Expect(row).Not.ToContainTextAsync("26001234");
        await NothingSerious(page);
        await row.Locator("input[type=checkbox]").CheckAsync();
        await page.ClickAsync("main#work .toolbar button:has-text('申请锁定')");
        await page.FillAsync("dialog textarea", "客户已来电咨询");
        await page.ClickAsync("dialog button.primary:has-text('申请锁定')");
        await Assertions.Expect(page.Locator("main#work tr", new() { HasText = name })).ToHaveCountAsync(0);
        // Mine now: open, see why and until when, give it back.
        await page.ClickAsync(".quickmenu a:has-text('我的客户')");
        await Ready(page);
        await page.ClickAsync($"main#work a.name:has-text('{name}')");
        await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
        await Ready(page);
        await page.ClickAsync("main#work [role=tab]:has-text('归属')");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("客户已来电咨询");
        await NothingSerious(page);
        await page.ClickAsync("main#work .doc-actions button:has-text('取消锁定')");
        await page.FillAsync("dialog textarea", "暂无需求");
        await page.ClickAsync("dialog button.primary:has-text('取消锁定')");
        await Assertions.Expect(page.Locator("main#work .doc-facts")).ToContainTextAsync("无");
        await Assertions.Expect(page.Locator("main#work .doc-actions button:has-text('取消锁定')")).ToHaveCountAsync(0);
        await page.GotoAsync("/customers/release-log");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work tr", new() { HasText = name })).ToContainTextAsync("暂无需求");
        await NothingSerious(page);
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "CUS-10"), Trait("req", "CUS-16"), Trait("req", "SET-8")]
    public async Task A_manager_reviews_requests_and_simulates_a_rule_before_switching_it_on()
    {
        var page = await Open("/customers/lock-review");
        // Others of this office may have asked for something of their own: nothing is assumed of what else waits.
        await Ready(page);
        // Someone asks for a customer of a pool that wants review.
        var pool = (await Call<System.Text.Json.JsonElement>(page, "POST", "/api/customers/pools", new { name = $"审核公海{Guid.NewGuid():N}"[..12], everyone = true, review = "yes" })).GetProperty("id").GetInt64();
        var name = $"待审浏览器客户{Guid.NewGuid():N}"[..16];
        var customer = (await Call<System.Text.Json.JsonElement>(page, "POST", "/api/customers/customers", new { name, poolId = pool, confirmed = new[] { "duplicate" } })).GetProperty("id").GetInt64();
        var department = (await Call<System.Text.Json.JsonElement>(page, "GET", "/api/settings/departments")).GetProperty("items")[0].GetProperty("id").GetInt64();
        var login = $"lock{Guid.NewGuid():N}"[..12];
        var seller = (await Call<System.Text.Json.JsonElement>(page, "POST", "/api/settings/users", new { name = "抢单员", login, homeId = department })).GetProperty("id").GetInt64();
        var role = (await Call<System.Text.Json.JsonElement>(page, "GET", "/api/settings/roles")).GetProperty("items").EnumerateArray().First(r => r.GetProperty("name").GetString() == "销售代表").GetProperty("id").GetInt64();
        await Call<System.Text.Json.JsonElement>(page, "POST", $"/api/settings/users/{seller}/roles", new { roleIds = new[] { role } });
        var secret = (await Call<System.Text.Json.JsonElement>(page, "POST", "/api/platform/tokens", new { userId = seller, name = "抢单" })).GetProperty("secret").GetString();
        using (var http = new HttpClient())
        {
            http.DefaultRequestHeaders.Add("Authorization", "Bearer " + secret);
            (await http.PostAsync(office.Url + "/api/customers/customers/request-lock", new StringContent($"{{\"ids\":[{customer}],\"reason\":\"已约好拜访\"}}", System.Text.Encoding.UTF8, "application/json"))).EnsureSuccessStatusCode();
        }
        await page.ReloadAsync();
        await Ready(page);
        var row = page.Locator("main#work tr", new() { HasText = name });
        await Assertions.Expect(row).ToContainTextAsync("已约好拜访");
        await NothingSerious(page);
        await row.Locator("button:has-text('同意')").ClickAsync();
        await Assertions.Expect(page.Locator("main#work tr", new() { HasText = name })).ToHaveCountAsync(0);
        await page.ClickAsync("main#work [role=tab]:has-text('我审核过的')");
        await Assertions.Expect(page.Locator("main#work tr", new() { HasText = name })).ToContainTextAsync("已同意");
        // A rule: written, simulated, switched on.
        await page.GotoAsync("/customers/rules");
        await Ready(page);
        await NothingSerious(page);
        await page.ClickAsync("main#work button:has-text('新建规则')");
        var rule = $"浏览器规则{Guid.NewGuid():N}"[..12];
        await page.FillAsync("dialog input[placeholder^='如：']", rule);
        await page.ClickAsync("dialog button.primary:has-text('保存')");
        var line = page.Locator("main#work tr", new() { HasText = rule });
        await Assertions.Expect(line).ToContainTextAsync("未启用");
        await line.Locator("button:has-text('模拟')").ClickAsync();
        await Assertions.Expect(page.Locator("dialog[open]").First).ToContainTextAsync("30 天内");
        await page.ClickAsync("dialog[open] button:has-text('启用这条规则')");
        await page.ClickAsync("dialog[open] button.primary:has-text('启用')");
        await Assertions.Expect(page.Locator("main#work tr", new() { HasText = rule })).Not.ToContainTextAsync("未启用");
        await page.Context.CloseAsync();
    }
}
