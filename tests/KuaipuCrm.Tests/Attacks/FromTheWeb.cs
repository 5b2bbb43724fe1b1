using System.Net;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Attacks;

/// <summary>What the web throws at a program that anyone can reach (SEC-6).</summary>
public class FromTheWeb
{
    private const string Customers = "/api/customers/customers";

    [Fact, Trait("req", "SEC-6")]
    public async Task Nothing_outside_the_folders_is_reached_by_paths_in_names()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var id = await crm.Admin.Customer(Crm.Name("路径"));
        foreach (var name in new[] { "..%2f..%2fappsettings.json", "%2e%2e/%2e%2e/kuaipu.db", "....//kuaipu.db", "%5c..%5c..%5ckuaipu.db", "kuaipu.db", "keys", "0123456789abcdef0123456789abcdef" })
            foreach (var url in new[] { $"{Customers}/import/files/{name}", $"/_content/{name}", $"/_content/KuaipuCrm.Web/{name}", $"/{name}", $"{Customers}/{id}/attachments/{name}", $"/api/platform/operations/{name}/errors" })
            {
                var answer = await crm.Admin.Get(url);
                Assert.True((int)answer.Status is 302 or 400 or 404 || answer.Text.Contains("<!DOCTYPE html>", StringComparison.Ordinal), $"{url}: {(int)answer.Status}");
                Assert.DoesNotContain("SQLite format", answer.Text);
                Assert.DoesNotContain("ConnectionStrings", answer.Text);
            }
    }

    [Fact, Trait("req", "SEC-6")]
    public async Task After_signing_in_nobody_is_sent_to_another_site()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        foreach (var to in new[] { "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/%09/evil.example", "/\t/evil.example", "https:evil.example", "////evil.example", "/%2f/evil.example", " //evil.example", "/.//evil.example" })
        {
            var answer = await crm.Admin.Get($"/sign-in?to={Uri.EscapeDataString(to)}");
            Assert.Equal(302, (int)answer.Status);
            var at = new Uri(new Uri("http://localhost/"), answer.Headers["Location"]);
            Assert.True(at.Host == "localhost" && !answer.Headers["Location"].Contains('\\', StringComparison.Ordinal), $"{to} → {answer.Headers["Location"]}");
        }
    }

    [Fact, Trait("req", "SEC-6")]
    public async Task Pages_may_not_be_framed_sniffed_or_run_foreign_scripts_and_the_cookie_is_out_of_their_reach()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        foreach (var url in new[] { "/sign-in", "/", Customers })
        {
            var answer = await crm.Admin.Get(url);
            Assert.Equal("DENY", answer.Headers["X-Frame-Options"]);
            Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
            var policy = answer.Headers["Content-Security-Policy"];
            Assert.Contains("frame-ancestors 'none'", policy);
            Assert.DoesNotContain("unsafe-eval", policy);
            Assert.DoesNotContain("script-src 'unsafe-inline'", policy);
            Assert.Contains("default-src 'self'", policy);
        }
        Assert.Contains("no-store", (await crm.Admin.Get(Customers)).Headers["Cache-Control"]);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task What_is_not_the_callers_to_set_is_not_set_by_sending_it_along(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var id = await li.Customer(Crm.Name("夹带"));
        foreach (var field in new object[] { new { createdBy = wang.Id, version = 1 }, new { createdAt = "2001-01-01", version = 1 }, new { deletedAt = "2001-01-01", version = 1 }, new { departmentId = crm.HeadDepartment, version = 1 }, new { approval = "approved", version = 1 }, new { ownerId = wang.Id, version = 1 }, new { extra = "{}", version = 1 }, new { initials = "x", version = 1 }, new { nameKey = "x", version = 1 }, new { updatedAt = "2001-01-01", version = 1 } })
            (await li.Patch($"{Customers}/{id}", field)).Refused(400);
        Assert.Equal(1, (await li.View("customers", id)).GetProperty("version").GetInt64());
        // The id of the path is the one that counts: for the check and for the change.
        var foreign = await wang.Customer(Crm.Name("别人的"));
        (await li.Patch($"{Customers}/{id}", new { id = foreign, address = "改的是路径上的", version = 1 })).Ok();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await wang.View("customers", foreign)).GetProperty("address").ValueKind);
        (await li.Post($"{Customers}/{foreign}/comments", new { id, text = "越权" })).Refused(404);
        (await li.Post($"{Customers}/change", new { ids = new[] { foreign }, values = new { level = "A" } })).Is(403);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task What_is_checked_is_what_is_written(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Employee.Sales, "customers.customers.batch"]);
        // Nothing but signs that don't show is no name; what is stored is measured, not what was typed.
        foreach (var name in new[] { "\u200b\u200b\u2060", " \t\u3000 ", "\u202e" }) (await li.Post(Customers, new { name })).Refused(400);
        (await li.Post(Customers, new { name = new string('名', 101) })).Refused(400);
        var stem = Crm.Name("全角");
        var id = await li.Customer($"\u200b {stem}\u3000公司 ", new { phone = "０７５５－８６６６７７８８" });
        var view = await li.View("customers", id);
        Assert.Equal($"{stem} 公司", view.GetProperty("name").GetString());
        // A second one that differs only in what is not stored is the same one.
        Assert.Equal(409, (int)(await li.Post(Customers, new { name = $"{stem}\u200b 公司" })).Status);
        // The same value sent under another spelling of the field doesn't go past the check.
        (await li.Post(Customers, new Dictionary<string, object> { ["name"] = Crm.Name("甲"), ["Level"] = "Z" })).Refused(400);
        (await li.Patch($"{Customers}/{id}", "{\"level\":\"A\",\"level\":\"Z\",\"version\":1}")).Refused(400);
        // In a batch, too: a code that isn't one, an owner that isn't the caller's to give.
        (await li.Post($"{Customers}/change", new { ids = new[] { id }, values = new { level = "Z" } })).Refused(400);
        (await li.Post($"{Customers}/change", new { ids = new[] { id }, values = new { ownerId = crm.Admin.Id } })).Refused(400);
        var after = await li.View("customers", id);
        Assert.Equal((1L, li.Id), (after.GetProperty("version").GetInt64(), after.GetProperty("ownerId").GetInt64()));
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task No_parameter_left_out_or_blown_up_lifts_the_scope_or_loads_everything(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var name = Crm.Name("范围外");
        await crm.Admin.Customer(name);
        foreach (var query in new[] { "", "?text=", "?ids=", "?tiedTo=&tiedBy=", "?bin=false", "?bin=true", "?take=500", "?text=%25", "?text=_", "?ownerId.notEmpty=", "?ownerId.empty=" })
            Assert.DoesNotContain(name, (await li.Get(Customers + query)).Text);
        foreach (var take in new[] { "0", "-1", "501", "99999999999", "1e9" }) (await li.Get($"{Customers}?take={take}")).Refused(400);
        Assert.DoesNotContain(name, (await li.Get($"{Customers}/export?format=csv&columns=name")).Text);
        Assert.DoesNotContain(name, (await li.Get($"{Customers}/choices?text={name}")).Text);
        Assert.True((await crm.Admin.Get($"{Customers}/choices?text=")).Ok().Json.GetArrayLength() <= 50);
        Assert.True((await crm.Admin.Get("/api/settings/users/choices")).Ok().Json.GetArrayLength() <= 50);
    }

    [Fact, Trait("req", "SEC-6")]
    public async Task A_page_of_another_site_opens_no_circuit()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var answer = await crm.Admin.Send(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", new StringContent(""), ("Origin", "https://evil.example"));
        Assert.Equal(403, (int)answer.Status);
        Assert.NotEqual(101, (int)(await crm.Admin.Send(HttpMethod.Get, "/_blazor?id=x", null, ("Origin", "https://evil.example"), ("Connection", "Upgrade"), ("Upgrade", "websocket"))).Status);
        Assert.Equal(302, (int)(await crm.Stranger().Get("/customers/customers")).Status);
    }

    [Fact, Trait("req", "SEC-6")]
    public async Task Guessing_many_accounts_from_one_address_is_slowed_down()
    {
        await using var crm = await Crm.Start(Engines.Sqlite);
        using var browser = crm.CreateClient(new Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        // A whole office signs in from one address; those who get in are no guessers.
        var li = await crm.Hire(Employee.Sales);
        (await crm.Admin.Post($"/api/settings/users/{li.Id}/password", new { password = "Chushi-1234" })).Ok();
        for (var i = 0; i < 40; i++) Assert.Equal(HttpStatusCode.OK, await TryDoor(browser, li.Login, "Chushi-1234"));
        // All at once: none slips through before the others are counted.
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => TryDoor(browser, $"nobody{i}", "falsch-2026-X")));
        // Over a turn of the minute twice as many get through.
        Assert.InRange(answers.Count(a => a == HttpStatusCode.TooManyRequests), 40, 100);
        Assert.All(answers, a => Assert.True(a is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, a.ToString()));
    }

    /// <summary>Through the page, as a browser does.</summary>
    internal static async Task<HttpStatusCode> TryDoor(HttpClient browser, string login, string password)
    {
        var token = System.Text.RegularExpressions.Regex.Match(await browser.GetStringAsync("/sign-in"), "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value;
        using var answer = await browser.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["login"] = login, ["password"] = password, ["__RequestVerificationToken"] = token }));
        return answer.StatusCode;
    }
}
