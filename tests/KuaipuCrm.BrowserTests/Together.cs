using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>What colleagues do around a document: comment, attach, approve, write to each other.</summary>
public class Together(Office office)
{
    [Fact, Trait("req", "UI-1")]
    public async Task Signing_out_leads_to_the_door_and_the_way_back_shows_nothing()
    {
        Office.MustHaveBrowser();
        var page = await office.Door();
        await page.GotoAsync("/customers/customers");
        await Ready(page);
        await page.ClickAsync(".user-btn");
        await page.ClickAsync("text=退出登录");
        await page.WaitForURLAsync(new Regex("/sign-in"));
        await page.GoBackAsync();
        await page.WaitForTimeoutAsync(1500);
        await Assertions.Expect(page.Locator("#login")).ToBeVisibleAsync(new() { Timeout = 10_000 });
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "PLG-1"), Trait("req", "PLG-2"), Trait("req", "SET-14")]
    public async Task A_plug_ins_page_menu_tab_and_action_are_part_of_the_program()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/settings/modules");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work tr:has-text('售后服务')")).ToContainTextAsync("运行中");
        await NothingSerious(page);
        await page.GotoAsync("/customers/customers/new");
        await Ready(page);
        await page.FillAsync("main#work input[name=name]", "广州快普维修客户有限公司");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
        await Ready(page);
        await page.ClickAsync("main#work .doc-actions button:has-text('登记维修')");
        await page.Locator("dialog[open] input").First.FillAsync("投影仪");
        await page.ClickAsync("dialog[open] button.primary");
        await page.ClickAsync("main#work .tab:has-text('维修服务')");
        await Assertions.Expect(page.Locator("main#work .tab-panel")).ToContainTextAsync("投影仪 维修");
        await page.ClickAsync("nav.mainmenu >> text=售后服务");
        await Ready(page);
        await page.GotoAsync("/aftersales/board");
        await Ready(page);
        await Assertions.Expect(page.Locator("main#work .repair-card.waiting").First).ToContainTextAsync("广州快普维修客户");
        Assert.Equal("ready", await page.EvaluateAsync<string>("() => document.documentElement.dataset.aftersales"));
        Assert.NotEqual("rgba(0, 0, 0, 0)", await page.Locator(".repair-card").First.EvaluateAsync<string>("e => getComputedStyle(e).backgroundColor"));
        await NothingSerious(page);
        await page.Context.CloseAsync();
    }

    [Fact, Trait("req", "DOC-6"), Trait("req", "DOC-7"), Trait("req", "DOC-9"), Trait("req", "SET-6")]
    public async Task A_flow_is_set_up_a_customer_commented_given_a_file_submitted_and_approved()
    {
        Office.MustHaveBrowser();
        var page = await office.Desk();
        await page.GotoAsync("/settings/flows");
        await Ready(page);
        await page.Locator("main#work .page-head button.primary").ClickAsync();
        await page.Locator("main#work select").First.SelectOptionAsync("customer");
        await page.GetByLabel("名称", new() { Exact = false }).First.FillAsync("浏览器审核流程");
        await page.Keyboard.PressAsync("Tab");
        await NothingSerious(page);
        await page.Locator("main#work .form-actions button.primary").Last.ClickAsync();
        await Assertions.Expect(page.Locator("main#work table")).ToContainTextAsync("浏览器审核流程");

        await page.GotoAsync("/customers/customers/new");
        await Ready(page);
        await page.FillAsync("main#work input[name=name]", "北京快普会签客户有限公司");
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new Regex(@"/customers/customers/\d+"));
        await Ready(page);
        await page.ClickAsync("main#work .tab:has-text('点评')");
        await page.FillAsync("main#work .comment-box textarea", "请核对资质");
        await page.ClickAsync("main#work .comment-box button.primary");
        await Assertions.Expect(page.Locator("main#work .timeline")).ToContainTextAsync("请核对资质");
        await page.ClickAsync("main#work .tab:has-text('附件')");
        await page.SetInputFilesAsync("main#work .drop input[type=file]", new FilePayload { Name = "资质.txt", MimeType = "text/plain", Buffer = "资质"u8.ToArray() });
        await Assertions.Expect(page.Locator("main#work .tab-panel table")).ToContainTextAsync("资质.txt");
        await NothingSerious(page);
        await page.ClickAsync("main#work .doc-actions button:has-text('提交审核')");
        await page.ClickAsync("dialog[open] button.primary");
        await Assertions.Expect(page.Locator("main#work .doc-title")).ToContainTextAsync("审核中");
        await Assertions.Expect(page.Locator("main#work .doc-actions button:has-text('编辑')")).ToHaveCountAsync(0);

        await page.GotoAsync("/approvals");
        await Ready(page);
        await NothingSerious(page);
        await page.ClickAsync("main#work td.name a:has-text('会签客户')");
        await Ready(page);
        await page.ClickAsync("main#work .decide button.primary");
        await Assertions.Expect(page.Locator("main#work .approval .tag").First).ToContainTextAsync("审核通过");
        await page.GotoAsync("/messages");
        await Ready(page);
        await NothingSerious(page);
        await page.Context.CloseAsync();
    }
}
