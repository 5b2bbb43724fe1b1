using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KuaipuCrm.BrowserTests;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Office))]

namespace KuaipuCrm.BrowserTests;

/// <summary>The program as a customer starts it, on an empty folder, and a Chromium in front of it. The administrator's password is set through the first page.</summary>
public sealed class Office : IAsyncLifetime
{
    public const string Password = "Kp-2026-mima";
    private const string Chromium = "/usr/bin/chromium";
    private readonly string folder = Directory.CreateTempSubdirectory("kuaipu-browser-").FullName;
    private readonly SemaphoreSlim door = new(1);
    private Process? host;
    private IPlaywright? playwright;
    private IBrowser? browser;
    private string? signedIn;

    public string Url { get; private set; } = "";

    /// <summary>Said once for each test where there is no browser.</summary>
    public static void MustHaveBrowser() => Assert.SkipUnless(File.Exists(Chromium), $"no browser at {Chromium}");

    public async ValueTask InitializeAsync()
    {
        // Two cores that also run the host and the browser.
        Assertions.SetDefaultExpectTimeout(30_000);
        if (!File.Exists(Chromium)) return;
        Url = $"http://127.0.0.1:{FreePort()}";
        // From its own folder, built with the same configuration: the copy beside the tests has the tests' assemblies around it.
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../host/bin", built.Parent!.Name, built.Name, "KuaipuCrm.Host.dll"));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(program)! };
        // The folder above the sample's output is a plug-in folder with one plug-in in it.
        var plugins = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../modules/AfterSales/bin", built.Parent!.Name));
        foreach (var a in new[] { program, $"--urls={Url}", $"--Data={folder}", $"--Plugins={plugins}", "--environment=Development" }) start.ArgumentList.Add(a);
        host = Process.Start(start)!;
        host.OutputDataReceived += (_, _) => { };
        host.ErrorDataReceived += (_, _) => { };
        host.BeginOutputReadLine();
        host.BeginErrorReadLine();
        using var http = new HttpClient();
        for (var i = 0; ; i++)
            try
            {
                if ((await http.GetAsync(Url + "/health")).IsSuccessStatusCode) break;
            }
            catch (HttpRequestException) when (i < 600 && !host.HasExited)
            {
                await Task.Delay(200);
            }
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    /// <summary>A fresh window nobody has signed in with.</summary>
    public async Task<IPage> Window(int width = 1366, int height = 768, string? state = null, string language = "zh-CN")
    {
        var context = await browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, BaseURL = Url, Locale = language, TimezoneId = "Asia/Shanghai", StorageState = state });
        context.SetDefaultTimeout(30_000);
        return await context.NewPageAsync();
    }

    /// <summary>A window of the administrator, who has set the password at the first start.</summary>
    public async Task<IPage> Desk(int width = 1366, int height = 768)
    {
        // The first start is set up once, however many tests begin with it.
        await door.WaitAsync();
        try
        {
            await SignIn();
        }
        finally
        {
            door.Release();
        }
        return await Window(width, height, signedIn);
    }

    private async Task SignIn()
    {
        if (signedIn is null)
        {
            var first = await Window();
            // A program just built and never started before.
            first.Context.SetDefaultTimeout(60_000);
            first.Context.SetDefaultNavigationTimeout(60_000);
            await first.GotoAsync("/sign-in");
            if (await first.Locator("#repeat").CountAsync() > 0)
            {
                await first.FillAsync("#password", Password);
                await first.FillAsync("#repeat", Password);
            }
            else
            {
                await first.FillAsync("#login", "admin");
                await first.FillAsync("#password", Password);
            }
            await first.ClickAsync("button[type=submit]");
            await first.WaitForURLAsync(Url + "/");
            signedIn = await first.Context.StorageStateAsync();
            await first.Context.CloseAsync();
        }
    }

    /// <summary>A window with a sign-in of its own: it may be signed out without signing the others out.</summary>
    public async Task<IPage> Door()
    {
        await (await Desk()).Context.CloseAsync();
        var page = await Window();
        await page.GotoAsync("/sign-in");
        await page.FillAsync("#login", "admin");
        await page.FillAsync("#password", Password);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync(Url + "/");
        return page;
    }

    /// <summary>A window of someone whose password an administrator has just set: it is changed on the way in.</summary>
    public async Task<IPage> SignedInAs(string login, string password, string own)
    {
        var page = await Window();
        await page.GotoAsync("/sign-in");
        await page.FillAsync("#login", login);
        await page.FillAsync("#password", password);
        await page.ClickAsync("button[type=submit]");
        await page.FillAsync("#new", own);
        await page.FillAsync("#repeat", own);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync(Url + "/");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.CloseAsync();
        playwright?.Dispose();
        if (host is { HasExited: false })
        {
            host.Kill(entireProcessTree: true);
            await host.WaitForExitAsync();
        }
        Directory.Delete(folder, recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
