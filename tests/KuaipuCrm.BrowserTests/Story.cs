using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static KuaipuCrm.BrowserTests.Screen;

namespace KuaipuCrm.BrowserTests;

/// <summary>A test in which several people of one company work together, each in a window of their own.</summary>
public abstract class Story(Office office)
{
    /// <summary>Tells this story's people and things from those of the others.</summary>
    protected string Mark { get; } = Guid.NewGuid().ToString("n")[..6];

    protected Office Office { get; } = office;

    /// <summary>The administrator, who sets the scene by request.</summary>
    protected IPage Admin { get; private set; } = null!;

    protected async Task Begin()
    {
        Office.MustHaveBrowser();
        Admin = await Office.Desk();
        await Admin.GotoAsync("/");
    }

    protected async Task End(params IPage[] windows)
    {
        foreach (var page in windows.Append(Admin)) await page.Context.CloseAsync();
    }

    /// <summary>An act of the page's head, with what its dialog proposes, or with what is filled in first.</summary>
    protected static async Task Act(IPage page, string label, Func<ILocator, Task>? fill = null)
    {
        await page.ClickAsync($"main#work .doc-actions button:has-text('{label}')");
        await Confirm(page, fill);
    }

    /// <summary>An act of the menu of those that are done rarely.</summary>
    protected static async Task ActInMenu(IPage page, string label, Func<ILocator, Task>? fill = null)
    {
        await page.ClickAsync("main#work .doc-actions button[aria-label='更多']");
        await page.Locator("[role=menuitem]:visible", new() { HasText = label }).First.ClickAsync();
        await Confirm(page, fill);
    }

    /// <summary>The chosen rows of a list.</summary>
    protected static async Task ActOnRow(IPage page, string row, string label, Func<ILocator, Task>? fill = null)
    {
        await page.Locator("main#work tbody tr", new() { HasText = row }).Locator("input[type=checkbox]").CheckAsync();
        await page.ClickAsync($"main#work .toolbar button:has-text('{label}')");
        await Confirm(page, fill);
    }

    private static async Task Confirm(IPage page, Func<ILocator, Task>? fill)
    {
        var dialog = page.Locator("dialog[open]");
        if (fill is not null) await fill(dialog);
        await dialog.Locator("button.primary").Last.ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
        await Ready(page);
    }

    protected static async Task Tab(IPage page, string label)
    {
        await page.Locator("main#work [role=tab]", new() { HasText = label }).ClickAsync();
        await Ready(page);
    }

    /// <summary>Chooses one of those a box finds.</summary>
    protected static async Task Choose(IPage page, ILocator box, string text)
    {
        await box.FillAsync(text);
        await page.Locator("[role=option]:visible", new() { HasText = text }).First.ClickAsync();
    }

    protected static async Task Open(IPage page, string url)
    {
        await page.GotoAsync(url);
        await Ready(page);
    }

    /// <summary>Saves the form of a page and waits for the document.</summary>
    protected static async Task Save(IPage page, string path)
    {
        await page.ClickAsync("main#work button[type=submit]");
        await page.WaitForURLAsync(new System.Text.RegularExpressions.Regex($@"{path}/\d+"));
        await Ready(page);
    }

    protected static async Task Until(IPage page, string url, string text)
    {
        for (var i = 0; i < 150; i++)
        {
            if ((await (await page.APIRequest.GetAsync(url)).TextAsync()).Contains(text, StringComparison.Ordinal)) return;
            await page.WaitForTimeoutAsync(100);
        }
        Assert.Fail($"{url} never told of {text}");
    }

    protected async Task<long> Role(string name) => (await Json("/api/settings/roles?columns=name")).GetProperty("items").EnumerateArray().First(r => r.GetProperty("name").GetString() == name).GetProperty("id").GetInt64();

    protected async Task<(long Id, IPage Page)> Hire(string name, long role, long department, long? superior = null)
    {
        var login = "p" + Guid.NewGuid().ToString("n")[..9];
        var id = await Create("/api/settings/users", new { name = name + Mark, login, homeId = department, superiorId = superior });
        await Post($"/api/settings/users/{id}/roles", new { roleIds = new[] { role } });
        await Post($"/api/settings/users/{id}/password", new { password = "Erste-Mima-2026" });
        return (id, await Office.SignedInAs(login, "Erste-Mima-2026", "Zweite-Mima-2026"));
    }

    protected async Task<long> Create(string url, object values) => (await Post(url, values)).GetProperty("id").GetInt64();

    protected Task<JsonElement> Post(string url, object values) => PostBy(Admin, url, values);

    protected static async Task<JsonElement> PostBy(IPage page, string url, object values)
    {
        var answer = await page.APIRequest.PostAsync(url, new() { DataObject = values });
        Assert.True(answer.Ok, $"{url}: {answer.Status} {await answer.TextAsync()}");
        return (await answer.TextAsync()).Length == 0 ? default : (await answer.JsonAsync())!.Value;
    }

    protected async Task<JsonElement> Json(string url) => (await (await Admin.APIRequest.GetAsync(url)).JsonAsync())!.Value;

    protected static Task Picture(IPage page, string name) => page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, name + ".png") });
}
