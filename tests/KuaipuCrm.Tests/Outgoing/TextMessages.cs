using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Outgoing;

/// <summary>SMS through the documented gateway, and robots of group chats.</summary>
public class TextMessages
{
    [Theory, OnEveryEngine, Trait("req", "SET-12")]
    public async Task A_text_message_reaches_the_gateway_signed_and_once(string engine)
    {
        var post = await Post.On(engine);
        const string secret = "0123456789abcdef";
        (await post.Crm.Admin.Post("/api/platform/channels/sms", new { settings = new { url = post.Http.Url + "sms", signature = "快普" }, secret, enabled = true })).Ok();
        var id = await post.Crm.Admin.Customer(Crm.Name("短信客户"));
        var text = Crm.Name("您好");
        (await post.Crm.Admin.Post($"/api/customers/customers/{id}/mail", new { channel = "sms", to = "12345", body = text })).Refused(400);
        (await post.Crm.Admin.Post($"/api/customers/customers/{id}/mail", new { channel = "sms", to = "13800138000", body = new string('长', 501) })).Refused(400);
        var sent = (await post.Crm.Admin.Post($"/api/customers/customers/{id}/mail", new { channel = "sms", to = "138 0013 8000", body = text })).Ok().Json.GetProperty("id").GetInt64();
        await Post.Until(async () => await post.State(sent) == "sent", "it is sent");
        var got = Assert.Single(post.Http.Requests, r => r.Body.Contains(sent.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var json = JsonDocument.Parse(got.Body).RootElement;
        Assert.Equal(("13800138000", $"【快普】{text}"), (json.GetProperty("to").GetString(), json.GetProperty("text").GetString()));
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{got.Headers["X-Timestamp"]}.{got.Body}"))), got.Headers["X-Signature"]);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12")]
    public async Task One_message_the_gateway_fails_at_holds_up_no_others_and_counts_its_attempts(string engine)
    {
        var post = await Post.On(engine);
        (await post.Crm.Admin.Post("/api/platform/channels/sms", new { settings = new { url = post.Http.Url + "sms" }, secret = "0123456789abcdef", enabled = true })).Ok();
        var (id, bad, good) = (await post.Crm.Admin.Customer(Crm.Name("短信客户")), Crm.Name("bad"), Crm.Name("good"));
        async Task<long> Sms(string text) => (await post.Crm.Admin.Post($"/api/customers/customers/{id}/mail", new { channel = "sms", to = "13800138000", body = text })).Ok().Json.GetProperty("id").GetInt64();
        post.Http.Answer = r => r.Body.Contains(bad, StringComparison.Ordinal) ? (500, "template error", null) : (200, "{\"errcode\":0}", null);
        try
        {
            var first = await Sms(bad);
            await Post.Until(async () => await post.Crm.Db.First<string>($"select error from platform.outgoing where id = {first}") is not null, "the gateway has failed at it");
            var second = await Sms(good);
            await Post.Until(async () => await post.State(second) == "sent", "the one behind it is sent");
            await Post.Until(async () => await post.Crm.Db.First<long>($"select attempts from platform.outgoing where id = {first}") > 0, "it counts, as another went through");
            (await post.Crm.Admin.Post("/api/platform/outgoing/cancel", new { ids = new[] { first } })).Ok();
        }
        finally
        {
            post.Http.Answer = _ => (200, "{\"errcode\":0}", null);
        }
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12"), Trait("req", "SEC-6")]
    public async Task A_robots_address_is_kept_secret_checked_and_its_answer_understood(string engine)
    {
        var post = await Post.On(engine);
        var url = post.Http.Url + "robot?access_token=" + Crm.Name("schluessel");
        var id = long.Parse((await post.Crm.Admin.Post("/api/platform/channels/robots", new { kind = "dingtalk", name = "销售群", url, secret = "SECx", enabled = true })).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);
        var listed = (await post.Crm.Admin.Get("/api/platform/channels")).Ok().Text;
        Assert.DoesNotContain("access_token", listed);
        Assert.DoesNotContain("SECx", listed);
        var test = long.Parse((await post.Crm.Admin.Post($"/api/platform/channels/{id}/test", new { })).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);
        await Post.Until(async () => await post.State(test) == "sent", "it is posted");
        var got = post.Http.Requests.Last(r => r.Url.AbsolutePath == "/robot");
        var query = System.Web.HttpUtility.ParseQueryString(got.Url.Query);
        Assert.Equal(Convert.ToBase64String(HMACSHA256.HashData("SECx"u8.ToArray(), Encoding.UTF8.GetBytes($"{query["timestamp"]}\nSECx"))), query["sign"]);
        post.Http.Answer = r => r.Url.AbsolutePath == "/robot" ? (200, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", null) : (200, "{\"errcode\":0}", null);
        try
        {
            var refused = long.Parse((await post.Crm.Admin.Post($"/api/platform/channels/{id}/test", new { })).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);
            await Post.Until(async () => await post.State(refused) == "parked", "a refusal inside a 200 is a refusal");
        }
        finally
        {
            post.Http.Answer = _ => (200, "{\"errcode\":0}", null);
        }
        (await post.Crm.Admin.Post($"/api/platform/channels/{id}/delete", new { })).Ok();
    }

    [Theory, Trait("req", "SEC-6")]
    [InlineData("http://qyapi.example.com/x")]
    [InlineData("https://127.0.0.1/x")]
    [InlineData("https://localhost/x")]
    [InlineData("https://10.0.0.8/x")]
    [InlineData("https://[::1]/x")]
    [InlineData("https://[::ffff:169.254.169.254]/x")]
    [InlineData("https://0x7f000001/x")]
    [InlineData("https://2130706433/x")]
    [InlineData("https://user:pass@example.com/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://example.com/")]
    [InlineData("https://intranet/x")]
    public async Task An_address_inside_is_refused_when_it_is_typed(string url)
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        (await crm.Admin.Post("/api/platform/channels/robots", new { kind = "wecom", name = "群", url, enabled = true })).Refused(400);
        (await crm.Admin.Post("/api/platform/channels/sms", new { settings = new { url }, secret = "x", enabled = true })).Refused(400);
    }
}
