using System.Text.Json;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Outgoing;

public class Templating
{
    private const string Preview = "/api/platform/templates/preview", Templates = "/api/platform/templates";

    [Theory, OnEveryEngine, Trait("req", "SET-11")]
    public async Task A_template_shows_a_documents_fields_as_people_read_them_and_encodes_them_in_html(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("<b>深圳&示例</b>");
        var id = await crm.Admin.Customer(name, new { level = "A" });
        var shown = await Show(crm.Admin, new { kind = "mail", type = "customer", subject = "致 {{ 单据.客户名称 }}", body = "<p>{{ doc.name }}，{{ if 单据.raw.level == 'A' }}重点{{ end }}，{{ 公司.名称 }}，{{ 负责人.姓名 }}</p><script>alert(1)</script>", documentId = id });
        Assert.Equal($"致 {name}", shown.GetProperty("subject").GetString());
        Assert.Equal($"<p>{System.Net.WebUtility.HtmlEncode(name)}，重点，我的公司，系统管理员</p>", shown.GetProperty("body").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "SET-11"), Trait("req", "SEC-4")]
    public async Task A_preview_shows_only_what_its_author_may_see(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("别人的"), new { phone = "0755-83456789" });
        var author = await crm.Hire(["settings.templates.manage", "customers.customers.read"], Sdk.ScopeKind.Own);
        (await author.Post(Preview, new { kind = "sms", type = "customer", body = "{{ 单据.客户名称 }}", documentId = id })).Refused(404);
        var all = await crm.Hire(["settings.templates.manage", "customers.customers.read"], Sdk.ScopeKind.All);
        Assert.DoesNotContain("83456789", (await Show(all, new { kind = "sms", type = "customer", body = "{{ 单据.电话 }} {{ 单据.raw.phone }}", documentId = id })).GetProperty("body").GetString());
        (await (await crm.Hire(Employee.Sales)).Post(Preview, new { kind = "sms", body = "x" })).Refused(403);
        var noReader = await crm.Hire(["settings.templates.manage"], Sdk.ScopeKind.All);
        (await noReader.Post(Preview, new { kind = "sms", type = "customer", body = "x", documentId = id })).Refused(403);
    }

    [Theory, Trait("req", "SET-11"), Trait("req", "SEC-6")]
    [InlineData("一\n二 {{ if }}", "第 2 行第")]
    [InlineData("一\n二\n {{ 单据.没有的字段 }}", "第 3 行第")]
    [InlineData("{{ 没有 }}", "没有这个名称")]
    [InlineData("{{ for i in 1..100000000 }}x{{ end }}", "循环过多")]
    [InlineData("{{ func f; f; end; f }}", "层次过深")]
    [InlineData("{{ include 'x' }}", "不能引用")]
    [InlineData("{{ 'a' | string.pad_left 2000000000 }}", "第 1 行")]
    [InlineData("{{ object.eval '1' }}", "第 1 行")]
    [InlineData("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex.match '^(a+)+$' }}", "")]
    [InlineData("{{ x = 'a' }}{{ for i in 1..9000 }}{{ x = x + x }}{{ end }}", "")]
    [InlineData("{{ 单据.GetType }}", "没有")]
    [InlineData("{{ import 'x' }}", "第 1 行")]
    [InlineData("{{ while true }}{{ end }}", "循环过多")]
    public async Task A_broken_or_hostile_template_is_refused_and_tells_where(string body, string told)
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var id = await crm.Admin.Customer(Crm.Name("客户"));
        var began = System.Diagnostics.Stopwatch.StartNew();
        var shown = await Show(crm.Admin, new { kind = "sms", type = "customer", body, documentId = id });
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(20));
        Assert.Contains(told, shown.GetProperty("error").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "SET-11")]
    public async Task A_text_that_cannot_be_read_is_not_kept_and_every_kept_version_can_be_read_again(string engine)
    {
        var crm = await Crm.Shared(engine);
        (await crm.Admin.Post(Templates, new { kind = "sms", name = Crm.Name("坏"), body = "{{ if }}", enabled = true, version = 0 })).Refused(400);
        (await crm.Admin.Post(Templates, new { kind = "mail", name = Crm.Name("无主题"), body = "x", enabled = true, version = 0 })).Refused(400);
        var name = Crm.Name("模板'\"--");
        var id = long.Parse((await crm.Admin.Post(Templates, new { kind = "sms", name, body = "一", enabled = true, version = 0 })).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);
        (await crm.Admin.Post(Templates, new { kind = "sms", name, body = "重名", enabled = true, version = 0 })).Refused(400);
        // Of twenty who save the same version one is first, the others are told.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => crm.Admin.Post(Templates, new { id, kind = "sms", name, body = $"二{i}", enabled = true, version = 1 })));
        Assert.Single(answers, a => (int)a.Status == 200);
        Assert.Equal(2, (await crm.Admin.Get($"{Templates}/{id}/versions")).Ok().Json.GetArrayLength());
        Assert.Equal("一", (await crm.Admin.Get($"{Templates}/{id}/versions")).Ok().Json[1].GetProperty("body").GetString());
        (await crm.Admin.Post($"{Templates}/{id}/delete", new { })).Ok();
        (await crm.Admin.Post($"{Templates}/{id}/delete", new { })).Refused(404);
    }

    private static async Task<JsonElement> Show(Employee who, object body) => (await who.Post(Preview, body)).Ok().Json;
}
