using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>What an administrator and a seller do with fields, products, tasks and paper.</summary>
public class OwnFields(Office office)
{
    private static Task Look(IPage page, string name) => page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, name + ".png") });

    [Fact, Trait("req", "DOC-11"), Trait("req", "SET-15"), Trait("req", "UI-8")]
    public async Task A_field_is_added_filled_in_found_by_an_advanced_query_and_exported_without_a_restart()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/settings/fields?type=customer");
        await Ready(page);
        await page.Locator("main#work .page-head button.primary").ClickAsync();
        await page.FillAsync("dialog[open] input[name=field-label]", "年采购额");
        await page.SelectOptionAsync("dialog[open] select[name=field-kind]", "Money");
        await page.CheckAsync("dialog[open] input[name=field-listed]");
        await page.CheckAsync("dialog[open] input[name=field-indexed]");
        await NothingSerious(page);
        await Look(page, "field-dialog");
        await page.ClickAsync("dialog[open] button.primary");
        await Assertions.Expect(page.Locator("main#work table")).ToContainTextAsync("年采购额");
        await page.Locator("main#work .page-head button.primary").ClickAsync();
        await page.FillAsync("dialog[open] input[name=field-label]", "合作意向");
        await page.SelectOptionAsync("dialog[open] select[name=field-kind]", "Choice");
        await page.FillAsync("dialog[open] textarea[name=field-entries]", "强烈\n一般");
        await page.ClickAsync("dialog[open] button.primary");
        await Assertions.Expect(page.Locator("main#work table")).ToContainTextAsync("合作意向");
        await NothingSerious(page);
        await Look(page, "fields");

        foreach (var (name, amount) in new[] { ("青岛快普自定字段有限公司", "1200000"), ("烟台快普自定字段有限公司", "800") })
        {
            await page.GotoAsync("/customers/customers/new");
            await Ready(page);
            await page.FillAsync("main#work input[name=name]", name);
            await page.FillAsync("main#work input[name=x_ncge]", amount);
            await page.SelectOptionAsync("main#work select[name=x_hzyx]", new SelectOptionValue { Label = "强烈" });
            await page.ClickAsync("main#work button[type=submit]");
            await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
            await Ready(page);
        }
        await Assertions.Expect(page.Locator("main#work")).ToContainTextAsync("年采购额");
        await Look(page, "customer-with-fields");

        await page.GotoAsync("/customers/customers");
        await Ready(page);
        await page.ClickAsync("main#work .query-end button:has-text('高级查询')");
        await page.Locator("dialog[open] .filter-row select").First.SelectOptionAsync("x_ncge");
        await page.Locator("dialog[open] .filter-value input").First.FillAsync("1000");
        await page.Keyboard.PressAsync("Tab");
        await page.ClickAsync("dialog[open] button:has-text('添加条件组')");
        await page.Locator("dialog[open] .condition-group .condition-group .filter-value input").First.FillAsync("快普");
        await page.Keyboard.PressAsync("Tab");
        await NothingSerious(page);
        await Look(page, "advanced-query");
        await page.ClickAsync("dialog[open] button.primary");
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync("青岛快普自定字段");
        await Assertions.Expect(page.Locator("main#work tbody")).Not.ToContainTextAsync("烟台快普自定字段");
        await Assertions.Expect(page.Locator("main#work thead")).ToContainTextAsync("年采购额");
        await Look(page, "list-with-fields");
        await page.ClickAsync("main#work .toolbar button:has-text('导出')");
        var file = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync(".menu-item:has-text('CSV')"));
        var csv = await File.ReadAllTextAsync((await file.PathAsync())!);
        Assert.Contains("年采购额", csv);
        Assert.Contains("1200000", csv.Replace(",", ""));
        Assert.DoesNotContain("烟台", csv);
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "SET-7"), Trait("req", "TGT-5"), Trait("req", "UI-7"), Trait("req", "UI-14")]
    public async Task A_product_is_priced_a_task_tied_to_a_customer_done_printed_and_found_in_the_persons_file()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/settings/products/new");
        await Ready(page);
        await page.FillAsync("main#work input[name=name]", "激光打印机 LP-200");
        await page.SelectOptionAsync("main#work select[name=category]", new SelectOptionValue { Label = "商品 / 硬件" });
        await page.FillAsync("main#work input[name=retailPrice]", "1999");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/settings/products/\d+"));
        // Another one, which the search must leave out.
        await page.EvaluateAsync("async () => { const r = await fetch('/api/settings/products', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: '针式打印机 DP-9', retailPrice: 899 }) }); if (!r.ok) throw new Error(await r.text()); }");
        await page.GotoAsync("/settings/prices");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync("899.00");
        await page.FillAsync("main#work input[name=price-text]", "LP-200");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator("main#work tbody")).Not.ToContainTextAsync("899.00");
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync("1,999.00");
        await NothingSerious(page);
        await Look(page, "prices");

        await page.GotoAsync("/customers/customers/new");
        await Ready(page);
        await page.FillAsync("main#work input[name=name]", "威海快普任务客户有限公司");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
        await Ready(page);
        await page.ClickAsync("main#work .tab:has-text('计划任务')");
        await page.ClickAsync("main#work .tied-list button:has-text('新建计划任务')");
        await page.WaitForURLAsync(new Regex("/targets/tasks/new"));
        await Ready(page);
        await page.FillAsync("main#work input[name=subject]", "上门回访");
        await Assertions.Expect(page.Locator("main#work input[name=documentId]")).Not.ToHaveValueAsync("");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/targets/tasks/\d+"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("进行中");
        await Assertions.Expect(page.Locator("main#work .doc-actions button:has-text('接受')")).ToHaveCountAsync(0);
        await page.ClickAsync("main#work .doc-actions button:has-text('汇报')");
        await page.Locator("dialog[open] input").First.FillAsync("100");
        await page.Locator("dialog[open] textarea").First.FillAsync("已回访");
        await page.ClickAsync("dialog[open] button.primary");
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("已完成");
        await page.ClickAsync("main#work .tab:has-text('进展')");
        await Assertions.Expect(page.Locator("main#work .timeline")).ToContainTextAsync("已回访");
        await NothingSerious(page);
        await Look(page, "task");
        await page.ClickAsync("main#work .kv a:has-text('威海快普任务客户')");
        await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("威海快普任务客户");

        var paper = await page.Context.NewPageAsync();
        await paper.GotoAsync("/api/customers/customers/" + page.Url.Split('/')[^1] + "/print?tabs=tasks");
        await Assertions.Expect(paper.Locator("body")).ToContainTextAsync("上门回访");
        await Look(paper, "paper");
        Assert.NotEqual("none", await paper.Locator("h1").EvaluateAsync<string>("e => getComputedStyle(e).display"));
        Assert.True((await paper.PdfAsync()).Length > 5_000);

        await page.ClickAsync("main#work .doc-facts a");
        await page.WaitForURLAsync(new Regex(@"/people/\d+"));
        await Ready(page);
        await page.ClickAsync("main#work .tab:has-text('计划任务')");
        await Assertions.Expect(page.Locator("main#work tbody")).ToContainTextAsync("上门回访");
        await NothingSerious(page);
        await Look(page, "person");
        await page.Context.CloseAsync();
    }
}
