using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>The day of those who look after customers: from the desktop to a record, to the next appointment, on a phone; and of their superiors.</summary>
public class SalesDay(Office office)
{
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    private static Task<long> Customer(IPage page, string name, object? more = null) => Create(page, "/api/customers/customers", more ?? new { name, confirmed = new[] { "duplicate" } });

    /// <summary>An appointment of today that is still to come or was a while ago, whatever the hour.</summary>
    private static DateTime Today() => TimeZoneInfo.ConvertTimeToUtc(TimeZoneInfo.ConvertTimeFromUtc(DateTime.UtcNow, Shanghai).Date.AddHours(10), Shanghai);

    private static Task Picture(IPage page, string name) => page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, name) });

    [Fact, Trait("req", "TRK-2"), Trait("req", "TRK-7"), Trait("req", "TRK-9"), Trait("req", "TRK-10")]
    public async Task A_sales_person_works_the_list_of_today_and_moves_the_next_appointment()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/");
        var name = $"今日要联系{Guid.NewGuid().ToString("n")[..6]}有限公司";
        var customer = await Customer(page, name);
        await Create(page, "/api/customers/contacts", new { name = "刘经理" + name[5..11], employerId = customer, confirmed = new[] { "same-name" } });
        await Create(page, "/api/tracking/appointments", new { customerId = customer, at = Today(), subject = "确认交货期" });

        // The desktop counts it; the list shows it.
        await page.GotoAsync("/");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work .call", new() { HasText = name })).ToContainTextAsync("有预约");
        var before = await Number(page, "今天要联系");
        await Picture(page, "tracking-desktop.png");
        await page.ClickAsync("main#work .stat:has-text('今天要联系')");
        await page.WaitForURLAsync(new Regex("view=today"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync(name);
        await Picture(page, "tracking-today.png");

        // From the list to the customer, its tab, a record with the next contact proposed.
        await page.Locator("main#work tbody a.name", new() { HasText = name }).ClickAsync();
        await page.WaitForURLAsync(new Regex($"/customers/customers/{customer}"));
        await Ready(page);
        await page.Locator("main#work [role=tab]", new() { HasText = "联系记录" }).ClickAsync();
        await Ready(page);
        await page.ClickAsync("main#work .tied-list button:has-text('新建联系记录')");
        await page.WaitForURLAsync(new Regex("/tracking/records/new"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work input[name=nextAt]")).ToHaveValueAsync(new Regex(@"^\d{4}-"));
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("第 2 次联系");
        await page.FillAsync("main#work textarea[name=content]", "交货期确认为下月初，客户满意。");
        await Picture(page, "tracking-record.png");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/tracking/records/\d+"));
        await Ready(page);

        // The list and the desktop count one fewer.
        await page.GotoAsync("/tracking/customers?view=today");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work")).Not.ToContainTextAsync(name);
        await page.GotoAsync("/");
        await Ready(page);
        Assert.Equal(before - 1, await Number(page, "今天要联系"));

        // In the calendar, and dragged to another day.
        await page.GotoAsync("/tracking/calendar");
        await Ready(page);
        var item = page.Locator("main#work .cal-item[draggable=true]", new() { HasText = name });
        for (var i = 0; i < 3 && await item.CountAsync() == 0; i++)
        {
            await page.ClickAsync("main#work button[aria-label='下一周']");
            await Ready(page);
        }
        await Assertions.Expect(item).ToBeVisibleAsync();
        await Picture(page, "tracking-calendar.png");
        var slot = (await item.Locator("xpath=..").GetAttributeAsync("data-slot"))!;
        var at = DateTime.ParseExact(slot, "yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);
        // The next day of the week shown; nothing is put off into the past.
        var to = at.DayOfWeek == DayOfWeek.Sunday ? at.AddHours(at.Hour < 17 ? 1 : -1) : at.AddDays(1).Date.AddHours(15);
        await item.DragToAsync(page.Locator($"main#work .cal-cell[data-slot='{to:yyyy-MM-ddTHH}']"));
        await Assertions.Expect(page.Locator($"main#work .cal-cell[data-slot='{to:yyyy-MM-ddTHH}']")).ToContainTextAsync(name);
        var track = (await (await page.APIRequest.GetAsync($"/api/tracking/customers/{customer}")).JsonAsync())!.Value;
        Assert.Equal(TimeZoneInfo.ConvertTimeToUtc(to, Shanghai), DateTime.SpecifyKind(track.GetProperty("nextAt").GetDateTime(), DateTimeKind.Utc), TimeSpan.FromMinutes(59));
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "UI-11"), Trait("req", "TRK-1")]
    public async Task On_a_phone_a_record_is_saved_three_taps_after_the_desktop()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk(390, 844);
        await page.GotoAsync("/");
        var name = $"路上拜访{Guid.NewGuid().ToString("n")[..6]}有限公司";
        var customer = await Customer(page, name, new { name, level = "A", confirmed = new[] { "duplicate" } });
        await Create(page, "/api/tracking/appointments", new { customerId = customer, at = Today(), subject = "上门拜访" });
        await page.GotoAsync("/");
        await Ready(page);
        await Picture(page, "tracking-phone-desktop.png");
        // One: beside the customer.
        await page.Locator("main#work .call", new() { HasText = name }).Locator("a:has-text('记录'), button:has-text('记录')").ClickAsync();
        await page.WaitForURLAsync(new Regex("/tracking/quick"));
        await Ready(page);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        // Two: how.
        await page.ClickAsync("main#work .tap:has-text('上门拜访')");
        await Picture(page, "tracking-phone-record.png");
        // Three.
        await page.ClickAsync("main#work button[type=submit]");
        await page.Locator(".toast:has-text('已保存'), [role=status]:has-text('已保存')").First.WaitForAsync();
        var records = (await (await page.APIRequest.GetAsync($"/api/tracking/records?customerId={customer}&columns=method,subject")).JsonAsync())!.Value.GetProperty("items");
        Assert.Equal("visit", records[0].GetProperty("method").GetString());
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "TRK-6"), Trait("req", "DOC-6")]
    public async Task A_manager_reads_what_the_people_did_and_a_comment_is_there_at_once()
    {
        Office.MustHaveBrowser();
        var boss = await office.Desk();
        await boss.GotoAsync("/");
        var me = (await (await boss.APIRequest.GetAsync("/api/platform/me")).JsonAsync())!.Value.GetProperty("userId").GetInt64();
        var login = "li" + Guid.NewGuid().ToString("n")[..8];
        var home = (await (await boss.APIRequest.GetAsync("/api/settings/departments?columns=name")).JsonAsync())!.Value.GetProperty("items")[0].GetProperty("id").GetInt64();
        var role = (await (await boss.APIRequest.GetAsync("/api/settings/roles?columns=name")).JsonAsync())!.Value.GetProperty("items").EnumerateArray().First(r => r.GetProperty("name").GetString() == "销售代表").GetProperty("id").GetInt64();
        var li = await Create(boss, "/api/settings/users", new { name = "李" + login[2..6], login, homeId = home, superiorId = me });
        await Create(boss, $"/api/settings/users/{li}/roles", new { roleIds = new[] { role } });
        await Create(boss, $"/api/settings/users/{li}/password", new { password = "Erste-Mima-2026" });
        var seller = await office.SignedInAs(login, "Erste-Mima-2026", "Zweite-Mima-2026");
        await seller.GotoAsync("/");
        await Ready(seller);
        var customer = await Customer(seller, $"下属客户{login}有限公司");
        await Create(seller, "/api/tracking/records", new { customerId = customer, content = "客户要求再降三个点", result = "待答复" });

        await boss.GotoAsync("/tracking/team");
        await Ready(boss);
        await boss.Locator("main#work .team-list button", new() { HasText = "李" + login[2..6] }).ClickAsync();
        await Assertions.Expect(boss.Locator("main#work .record")).ToContainTextAsync("再降三个点");
        await boss.ClickAsync("main#work .record button:has-text('点评')");
        await boss.FillAsync("main#work .record textarea", "最多两个点，请先问交期");
        await Picture(boss, "tracking-team.png");
        await boss.ClickAsync("main#work .record button:has-text('发表点评')");
        // The sales person's open page shows it without being touched.
        await Assertions.Expect(seller.Locator(".statusbar a[href='/messages']")).ToContainTextAsync("1", new() { Timeout = 5_000 });
        await seller.GotoAsync("/tracking/comments");
        await Ready(seller);
        await Assertions.Expect(seller.Locator("main#work .record")).ToContainTextAsync("最多两个点");
        await boss.GotoAsync("/tracking/comments-given");
        await Ready(boss);
        await Assertions.Expect(boss.Locator("main#work")).ToContainTextAsync("最多两个点");
        await seller.Context.CloseAsync();
        await boss.Context.CloseAsync();
    }

    private static async Task<int> Number(IPage page, string label)
    {
        var value = page.Locator($"main#work .stat:has-text('{label}') .stat-value");
        await Assertions.Expect(value).ToHaveTextAsync(new Regex(@"^\d+$"));
        return int.Parse(await value.InnerTextAsync(), CultureInfo.InvariantCulture);
    }
}
