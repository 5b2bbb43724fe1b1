using System.Text;
using KuaipuCrm.Platform.Collaboration;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Collaboration;

/// <summary>What people say and lay beside documents.</summary>
public class Beside
{
    private const string Customers = "/api/customers/customers";
    private static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    [Theory, OnEveryEngine, Trait("req", "DOC-6")]
    public async Task A_superiors_comment_reaches_the_owner_who_answers_and_others_may_only_by_right(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (department, role) = (await crm.Department(Crm.Name("点评部")), await crm.Role(Employee.Sales, ScopeKind.OwnAndSubordinates));
        var boss = await crm.Hire(department, role);
        var li = await crm.Hire(department, role, boss.Id);
        var colleague = await crm.Hire(Employee.Sales, ScopeKind.All);
        var id = await li.Customer(Crm.Name("被点评客户"));
        var comment = (await boss.Post($"{Customers}/{id}/comments", new { text = "请尽快回访\n客户很急" })).Ok().Json.GetProperty("id").GetInt64();
        var message = Messages(await li.Get("/api/platform/messages")).Single();
        Assert.Contains("请尽快回访", message.GetProperty("text").GetString());
        Assert.EndsWith($"/customers/customers/{id}", message.GetProperty("url").GetString());
        Assert.Equal(1, (await li.Get("/api/platform/messages/counts")).Ok().Json.GetProperty("unread").GetInt32());
        (await colleague.Post($"{Customers}/{id}/comments", new { text = "路过" })).Refused(403);
        (await li.Post($"{Customers}/{id}/comments", new { text = "今天就去", replyTo = comment })).Ok();
        Assert.Contains("今天就去", Messages(await boss.Get("/api/platform/messages")).Single().GetProperty("text").GetString());
        var page = (await boss.Get($"{Customers}/{id}/comments")).Ok().Json.GetProperty("comments").EnumerateArray().ToList();
        Assert.Equal([boss.Name, null], page.Select(c => c.GetProperty("replyTo").GetString()));
        (await li.Delete($"{Customers}/{id}/comments/{comment}")).Refused(404);
        (await boss.Delete($"{Customers}/{id}/comments/{comment}")).Ok();
        Assert.DoesNotContain("请尽快回访", (await li.Get($"{Customers}/{id}/comments")).Ok().Text);
        (await boss.Post($"{Customers}/{id}/comments", new { text = "  " })).Refused(400);
        (await boss.Post($"{Customers}/{id}/comments", new { text = new string('长', 2001) })).Refused(400);
        (await boss.Post($"{Customers}/{id}/comments", new { text = "回复别处", replyTo = comment + 1_000_000 })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "OFF-1"), Trait("req", "SEC-1")]
    public async Task Nobody_learns_by_a_message_of_a_document_out_of_sight(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var id = await li.Customer(Crm.Name("机密客户"));
        (await li.Post("/api/platform/messages", new { to = new[] { wang.Id }, text = "看看这个客户", documentId = id })).Refused(400);
        (await wang.Post("/api/platform/messages", new { to = new[] { li.Id }, text = "你的客户", documentId = id })).Refused(400);
        (await li.Post("/api/platform/messages", new { to = new[] { wang.Id }, text = "开会了" })).Ok();
        var message = Messages(await wang.Get("/api/platform/messages?unreadOnly=true")).Single();
        Assert.Equal(li.Name, message.GetProperty("from").GetString());
        // Another's message is neither read nor deleted.
        (await li.Post("/api/platform/messages/read", new { ids = new[] { message.GetProperty("id").GetInt64() } })).Ok();
        (await li.Post("/api/platform/messages/delete", new { ids = new[] { message.GetProperty("id").GetInt64() } })).Ok();
        Assert.Single(Messages(await wang.Get("/api/platform/messages?unreadOnly=true")));
        (await wang.Post("/api/platform/messages/read", new { })).Ok();
        Assert.Empty(Messages(await wang.Get("/api/platform/messages?unreadOnly=true")));
        (await li.Post("/api/platform/messages", new { to = Array.Empty<long>(), text = "给谁" })).Refused(400);
        (await li.Post("/api/platform/messages", new { to = new[] { 999_999_999L }, text = "给谁" })).Refused(400);
        Assert.NotEqual(0, (await li.Get("/api/platform/online")).Ok().Json.GetArrayLength());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-7")]
    public async Task A_file_is_laid_beside_a_document_in_versions_and_seen_by_who_sees_the_document(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var reader = await crm.Hire(["customers.customers.read"], ScopeKind.All);
        var id = await li.Customer(Crm.Name("有附件客户"));
        var files = $"{Customers}/{id}/attachments";
        var first = await Upload(li, files, "合同 草稿.txt", "第一版"u8.ToArray());
        var second = (await Send(li, files + $"?name=定稿.txt&replaces={first}", "第二版"u8.ToArray())).Ok().Json.GetProperty("id").GetInt64();
        var list = (await reader.Get(files)).Ok().Json.EnumerateArray().Single();
        Assert.Equal((second, 2, "定稿.txt"), (list.GetProperty("id").GetInt64(), list.GetProperty("version").GetInt32(), list.GetProperty("name").GetString()));
        Assert.Equal(2, (await reader.Get($"{files}?versionsOf={second}")).Ok().Json.GetArrayLength());
        Assert.Equal("第一版", (await reader.Get($"{files}/{first}")).Ok().Text);
        (await Send(reader, files + "?name=a.txt", "不行"u8.ToArray())).Refused(403);
        foreach (var url in new[] { files, $"{files}/{first}" }) (await wang.Get(url)).Refused(404);
        (await Send(wang, files + "?name=a.txt", "不行"u8.ToArray())).Refused(404);
        // The file of one document isn't reached through another.
        var other = await wang.Customer(Crm.Name("另一客户"));
        (await wang.Get($"{Customers}/{other}/attachments/{first}")).Refused(404);
        (await wang.Delete($"{Customers}/{other}/attachments/{first}")).Refused(404);
        (await Send(wang, $"{Customers}/{other}/attachments?name=b.txt&replaces={first}", "冒充"u8.ToArray())).Refused(404);
        Assert.Contains("合同 草稿.txt", (await li.Get($"{Customers}/{id}/history")).Ok().Text);
        (await li.Delete($"{files}/{second}")).Ok();
        Assert.Equal(0, (await li.Get(files)).Ok().Json.GetArrayLength());
        (await li.Get($"{files}/{first}")).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-7"), Trait("req", "SEC-6")]
    public async Task What_is_uploaded_never_runs_in_a_browser_and_must_be_what_it_says(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("上传攻击"));
        var files = $"{Customers}/{id}/attachments";
        foreach (var (name, content) in new[] { ("a.html", "<script>alert(1)</script>"), ("a.svg", "<svg onload=alert(1)>"), ("a.exe", "x"), ("a.EXE. ", "x"), ("报价.b|at", "x"), ("x.ps1\u200B", "x"), ("x.ht\u202Eml", "x"), ("a.txt", "MZ\0\0"), ("a.png", "<script>alert(1)</script>"), ("a.pdf", "<html>"), ("a.docx", "no zip"), ("", "无名"), ("空.txt", "") })
            (await Send(crm.Admin, $"{files}?name={Uri.EscapeDataString(name)}", Encoding.UTF8.GetBytes(content))).Refused(400);
        var note = await Upload(crm.Admin, files, "../../etc/说明\u202Egpj.txt", "<script>alert(1)</script>"u8.ToArray());
        var answer = (await crm.Admin.Get($"{files}/{note}?inline=true")).Ok();
        Assert.Equal("application/octet-stream", answer.Headers["Content-Type"]);
        Assert.StartsWith("attachment", answer.Headers["Content-Disposition"]);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Contains("sandbox", answer.Headers["Content-Security-Policy"]);
        Assert.Equal("说明gpj.txt", (await crm.Admin.Get(files)).Ok().Json[0].GetProperty("name").GetString());
        var picture = await Upload(crm.Admin, files, "图.png", Png);
        answer = (await crm.Admin.Get($"{files}/{picture}?inline=true")).Ok();
        Assert.Equal(("image/png", Convert.ToHexString(Png)), (answer.Headers["Content-Type"], Convert.ToHexString(answer.Bytes)));
        Assert.StartsWith("inline", answer.Headers["Content-Disposition"]);
        (await Send(crm.Admin, files + "?name=large.bin", new byte[(50 << 20) + 1])).Refused(400);
    }

    [Fact, Trait("req", "DOC-7")]
    public async Task Two_new_versions_of_one_file_at_once_are_two_versions_or_one_is_told()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var id = await crm.Admin.Customer(Crm.Name("并发版本"));
        var files = $"{Customers}/{id}/attachments";
        var first = await Upload(crm.Admin, files, "表.txt", "0"u8.ToArray());
        var answers = await Task.WhenAll(Enumerable.Range(1, 10).Select(i => Send(crm.Admin, $"{files}?name=表.txt&replaces={first}", Encoding.UTF8.GetBytes($"{i}"))));
        var stored = (await crm.Admin.Get($"{files}?versionsOf={first}")).Ok().Json.EnumerateArray().Select(v => v.GetProperty("version").GetInt32()).ToList();
        Assert.Equal(1 + answers.Count(a => (int)a.Status == 200), stored.Count);
        Assert.Equal(stored.Count, stored.Distinct().Count());
        Assert.All(answers.Where(a => (int)a.Status != 200), a => a.Refused(409));
    }

    [Fact, Trait("req", "DOC-7"), Trait("req", "DOC-10")]
    public async Task Contents_nobody_names_any_more_are_swept_and_all_others_stay()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.Start(Engines.Sqlite, clock);
        var (kept, purged) = (await crm.Admin.Customer("留下的客户"), await crm.Admin.Customer("清除的客户"));
        var unnamed = Encoding.UTF8.GetBytes(Crm.Name("清除"));
        await Upload(crm.Admin, $"{Customers}/{kept}/attachments", "a.txt", Encoding.UTF8.GetBytes(Crm.Name("留下")));
        await Upload(crm.Admin, $"{Customers}/{purged}/attachments", "b.txt", unnamed);
        (await crm.Admin.Post($"{Customers}/{kept}/comments", new { text = "留下的点评" })).Ok();
        (await crm.Admin.Post($"{Customers}/{purged}/comments", new { text = "随单据清除" })).Ok();
        (await crm.Admin.Delete($"{Customers}/{purged}")).Ok();
        (await crm.Admin.Post($"{Customers}/purge", new { ids = new[] { purged } })).Ok();
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.comment where 1 = 1"));
        var sweeper = new FileSweeper(crm.Services.GetRequiredService<KuaipuCrm.Platform.Data.Engine>(), crm.Services.GetRequiredService<IFileStore>(), clock);
        Assert.Equal(0, await sweeper.Sweep(default));
        clock.Advance(TimeSpan.FromDays(3));
        await sweeper.Sweep(default);
        Assert.Throws<NotFound>(() => crm.Services.GetRequiredService<IFileStore>().Open(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(unnamed))));
        var later = await crm.As(crm.Admin.Id, "admin", "系统管理员");
        var attachment = (await later.Get($"{Customers}/{kept}/attachments")).Ok().Json[0].GetProperty("id").GetInt64();
        Assert.StartsWith("留下", (await later.Get($"{Customers}/{kept}/attachments/{attachment}")).Ok().Text);
    }

    private static List<System.Text.Json.JsonElement> Messages(Answer answer) => [.. answer.Ok().Json.EnumerateArray()];

    private static async Task<long> Upload(Employee who, string url, string name, byte[] content) => (await Send(who, $"{url}?name={Uri.EscapeDataString(name)}", content)).Ok().Json.GetProperty("id").GetInt64();

    private static Task<Answer> Send(Employee who, string url, byte[] content) => who.Send(HttpMethod.Post, url, new ByteArrayContent(content) { Headers = { ContentType = new("application/octet-stream") } });
}
