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
        // A preview's frame runs no scripts, axe's own among them: asked to look into it, axe waits for ever.
        var found = (await page.RunAxe(new AxeRunOptions { Iframes = false }).WaitAsync(TimeSpan.FromSeconds(60))).Violations.Where(v => v.Impact is "serious" or "critical").ToList();
        Assert.True(found.Count == 0, string.Join("\n", found.Select(v => $"{v.Id}: {v.Help} – {string.Join(" ", v.Nodes.Take(3).Select(n => n.Html))}")));
    }
}
