using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Api;

/// <summary>What every integrator leans on: refusals in words, versions, requests that may be repeated, limits (API-3).</summary>
public class Requests
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task Every_refusal_is_a_problem_in_chinese(string engine)
    {
        var crm = await Crm.Shared(engine);
        var nobody = await crm.Hire([]);
        async Task Check(Employee who, HttpMethod method, string url, int status, object? body = null)
        {
            var answer = (await who.Send(method, url, body)).Refused(status);
            Assert.StartsWith("application/problem+json", answer.Headers["Content-Type"]);
            Assert.Equal(status, answer.Json.GetProperty("status").GetInt32());
            Assert.Contains(answer.Json.GetProperty("title").GetString()!, c => c is >= '\u4e00' and <= '\u9fff');
        }
        await Check(crm.Stranger(), HttpMethod.Get, Customers, 401);
        await Check(crm.Stranger(), HttpMethod.Get, "/openapi/customers.json", 401);
        await Check(nobody, HttpMethod.Get, Customers, 403);
        await Check(crm.Admin, HttpMethod.Get, $"{Customers}/999999999", 404);
        foreach (var unknown in new[] { "/api", "/api/x", "/api/customers", "/api/customers/unbekannt", "/api/customers/customers/abc", "/api/a/b/c/d/e/f" }) await Check(crm.Admin, HttpMethod.Get, unknown, 404);
        await Check(crm.Admin, HttpMethod.Post, "/api/x", 404, new { });
        await Check(crm.Admin, HttpMethod.Put, Customers, 405, new { });
        await Check(crm.Admin, HttpMethod.Get, $"{Customers}/delete", 405);
        await Check(crm.Admin, HttpMethod.Post, Customers, 415, new StringContent("name=x", System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"));
        await Check(crm.Admin, HttpMethod.Post, "/api/platform/me/tokens", 415, new StringContent("<x/>", System.Text.Encoding.UTF8, "application/xml"));
        await Check(crm.Admin, HttpMethod.Post, Customers, 400, "{");
        var allowed = (await crm.Admin.Send(HttpMethod.Put, Customers, new { })).Headers["Allow"];
        Assert.Contains("GET", allowed);
        Assert.Contains("POST", allowed);
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task A_document_seen_already_is_not_sent_again_until_something_of_it_changes(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("标签"), new { phone = "13800138000" });
        var li = await crm.Hire([.. Employee.Sales, "customers.customers.unmask"], ScopeKind.All);
        var first = (await li.Get($"{Customers}/{id}")).Ok();
        var tag = first.Headers["ETag"];
        Assert.StartsWith("\"1-", tag);
        var again = (await li.Send(HttpMethod.Get, $"{Customers}/{id}", null, ("If-None-Match", tag))).Is(304);
        Assert.Empty(again.Bytes);
        Assert.Equal(tag, again.Headers["ETag"]);
        (await li.Send(HttpMethod.Get, $"{Customers}/{id}", null, ("If-None-Match", $"\"0\", W/{tag}"))).Is(304);
        // The same version, but with the full number: something else is shown.
        Assert.NotEqual(tag, (await li.Send(HttpMethod.Get, $"{Customers}/{id}?unmask=true", null, ("If-None-Match", tag))).Is(200).Headers["ETag"]);
        (await li.Patch($"{Customers}/{id}", new { address = "新地址" }, ("If-Match", tag))).Ok();
        (await li.Send(HttpMethod.Get, $"{Customers}/{id}", null, ("If-None-Match", tag))).Is(200);
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task What_was_changed_meanwhile_is_neither_changed_nor_deleted(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("条件"));
        var tag = (await crm.Admin.Get($"{Customers}/{id}")).Ok().Headers["ETag"];
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "甲" }, ("If-Match", tag))).Ok();
        var late = (await crm.Admin.Patch($"{Customers}/{id}", new { address = "乙" }, ("If-Match", tag))).Refused(412);
        Assert.Equal(2, late.Json.GetProperty("currentVersion").GetInt64());
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "乙", version = 1 })).Refused(409);
        (await crm.Admin.Send(HttpMethod.Delete, $"{Customers}/{id}", null, ("If-Match", tag))).Refused(412);
        // Any version that stands; nothing that does not.
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "丙" }, ("If-Match", "*"))).Ok();
        Assert.Equal(("丙", 3L), ((await crm.Admin.View("customers", id)).GetProperty("address").GetString(), (await crm.Admin.View("customers", id)).GetProperty("version").GetInt64()));
        (await crm.Admin.Send(HttpMethod.Delete, $"{Customers}/{id}", null, ("If-Match", "\"0\""))).Refused(400);
        (await crm.Admin.Send(HttpMethod.Delete, $"{Customers}/{id}", null, ("If-Match", "\"3\""))).Ok();
        (await crm.Admin.Send(HttpMethod.Delete, $"{Customers}/{id}", null, ("If-Match", "\"4\""))).Refused(404);
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "丁" }, ("If-Match", "*"))).Refused(404);
        var other = await crm.Admin.Customer(Crm.Name("任何版本"));
        // However many at once: each finds what the one before left.
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 10).Select(n => crm.Admin.Patch($"{Customers}/{other}", new { address = $"同时 {n}" }, ("If-Match", "*"))))) answer.Is(200);
        Assert.Equal(11, (await crm.Admin.View("customers", other)).GetProperty("version").GetInt64());
        (await crm.Admin.Send(HttpMethod.Delete, $"{Customers}/{other}", null, ("If-Match", "*"))).Ok();
        (await crm.Admin.Send(HttpMethod.Delete, $"{Customers}/{other}", null, ("If-Match", "*"))).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task A_repeated_request_is_answered_as_the_first_time_and_done_once(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (name, key) = (Crm.Name("重复"), Guid.NewGuid().ToString());
        var first = (await crm.Admin.Post(Customers, new { name }, ("Idempotency-Key", key))).Is(201);
        var id = first.Json.GetProperty("id").GetInt64();
        (await crm.Admin.Patch($"{Customers}/{id}", new { address = "后来", version = 1 })).Ok();
        var second = (await crm.Admin.Post(Customers, new { name }, ("Idempotency-Key", key))).Is(201);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Headers["Location"], second.Headers["Location"]);
        Assert.Equal("true", second.Headers["Idempotency-Replayed"]);
        Assert.DoesNotContain("Idempotency-Replayed", first.Headers.Keys);
        (await crm.Admin.Post(Customers, new { name = name + "二" }, ("Idempotency-Key", key))).Refused(422);
        (await crm.Admin.Post("/api/customers/contacts", new { name }, ("Idempotency-Key", key))).Refused(422);
        (await crm.Admin.Post(Customers, new { name }, ("Idempotency-Key", new string('k', 101)))).Refused(400);
        (await crm.Admin.Post(Customers, new { name }, ("Idempotency-Key", "a b"))).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task Of_many_at_once_with_one_key_one_wins_also_for_actions_and_bulk(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (one, two) = (await crm.Admin.Customer(Crm.Name("动作")), await crm.Admin.Customer(Crm.Name("动作")));
        var (deletes, bulk) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var gone = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => crm.Admin.Post($"{Customers}/delete", new { ids = new[] { one, two } }, ("Idempotency-Key", deletes))));
        Assert.Single(gone.Select(a => a.Ok().Text).Distinct());
        Assert.Equal(2, gone[0].Json.GetProperty("done").GetInt32());
        var name = Crm.Name("并发批量");
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => crm.Admin.Post($"{Customers}/bulk", new { rows = new[] { new { name } } }, ("Idempotency-Key", bulk))));
        Assert.Single(made.Select(a => a.Ok().Text).Distinct());
        Assert.Single(await crm.Admin.List($"{Customers}?name={Uri.EscapeDataString(name)}"));
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task A_refused_request_may_be_mended_under_the_same_key_and_a_key_is_free_after_a_day(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.Start(engine, clock);
        var key = Guid.NewGuid().ToString();
        (await crm.Admin.Post(Customers, new { name = "" }, ("Idempotency-Key", key))).Refused(400);
        var id = (await crm.Admin.Post(Customers, new { name = "改好了" }, ("Idempotency-Key", key))).Is(201).Json.GetProperty("id").GetInt64();
        clock.Advance(TimeSpan.FromHours(25));
        var admin = await crm.As(crm.Admin.Id, "admin", "系统管理员");
        Assert.NotEqual(id, (await admin.Post(Customers, new { name = "第二天" }, ("Idempotency-Key", key))).Is(201).Json.GetProperty("id").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task Who_asks_too_often_is_told_when_to_come_back_and_others_go_on(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), clock, settings: ("Api:RequestsPerMinute", "10"));
        var li = await crm.Hire([]);
        clock.Advance(TimeSpan.FromMinutes(1));
        var secret = (await li.Post("/api/platform/me/tokens", new { name = "限额" })).Ok();
        Assert.Equal("10", secret.Headers["RateLimit-Limit"]);
        Assert.Equal("9", secret.Headers["RateLimit-Remaining"]);
        for (var i = 0; i < 9; i++) (await li.Get("/api/platform/me")).Ok();
        var refused = (await li.Get("/api/platform/me")).Refused(429);
        Assert.Equal("0", refused.Headers["RateLimit-Remaining"]);
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(refused.Headers["RateLimit-Reset"], refused.Headers["Retry-After"]);
        (await crm.Program(secret.Json.GetProperty("secret").GetString()!).Get("/api/platform/me")).Ok();
        (await crm.Admin.Get("/api/platform/me")).Ok();
        clock.Advance(TimeSpan.FromSeconds(int.Parse(refused.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture)));
        (await li.Get("/api/platform/me")).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "API-1")]
    public async Task The_page_to_read_the_api_is_for_who_is_signed_in_and_loads_nothing_from_elsewhere(string engine)
    {
        var crm = await Crm.Shared(engine);
        Assert.StartsWith("/sign-in", (await crm.Stranger().Get("/api-docs")).Is(302).Headers["Location"]);
        var page = await crm.Admin.Get("/api-docs/");
        page.Ok();
        Assert.Contains("openapi/", page.Text);
        Assert.DoesNotMatch("(src|href)=\"https?://", page.Text);
        var nonce = System.Text.RegularExpressions.Regex.Match(page.Headers["Content-Security-Policy"], "script-src 'self' 'nonce-([^']+)'").Groups[1].Value;
        Assert.Contains($"nonce=\"{nonce}\"", page.Text);
        foreach (System.Text.RegularExpressions.Match script in System.Text.RegularExpressions.Regex.Matches(page.Text, "src=\"([^\"]+)\"")) (await crm.Admin.Get("/api-docs/" + script.Groups[1].Value)).Ok();
    }
}
