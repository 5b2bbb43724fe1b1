using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KuaipuCrm.Platform.Outgoing;
using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace KuaipuCrm.Tests.Webhooks;

/// <summary>Other programs hear of events (API-4).</summary>
public class Hooking
{
    private const string Hooks = "/api/platform/webhooks", Log = "/api/platform/webhook-deliveries";

    [Theory, OnEveryEngine, Trait("req", "API-4")]
    public async Task An_event_arrives_signed_and_only_where_it_was_subscribed_to(string engine)
    {
        var post = await Post.On(engine);
        var (path, other) = ("/" + Crm.Name("hook"), "/" + Crm.Name("andere"));
        var (id, secret) = await Subscribe(post, path, "customers.customer-created");
        await Subscribe(post, other, "customers.customer-deleted");
        var name = Crm.Name("挂钩客户");
        var customer = await post.Crm.Admin.Customer(name);
        await Post.Until(() => At(post, path).Count > 0, "it arrives");
        var got = At(post, path).Single(g => g.Body.Contains(name, StringComparison.Ordinal));
        var json = JsonDocument.Parse(got.Body).RootElement;
        Assert.Equal("customers.customer-created", json.GetProperty("type").GetString());
        Assert.Equal(customer, json.GetProperty("data").GetProperty("documentId").GetInt64());
        Assert.Equal(name, json.GetProperty("data").GetProperty("name").GetString());
        Verify(got, secret);
        Assert.Empty(At(post, other));
        // A new secret: for a day both sign.
        var rotated = (await post.Crm.Admin.Post($"{Hooks}/{id}/rotate", new { })).Ok().Json.GetProperty("secret").GetString()!;
        var ping = (await post.Crm.Admin.Post($"{Hooks}/{id}/ping", new { })).Ok().Text;
        await Post.Until(() => At(post, path).Any(g => g.Headers["webhook-id"] == $"msg_{ping}"), "the ping arrives");
        var pinged = At(post, path).Single(g => g.Headers["webhook-id"] == $"msg_{ping}");
        Verify(pinged, secret);
        Verify(pinged, rotated);
        // Neither list nor log gives a secret out, nor does the database hold it plainly.
        foreach (var url in new[] { Hooks, Log }) Assert.DoesNotContain("whsec_", (await post.Crm.Admin.Get(url)).Ok().Text);
        Assert.Equal(0, await post.Crm.Db.First<long>($"select count(*) from platform.webhook where secret like '%whsec_%'"));
        (await post.Crm.Admin.Post($"{Hooks}/{id}/delete", new { })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "API-4")]
    public async Task A_failing_address_is_tried_again_can_be_replayed_and_is_switched_off_when_it_says_it_is_gone(string engine)
    {
        var post = await Post.On(engine);
        var path = "/" + Crm.Name("hook");
        var (id, _) = await Subscribe(post, path, "customers.customer-created");
        var status = 500;
        var former = post.Http.Answer;
        post.Http.Answer = g => g.Url.AbsolutePath == path ? (status, "kaputt", status == 302 ? post.Http.Url + "woanders" + path[1..] : null) : former(g);
        try
        {
            await post.Crm.Admin.Customer(Crm.Name("客户"));
            await Post.Until(async () => await Attempts(post, id) == 1, "the failure is noted");
            var row = (await post.Crm.Admin.Get($"{Log}?webhookId={id}")).Ok().Json[0];
            Assert.Equal(("waiting", 500), (row.GetProperty("state").GetString(), row.GetProperty("status").GetInt32()));
            Assert.Contains("kaputt", row.GetProperty("answer").GetString());
            var delivery = row.GetProperty("id").GetInt64();
            // A redirect is no yes and leads nowhere.
            status = 302;
            Assert.Equal("1", (await post.Crm.Admin.Post($"{Log}/replay", new { ids = new[] { delivery } })).Ok().Text);
            await Post.Until(() => At(post, path).Count == 2, "it is tried again");
            await Post.Until(async () => await Attempts(post, id) == 1, "and noted");
            Assert.Empty(At(post, "/woanders" + path[1..]));
            status = 200;
            (await post.Crm.Admin.Post($"{Log}/replay", new { ids = new[] { delivery } })).Ok();
            await Post.Until(async () => await post.Crm.Db.First<string>($"select state from platform.webhook_delivery where id = {delivery}") == "sent", "in the end it is delivered");
            Assert.Single(At(post, path).Select(g => g.Headers["webhook-id"]).Distinct());
            status = 410;
            await post.Crm.Admin.Customer(Crm.Name("客户"));
            await Post.Until(async () => await post.Crm.Db.First<string>($"select state from platform.webhook where id = {id}") == "failed", "gone is gone");
            Assert.Contains("410", (await post.Crm.Admin.Get(Hooks)).Ok().Text);
            var before = At(post, path).Count;
            await post.Crm.Admin.Customer(Crm.Name("客户"));
            await Task.Delay(400);
            Assert.Equal(before, At(post, path).Count);
        }
        finally
        {
            post.Http.Answer = former;
        }
        (await post.Crm.Admin.Post($"{Hooks}/{id}/delete", new { })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "API-4"), Trait("req", "EVT-2")]
    public async Task Many_events_at_once_arrive_each_once_and_what_was_rolled_back_never(string engine)
    {
        var post = await Post.On(engine);
        var path = "/" + Crm.Name("hook");
        var (id, _) = await Subscribe(post, path, "*");
        var names = Enumerable.Range(0, 40).Select(i => Crm.Name($"同时{i}")).ToList();
        await Task.WhenAll(names.Select(n => post.Crm.Admin.Customer(n)));
        (await post.Crm.Admin.Post("/api/customers/customers", new { name = new string('长', 300) })).Refused(400);
        await Post.Until(() => names.All(n => At(post, path).Any(g => g.Body.Contains(n, StringComparison.Ordinal))), "all arrive");
        await Task.Delay(300);
        foreach (var n in names) Assert.Single(At(post, path), g => g.Body.Contains(n, StringComparison.Ordinal) && g.Body.Contains("customer-created", StringComparison.Ordinal));
        (await post.Crm.Admin.Post($"{Hooks}/{id}/delete", new { })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "API-4"), Trait("req", "SEC-1"), Trait("req", "SEC-6")]
    public async Task Only_administrators_subscribe_and_no_address_inside_nor_unknown_event_is_taken(string engine)
    {
        var crm = await Crm.Shared(engine);
        var seller = await crm.Hire([.. Employee.Sales, "settings.events.manage"]);
        (await seller.Get(Hooks)).Refused(403);
        (await seller.Post(Hooks, new { name = "x", url = "https://example.com", events = new[] { "*" } })).Refused(403);
        (await seller.Get(Log)).Refused(403);
        foreach (var url in new[]
        {
            "http://example.com/x", "https://127.0.0.1/x", "https://localhost/x", "https://LOCALHOST./x", "https://10.1.2.3/", "https://172.31.255.255/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/",
            "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[fc00::1]/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://0x7f.1/", "https://017700000001/", "https://2130706433/", "https://metadata.google.internal/",
            "https://a:b@example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "", "javascript:alert(1)",
        })
            (await crm.Admin.Post(Hooks, new { name = "x", url, events = new[] { "*" } })).Refused(400);
        (await crm.Admin.Post(Hooks, new { name = "x", url = "https://example.com/", events = new[] { "gibt.es-nicht" } })).Refused(400);
        (await crm.Admin.Post(Hooks, new { name = "x", url = "https://example.com/", events = Array.Empty<string>() })).Refused(400);
        Assert.Contains("customers.customer-created", (await crm.Admin.Get("/api/platform/webhook-events")).Ok().Text);
    }

    [Fact, Trait("req", "SEC-6"), Trait("req", "API-4")]
    public async Task A_name_that_leads_inside_is_refused_after_it_was_looked_up_also_when_it_answers_differently_each_time()
    {
        using var trap = new HttpTrap();
        var port = new Uri(trap.Url).Port;
        foreach (var answers in new[] { new[] { "127.0.0.1" }, ["8.8.8.8", "127.0.0.1"], ["::1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["100.100.100.200"] })
        {
            using var http = new SafeHttp(new Answering(() => answers));
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.Post($"http://rebind.example.com:{port}/", "{}"u8.ToArray(), "application/json", [], default));
        }
        // First an address outside, then one inside: each connection is checked by itself, and goes to what was checked.
        var turn = 0;
        using (var http = new SafeHttp(new Answering(() => turn++ == 0 ? ["192.0.2.1"] : ["127.0.0.1"])))
            for (var i = 0; i < 3; i++) await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.Post($"http://rebind.example.com:{port}/", "{}"u8.ToArray(), "application/json", [], default));
        Assert.Empty(trap.Requests);
        // Networks that the administrator has named: those and no others, and nothing goes out of them unencrypted.
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Outgoing:Networks", "127.0.0.1/32 10.2.0.0/16")]).Build();
        using var own = new SafeHttp(new AddressPolicy(settings));
        Assert.Equal(200, (await own.Post(trap.Url, "{}"u8.ToArray(), "application/json", [], default)).Status);
        foreach (var (url, why) in new[] { ($"http://127.0.0.2:{port}/", AddressPolicy.Inside), ($"http://[::1]:{port}/", AddressPolicy.Inside), ("https://10.3.0.1/", AddressPolicy.Inside), ("http://8.8.8.8/", AddressPolicy.Encrypt) })
            Assert.Equal(why, (await Assert.ThrowsAsync<HttpRequestException>(() => own.Post(url, "{}"u8.ToArray(), "application/json", [], default))).Message);
        Assert.Single(trap.Requests);
        Assert.Throws<InvalidOperationException>(() => new AddressPolicy(new ConfigurationBuilder().AddInMemoryCollection([new("Outgoing:Networks", "intranet")]).Build()));
    }

    /// <summary>The product's own rule, with a name server of the attacker's.</summary>
    private sealed class Answering(Func<string[]> answers) : AddressPolicy
    {
        protected override bool Inner => true;
        public override bool Plain(IPAddress address) => true;
        public override Task<IPAddress[]> Resolve(string host, CancellationToken ct) => Task.FromResult<IPAddress[]>([.. answers().Select(IPAddress.Parse)]);
    }

    private static async Task<(long Id, string Secret)> Subscribe(Post post, string path, params string[] events)
    {
        var made = (await post.Crm.Admin.Post(Hooks, new { name = Crm.Name("挂钩"), url = post.Http.Url + path[1..], events, on = true })).Ok().Json;
        return (made.GetProperty("id").GetInt64(), made.GetProperty("secret").GetString()!);
    }

    private static List<HttpTrap.Got> At(Post post, string path) => [.. post.Http.Requests.Where(r => r.Url.AbsolutePath == path)];

    private static async Task<long> Attempts(Post post, long hook) => await post.Crm.Db.First<long>($"select coalesce(max(attempts), 0) from platform.webhook_delivery where webhook_id = {hook} and claim is null");

    private static void Verify(HttpTrap.Got got, string secret)
    {
        var mine = "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{got.Headers["webhook-id"]}.{got.Headers["webhook-timestamp"]}.{got.Body}")));
        Assert.Contains(mine, got.Headers["webhook-signature"].Split(' '));
        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(long.Parse(got.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture)), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }
}
