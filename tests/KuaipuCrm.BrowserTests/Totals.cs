using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace KuaipuCrm.BrowserTests;

/// <summary>The sums below a list (UI-4), shown on the sample plug-in's repairs.</summary>
public class Totals(Office office)
{
    [Fact, Trait("req", "UI-4")]
    public async Task The_money_of_all_rows_of_the_query_is_summed_up_below_them()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/aftersales/repairs");
        await Screen.Ready(page);
        async Task<long> Make(string url, object values)
        {
            var answer = await page.APIRequest.PostAsync(office.Url + url, new() { DataObject = values, Headers = new Dictionary<string, string> { ["Origin"] = office.Url } });
            Assert.True(answer.Ok, await answer.TextAsync());
            return (await answer.JsonAsync())!.Value.GetProperty("id").GetInt64();
        }
        var customer = await Make("/api/customers/customers", new { name = "合计有限公司", confirmed = new[] { "duplicate" } });
        // More than a page shows.
        for (var i = 0; i < 60; i++) await Make("/api/aftersales/repairs", new { subject = $"合计维修{i}", customerId = customer, fee = 10.5, state = i < 20 ? "closed" : "waiting" });
        await page.GotoAsync("/aftersales/repairs");
        await Screen.Ready(page);
        var foot = page.Locator("main#work table tfoot");
        await Assertions.Expect(foot).ToContainTextAsync("合计");
        await Assertions.Expect(foot.Locator("td.num")).ToContainTextAsync("630.00");
        await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "totals.png") });
        await page.GotoAsync("/aftersales/repairs?f=state~Is~closed");
        await Screen.Ready(page);
        await Assertions.Expect(foot.Locator("td.num")).ToContainTextAsync("210.00");
        await Screen.NothingSerious(page);
    }
}
