using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>A whole day's work with customers and their tracking: of a sales person, of a manager, of an administrator.</summary>
public class ThreeDays(Office office) : Story(office)
{
    private const string Customers = "/customers/customers";
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    [Fact, Trait("req", "CUS-1"), Trait("req", "CUS-4"), Trait("req", "CUS-9"), Trait("req", "CUS-14"), Trait("req", "TRK-1"), Trait("req", "TRK-3"), Trait("req", "TRK-9"), Trait("req", "TRK-11")]
    public async Task A_sales_persons_day()
    {
        await Begin();
        var department = await Create("/api/settings/departments", new { name = "华东" + Mark });
        var pool = await Create("/api/customers/pools", new { name = "一日公海" + Mark, review = "no", sort = 9_000 });
        var open = $"杭州公海{Mark}贸易有限公司";
        await Create("/api/customers/customers", new { name = open, poolId = pool, phone = "0571-85001234", confirmed = new[] { "duplicate" } });
        var (_, page) = await Hire("销售孙", await Role("销售代表"), department);

        // In the morning nothing is there yet, and the desktop says what to do.
        await Open(page, "/");
        await NothingSerious(page);
        await Picture(page, "day-1-desktop");

        // A new customer with its contact; typed once more, it is told.
        var name = $"宁波新客{Mark}精密仪器有限公司";
        await Open(page, Customers + "/new");
        await page.FillAsync("main#work input[name=name]", name);
        await page.FillAsync("main#work input[name=phone]", "0574-87001234");
        await Save(page, Customers);
        var customer = page.Url;
        await Tab(page, "联系人");
        await page.ClickAsync("main#work .tied-list button:has-text('新建')");
        await page.WaitForURLAsync(new Regex("/customers/contacts/new"));
        await Ready(page);
        await page.FillAsync("main#work input[name=name]", "周采购" + Mark);
        await page.FillAsync("main#work input[name=mobile]", $"138{Random.Shared.Next(10_000_000, 99_999_999)}");
        await Save(page, "/customers/contacts");
        await Open(page, Customers + "/new");
        await page.FillAsync("main#work input[name=name]", name);
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator("main#work form")).ToContainTextAsync("可能已经有这个客户");
        await Picture(page, "day-2-duplicate");

        // One of the pool's is taken.
        await Open(page, Customers + "?view=open");
        await ActOnRow(page, open, "申请锁定", d => d.Locator("textarea").FillAsync("展会上见过"));
        await Open(page, Customers + "?view=mine");
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync(open);
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync(name);
        await Picture(page, "day-3-mine");

        // The day's list: an appointment, the call order, the record with the next contact.
        var id = long.Parse(Regex.Match(customer, @"\d+$").Value, System.Globalization.CultureInfo.InvariantCulture);
        await PostBy(page, "/api/tracking/appointments", new { customerId = id, at = TimeZoneInfo.ConvertTimeToUtc(TimeZoneInfo.ConvertTimeFromUtc(DateTime.UtcNow, Shanghai).Date.AddHours(10), Shanghai), subject = "送样品" });
        await Open(page, "/tracking/calls");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync(name);
        await NothingSerious(page);
        await Picture(page, "day-4-calls");
        await Open(page, customer);
        await Tab(page, "联系记录");
        await page.ClickAsync("main#work .tied-list button:has-text('新建联系记录')");
        await page.WaitForURLAsync(new Regex("/tracking/records/new"));
        await Ready(page);
        await page.FillAsync("main#work textarea[name=content]", "样品已送到，下周回访。");
        await Save(page, "/tracking/records");
        await Open(page, "/tracking/customers?view=today");
        await Assertions.Expect(page.Locator("main#work")).Not.ToContainTextAsync(name);
        await Open(page, "/tracking/calendar");
        await NothingSerious(page);
        await Picture(page, "day-5-calendar");

        // What matters is marked and stands in a list of its own; the whole story stands on the customer's page.
        await Open(page, customer);
        await ActInMenu(page, "设为重点客户");
        await Open(page, Customers + "?view=key");
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync(name);
        await Open(page, customer);
        await Tab(page, "时间线");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("样品已送到");
        await Picture(page, "day-6-timeline");
        await End(page);
    }

    [Fact, Trait("req", "CUS-10"), Trait("req", "CUS-13"), Trait("req", "CUS-14"), Trait("req", "CUS-21"), Trait("req", "TRK-6"), Trait("req", "DOC-3")]
    public async Task A_managers_day()
    {
        await Begin();
        var department = await Create("/api/settings/departments", new { name = "华北" + Mark });
        var pool = await Create("/api/customers/pools", new { name = "审核公海" + Mark, review = "yes", sort = 9_000 });
        var (managerId, page) = await Hire("经理吴", await Role("销售经理"), department);
        var (_, seller) = await Hire("销售郑", await Role("销售代表"), department, managerId);
        var (heirId, heir) = await Hire("销售冯", await Role("销售代表"), department, managerId);
        var (mine, wanted) = ($"北京下属{Mark}机电有限公司", $"天津待审{Mark}物流有限公司");
        var customer = (await PostBy(seller, "/api/customers/customers", new { name = mine, confirmed = new[] { "duplicate" } })).GetProperty("id").GetInt64();
        await PostBy(seller, "/api/tracking/records", new { customerId = customer, content = "对方要看案例", result = "待答复" });
        var asked = await Create("/api/customers/customers", new { name = wanted, poolId = pool, confirmed = new[] { "duplicate" } });
        await PostBy(seller, "/api/customers/customers/request-lock", new { ids = new[] { asked }, reason = "老同学介绍" });

        // What waits for a decision.
        await Open(page, "/");
        await Picture(page, "manager-1-desktop");
        await Open(page, "/customers/lock-review");
        await page.Locator("main#work tr", new() { HasText = wanted }).Locator("button:has-text('同意')").ClickAsync();
        await Assertions.Expect(page.Locator("main#work tr", new() { HasText = wanted })).ToHaveCountAsync(0);
        await Open(seller, Customers + "?view=mine");
        await Assertions.Expect(seller.Locator("main#work tbody")).ToContainTextAsync(wanted);

        // What the people did, and a word to it.
        await Open(page, "/tracking/team");
        await page.Locator("main#work .team-list button", new() { HasText = "销售郑" + Mark }).ClickAsync();
        await Assertions.Expect(page.Locator("main#work .record")).ToContainTextAsync("要看案例");
        await page.ClickAsync("main#work .record button:has-text('点评')");
        await page.FillAsync("main#work .record textarea", "案例集在资料库，今天就发");
        await page.ClickAsync("main#work .record button:has-text('发表点评')");
        await Open(seller, "/tracking/comments");
        await Assertions.Expect(seller.Locator("main#work .record")).ToContainTextAsync("今天就发");

        // Subordinates' customers: one is protected, then goes to another, with what belongs to it.
        await Open(page, Customers + "?view=subordinates");
        await NothingSerious(page);
        await Picture(page, "manager-2-subordinates");
        await ActOnRow(page, mine, "移交/分配", async d =>
        {
            await Choose(page, d.Locator("input[role=combobox]").First, "销售冯" + Mark);
            await d.Locator("textarea, input[type=text]:not([role=combobox])").Last.FillAsync("按区域调整");
        });
        await Open(heir, Customers + "?view=mine");
        await Assertions.Expect(heir.Locator("main#work tbody")).ToContainTextAsync(mine);
        await Open(seller, Customers + "?view=mine");
        await Assertions.Expect(seller.Locator("main#work tbody")).Not.ToContainTextAsync(mine);
        Assert.Equal(heirId, (await Json($"/api/customers/customers/{customer}")).GetProperty("ownerId").GetInt64());

        // By a mistake: taken back as one act.
        await Open(page, "/operations");
        await page.Locator("main#work tr", new() { HasText = "移交" }).First.Locator("button[aria-label='撤销']").ClickAsync();
        await page.Locator("dialog[open] button.primary, dialog[open] button.danger").Last.ClickAsync();
        await Until(seller, $"/api/customers/customers?view=mine&columns=name", mine);

        // The list goes to a meeting as a sheet.
        await Open(page, Customers + "?view=subordinates");
        await page.ClickAsync("main#work .toolbar button:has-text('导出')");
        var sheet = await page.RunAndWaitForDownloadAsync(() => page.Locator("[role=menuitem]:visible", new() { HasText = "导出为 Excel（全部查询结果）" }).ClickAsync());
        Assert.EndsWith(".xlsx", sheet.SuggestedFilename);
        await Open(page, "/customers/upcoming-releases");
        await NothingSerious(page);
        await Picture(page, "manager-3-upcoming");
        await End(page, seller, heir);
    }

    [Fact, Trait("req", "CUS-6"), Trait("req", "CUS-16"), Trait("req", "CUS-20"), Trait("req", "SET-1"), Trait("req", "SET-8"), Trait("req", "SEC-7")]
    public async Task An_administrators_day()
    {
        await Begin();
        var department = await Create("/api/settings/departments", new { name = "西南" + Mark });
        var role = await Role("销售代表");
        var (leaverId, leaver) = await Hire("离职钱", role, department);
        var (_, heir) = await Hire("接手沈", role, department);
        var customer = (await PostBy(leaver, "/api/customers/customers", new { name = $"成都交接{Mark}食品有限公司", confirmed = new[] { "duplicate" } })).GetProperty("id").GetInt64();
        var person = "韩女士" + Mark;
        var contact = (await PostBy(leaver, "/api/customers/contacts", new { name = person, employerId = customer, mobile = $"137{Random.Shared.Next(10_000_000, 99_999_999)}" })).GetProperty("id").GetInt64();
        var page = Admin;

        // A pool of its own, with its members.
        await Open(page, "/customers/pools/new");
        await page.FillAsync("main#work input[name=name]", "西南公海" + Mark);
        await Save(page, "/customers/pools");
        await NothingSerious(page);
        await Picture(page, "admin-1-pool");
        await Open(page, "/customers/rules");
        await NothingSerious(page);
        await Picture(page, "admin-2-rules");

        // Someone leaves: all goes to an heir, previewed; by one click it is back.
        await Open(page, $"/settings/users/{leaverId}/hand-over");
        await Choose(page, page.Locator("main#work .heir-find input[role=combobox]").First, "接手沈" + Mark);
        await Assertions.Expect(page.Locator("main#work table")).ToContainTextAsync("客户");
        await page.GetByLabel("交接原因").FillAsync("离职");
        await NothingSerious(page);
        await Picture(page, "admin-3-hand-over");
        await page.ClickAsync("main#work .form-actions button:has-text('交接')");
        await page.Locator("dialog[open] button.primary").Last.ClickAsync();
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("交接完成");
        await Until(heir, "/api/customers/customers?view=mine&columns=name", $"成都交接{Mark}");
        await page.ClickAsync("main#work button:has-text('撤销交接')");
        await page.Locator("dialog[open] button.primary").Last.ClickAsync();
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("交接已撤销");
        await Until(leaver, "/api/customers/customers?view=mine&columns=name", $"成都交接{Mark}");

        // A person asks to be forgotten.
        await Open(page, $"/customers/contacts/{contact}");
        await Act(page, "删除个人信息", async d =>
        {
            await d.Locator("input").Nth(0).FillAsync(person);
            await d.Locator("input, textarea").Nth(1).FillAsync("本人来电要求删除");
        });
        await Assertions.Expect(page.Locator("main#work .doc-title")).Not.ToContainTextAsync(person);
        await Tab(page, "历史");
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("删除了个人信息");
        await Assertions.Expect(page.Locator("main#work")).Not.ToContainTextAsync(person);
        await Picture(page, "admin-4-erased");
        await End(leaver, heir);
    }
}
