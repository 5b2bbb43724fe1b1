using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>What goes to paper is what one may see, and nothing a text says becomes part of the page (UI-14).</summary>
[Trait("req", "UI-14")]
public class Printing
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine]
    public async Task A_document_is_printed_with_its_sections_and_the_tied_lists_chosen(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var name = Crm.Name("打印客户");
        var id = await li.Customer(name, new { address = "<script>alert(1)</script>\"'&", phone = "0755-87654321", remarks = "第一行\n第二行" });
        var person = Crm.Name("联系人");
        await li.Contact(person, new { employerId = id });
        var page = (await li.Get($"{Customers}/{id}/print?tabs=contacts")).Ok();
        Assert.StartsWith("text/html", page.Headers["Content-Type"]);
        foreach (var text in new[] { System.Text.Encodings.Web.HtmlEncoder.Default.Encode(name), System.Text.Encodings.Web.HtmlEncoder.Default.Encode(person), "0755-87654321" }) Assert.Contains(text, page.Text);
        Assert.DoesNotContain("<script>alert", page.Text);
        Assert.DoesNotContain(System.Text.Encodings.Web.HtmlEncoder.Default.Encode(person), (await li.Get($"{Customers}/{id}/print")).Ok().Text);
        (await li.Get($"{Customers}/{id}/print?tabs=nothing")).Refused(400);
        // Masked for others, closed to strangers.
        var boss = await crm.Hire(Employee.Sales, ScopeKind.All);
        Assert.DoesNotContain("87654321", (await boss.Get($"{Customers}/{id}/print")).Ok().Text);
        (await (await crm.Hire(Employee.Sales)).Get($"{Customers}/{id}/print")).Refused(404);
        // Contacts are another right.
        (await (await crm.Hire(["customers.customers.read"], ScopeKind.All)).Get($"{Customers}/{id}/print?tabs=contacts")).Refused(403);
    }

    [Theory, OnEveryEngine]
    public async Task A_list_is_printed_as_the_filter_shows_it_by_who_may_export_and_it_is_noted(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var (a, b) = (Crm.Name("AAA"), Crm.Name("BBB"));
        await li.Customer(a, new { level = "A" });
        await li.Customer(b, new { level = "B" });
        var page = (await li.Get($"{Customers}/print?level=A&columns=name,level")).Ok().Text;
        Assert.Contains(System.Text.Encodings.Web.HtmlEncoder.Default.Encode(a), page);
        Assert.DoesNotContain(System.Text.Encodings.Web.HtmlEncoder.Default.Encode(b), page);
        Assert.Contains((await li.Get("/api/platform/operations")).Ok().Json.EnumerateArray(), o => o.GetProperty("label").GetString() == "打印客户列表");
        (await (await crm.Hire(["customers.customers.read"])).Get($"{Customers}/print")).Refused(403);
        (await li.Get($"{Customers}/print?nothing=1")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-11")]
    public async Task A_print_template_puts_values_on_a_pre_printed_form_and_runs_nothing(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var id = await li.Customer(Crm.Name("套打客户"), new { address = "<img src=x onerror=alert(1)>南山路 1 号" });
        async Task<long> Template(string kind, string? type, string body, string? subject = null) =>
            (await crm.Admin.Post("/api/platform/templates", new { kind, type, name = Crm.Name("模板"), subject, body, enabled = true, version = 0 })).Ok().Json.GetInt64();
        var form = await Template("print", "customer", "@page 241mm 140mm margin 5mm 10mm\n<div style=\"left:20mm; top:35mm\">{{ 单据.地址 }}</div><script>alert(2)</script>");
        var page = (await li.Get($"{Customers}/{id}/print?template={form}")).Ok().Text;
        Assert.Contains("size: 241mm 140mm; margin: 5mm 10mm;", page);
        Assert.Matches("left: ?20mm; ?top: ?35mm", page);
        Assert.Contains("南山路 1 号", System.Net.WebUtility.HtmlDecode(page));
        Assert.DoesNotContain("<script>alert", page);
        Assert.DoesNotContain("<img src=x", page);
        Assert.DoesNotContain("@page 241mm", page);
        // No mail template, no template of another type, nothing of a document one may not see.
        (await li.Get($"{Customers}/{id}/print?template={await Template("mail", "customer", "信", "主题")}")).Refused(404);
        (await li.Get($"{Customers}/{id}/print?template={await Template("print", "contact", "纸")}")).Refused(404);
        (await (await crm.Hire(Employee.Sales)).Get($"{Customers}/{id}/print?template={form}")).Refused(404);
    }
}
