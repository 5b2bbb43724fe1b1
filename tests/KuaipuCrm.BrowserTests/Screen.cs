using System.Text.Json;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace KuaipuCrm.BrowserTests;

/// <summary>What every test asks of a page.</summary>
internal static class Screen
{
    /// <summary>The page is drawn and nothing is being loaded.</summary>
    public static async Task Ready(IPage page)
    {
        await page.Locator(".shell main#work").WaitForAsync();
        await page.WaitForFunctionAsync("() => !document.querySelector('.boot, main#work .skeleton, main#work [aria-busy=true]')");
        await page.WaitForTimeoutAsync(300);
    }

    /// <summary>Nothing that keeps anyone out, as axe sees it.</summary>
    public static async Task NothingSerious(IPage page)
    {
        var found = await Serious(page);
        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    /// <summary>What keeps someone out, as axe sees it, a line for each.</summary>
    public static async Task<IReadOnlyList<string>> Serious(IPage page) =>
        // A preview's frame runs no scripts, axe's own among them: asked to look into it, axe waits for ever.
        [.. (await page.RunAxe(new AxeRunOptions { Iframes = false }).WaitAsync(TimeSpan.FromSeconds(60))).Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {v.Help} – {string.Join(" ", v.Nodes.Take(3).Select(n => n.Html))}")];

    /// <summary>Sent with the window's sign-in.</summary>
    /// <returns>The id of what was made; 0 where the answer names none.</returns>
    public static async Task<long> Create(IPage page, string url, object values)
    {
        var answer = await page.APIRequest.PostAsync(url, new() { DataObject = values });
        Assert.True(answer.Ok, $"{url}: {answer.Status} {await answer.TextAsync()}");
        return (await answer.JsonAsync())!.Value is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty("id", out var id) ? id.GetInt64() : 0;
    }
}
