using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Marketing;
using KuaipuCrm.Tests.Running;
using KuaipuCrm.Tests.Tracking;
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

    [Theory, OnEveryEngine, Trait("req", "TRK-6")]
    public async Task A_superiors_comment_goes_by_text_message_where_the_writer_wants_it(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        (await crm.Admin.Post("/api/platform/channels/sms", new { settings = new { url = post.Http.Url + "sms" }, secret = "0123456789abcdef", enabled = true })).Ok();
        var (department, role, mobile) = (await crm.Department(Crm.Name("点评部")), await crm.Role(Seller.Rights, ScopeKind.OwnAndSubordinates), Mobile());
        var boss = await crm.Hire(department, role);
        var li = await crm.Hire(department, role, boss.Id);
        await Reachable(crm, li.Id, mobile);
        li = await crm.As(li.Id, li.Login, li.Name);
        var record = await li.Contacted(await li.Customer(Crm.Name("点评客户")));
        var (before, text) = (Crm.Name("还不要"), Crm.Name("价格再谈谈"));
        (await boss.Post($"{Seller.Records}/{record}/comments", new { text = before })).Ok();
        (await li.Post("/api/platform/me/message-routes/comment", new { mail = (bool?)null, sms = true })).Ok();
        (await boss.Post($"{Seller.Records}/{record}/comments", new { text })).Ok();
        await Post.Until(() => Sent(post, mobile).Count > 0, "it is handed to the gateway");
        var said = Assert.Single(Sent(post, mobile));
        Assert.StartsWith(boss.Name, said, StringComparison.Ordinal);
        Assert.Contains(text, said, StringComparison.Ordinal);
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-6")]
    public async Task Targets_of_a_campaign_get_its_text_message_each_number_once(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        (await crm.Admin.Post("/api/platform/channels/sms", new { settings = new { url = post.Http.Url + "sms" }, secret = "0123456789abcdef", enabled = true })).Ok();
        var li = await crm.Hire([.. Campaigner.Rights, OutgoingRights.Send]);
        var id = await li.Campaign();
        var (a, b, one, two, refused) = (await li.Customer(Crm.Name("甲")), await li.Customer(Crm.Name("乙")), Mobile(), Mobile(), Mobile());
        await li.Contact(Crm.Name("张一"), new { employerId = a, mobile = one });
        await li.Contact(Crm.Name("王三"), new { employerId = a, mobile = refused, refusesMail = true });
        await li.Contact(Crm.Name("没手机"), new { employerId = a, email = Post.Address("mail") });
        await li.Contact(Crm.Name("李二"), new { employerId = b, mobile = two });
        foreach (var customer in new[] { a, b }) await li.Create(Campaigner.TargetRows, new { campaignId = id, customerId = customer });
        var template = await post.Template("sms", "campaign", null, "{{ 收件人.姓名 }} 您好，欢迎参加");
        var preview = (await li.Post($"{Campaigner.All}/{id}/mailing-preview", new { templateId = template, channel = "sms" })).Ok().Json;
        Assert.Equal((2, 2, 1, 1), (preview.GetProperty("targets").GetInt32(), preview.GetProperty("receivers").GetInt32(), preview.GetProperty("unreachable").GetInt32(), preview.GetProperty("refusing").GetInt32()));
        foreach (var rows in new[] { 2, 0 })
            Assert.Equal(rows, (await li.Post($"{Campaigner.All}/{id}/mailing", new { templateId = template, receivers = 2, channel = "sms" })).Ok().Json.GetProperty("rows").GetInt32());
        await Post.Until(() => Sent(post, one).Count > 0 && Sent(post, two).Count > 0, "both are handed to the gateway");
        Assert.StartsWith("张一", Assert.Single(Sent(post, one)), StringComparison.Ordinal);
        Assert.StartsWith("李二", Assert.Single(Sent(post, two)), StringComparison.Ordinal);
        Assert.Empty(Sent(post, refused));
        Assert.Contains("群发短信", (await li.Get($"{Campaigner.All}/{id}/history")).Ok().Text, StringComparison.Ordinal);
    }

    internal static string Mobile() => $"138{Random.Shared.Next(10_000_000, 99_999_999)}";

    /// <summary>Gives a user a mobile number and a mailbox.</summary>
    internal static async Task Reachable(Crm crm, long user, string mobile, string? email = null)
    {
        var version = (await crm.Admin.Get($"/api/settings/users/{user}")).Ok().Json.GetProperty("version").GetInt64();
        (await crm.Admin.Patch($"/api/settings/users/{user}", new { mobile, email, version })).Ok();
    }

    /// <summary>What the gateway was given for a number.</summary>
    internal static List<string> Sent(HttpTrap http, string mobile) =>
        [.. http.Requests.Where(r => r.Url.AbsolutePath == "/sms").Select(r => JsonDocument.Parse(r.Body).RootElement).Where(j => j.GetProperty("to").GetString() == mobile).Select(j => j.GetProperty("text").GetString()!)];

    private static List<string> Sent(Post post, string mobile) => Sent(post.Http, mobile);

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
