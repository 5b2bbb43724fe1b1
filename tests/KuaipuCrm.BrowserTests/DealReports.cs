using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>Whoever answers for the pipeline reads its forecast and its changes, and comes to the rows by a click; a deal is registered with its vendor.</summary>
public class DealReports(Office office)
{
    private static Task Picture(IPage page, string name) => page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, name) });

    private static Task<long> Company(IPage page, string name, string type) => Create(page, "/api/customers/customers", new { name, customerType = type, confirmed = new[] { "duplicate" } });

    [Fact, Trait("req", "OPP-6"), Trait("req", "OPP-10"), Trait("req", "OPP-12")]
    public async Task The_numbers_of_forecast_and_changes_lead_to_their_rows_and_a_registration_is_ready_to_send()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/");
        var mark = Guid.NewGuid().ToString("n")[..6];
        var customer = await Company(page, $"报表客户{mark}有限公司", "direct");
        var deal = await Create(page, "/api/opportunities/opportunities", new { name = $"扩容项目{mark}", customerId = customer, amount = 120_000m, signDate = DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) });
        await Create(page, $"/api/opportunities/opportunities/{deal}/start", new { });
        var vendor = await Company(page, $"上游{mark}有限公司", "supplier");
        await Create(page, "/api/customers/contacts", new { name = $"渠道经理{mark}", employerId = vendor, email = $"{mark}@example.com", confirmed = new[] { "same-name" } });
        var registration = await Create(page, "/api/opportunities/registrations", new { opportunityId = deal, vendorId = vendor });

        await page.GotoAsync("/opportunities/forecast");
        await Ready(page);
        await Picture(page, "deals-forecast.png");
        await NothingSerious(page);
        await page.Locator("main#work tfoot a").First.ClickAsync();
        await page.WaitForURLAsync(new Regex("/opportunities/opportunities"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync(mark);

        await page.GotoAsync("/opportunities/changes");
        await Ready(page);
        await page.Locator("main#work tr", new() { HasText = "新进商机" }).Locator("button").ClickAsync();
        await Assertions.Expect(page.Locator("main#work tbody a", new() { HasText = mark })).ToBeVisibleAsync();
        await Picture(page, "deals-changes.png");
        await NothingSerious(page);
        await page.Locator("main#work tbody a", new() { HasText = mark }).ClickAsync();
        await page.WaitForURLAsync(new Regex($"/opportunities/opportunities/{deal}"));

        await page.GotoAsync($"/opportunities/registrations/{registration}");
        await Ready(page);
        await page.Locator("main#work [role=tab]", new() { HasText = "发送报备" }).ClickAsync();
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync($"{mark}@example.com");
        await Picture(page, "deals-registration.png");
        await NothingSerious(page);
        await page.Context.CloseAsync();
    }
}
