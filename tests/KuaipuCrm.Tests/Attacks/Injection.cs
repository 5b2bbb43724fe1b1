using System.Text.Json;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Attacks;

/// <summary>Text stays text: in the database, in the page, in the sheet (SEC-6).</summary>
public class Injection
{
    private const string Customers = "/api/customers/customers";
    private static readonly string[] Texts =
    [
        "'; drop table customers_customer; --", "x' or '1'='1", "\" or 1=1 --", "1); delete from platform.session; --", "{0}", "@p0", "\\", "%' escape '", "[a-z]", "\u0001\u0002customer\u0002",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "{{constructor.constructor('x')()}}", "${7*7}", "../../etc/passwd", "甲\u202E乙", "\uD83D\uDE00😀",
    ];

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task Sql_scripts_and_formulas_in_every_text_field_come_back_as_text_or_are_refused(string engine)
    {
        var crm = await Crm.Shared(engine);
        foreach (var type in new[] { "customer", "contact" })
        {
            var d = crm.Services.GetRequiredService<ModuleCatalog>().Document(type);
            var path = $"/api/{d.Module}/{d.Plural}";
            foreach (var field in d.Fields.Where(f => f is { Hidden: false, ReadOnly: false, System: false }))
                foreach (var text in Texts)
                {
                    var answer = await crm.Admin.Post(path, new Dictionary<string, object> { ["name"] = Crm.Name("注入"), [field.Name] = text, ["confirmed"] = new[] { "duplicate", "same-name" } });
                    if ((int)answer.Status != 201)
                    {
                        answer.Refused(400);
                        continue;
                    }
                    var back = (await crm.Admin.Get($"{path}/{answer.Json.GetProperty("id").GetInt64()}")).Ok().Json.GetProperty(field.Name).GetString();
                    Assert.Equal(string.Concat(text.Where(Kept)), string.Concat((back ?? "").Where(Kept)));
                }
        }
        (await crm.Admin.Get(Customers)).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task Sql_in_filters_sorts_columns_cursors_tabs_and_searches_finds_nothing_and_breaks_nothing(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        await crm.Admin.Customer(Crm.Name("不该看见"));
        foreach (var text in Texts.Select(Uri.EscapeDataString))
        {
            foreach (var query in new[] { $"name.contains={text}", $"name={text}", $"text={text}" })
                Assert.Empty(await li.List($"{Customers}?{query}"));
            foreach (var query in new[] { $"sort={text}", $"sort=-{text}", $"columns={text}", $"cursor={text}", $"{text}=1", $"name.{text}=1", $"tiedTo=1&tiedBy={text}", $"take={text}", $"page={text}", $"createdAt.within={text}" })
            {
                var answer = await li.Get($"{Customers}?{query}");
                if ((int)answer.Status != 200) answer.Refused(400);
                else Assert.Empty(answer.Json.GetProperty("items").EnumerateArray());
            }
            Assert.Equal(0, (await li.Get($"/api/platform/search?text={text}")).Ok().Json.GetArrayLength());
            Assert.Equal(0, (await li.Get($"{Customers}/choices?text={text}")).Ok().Json.GetArrayLength());
        }
        foreach (var sort in new[] { "id", "nameKey", "name_key", "owner_id", "(select 1)", "name,id", "extra", "deletedAt" }) (await li.Get($"{Customers}?sort={sort}")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task A_forged_page_mark_shows_no_row_that_is_not_the_users(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        await crm.Admin.Customer(Crm.Name("不该看见"));
        foreach (var mark in new object[] { new object[] { "s' or 1=1 --", 1, false }, new object[] { "n", 0, true }, new object[] { "t99999999999999999999", 1, false }, new object[] { "z", 1, false }, new object[] { "", 1, false }, "x", new { a = 1 }, Array.Empty<int>(), new object[] { 1, "a", 3 } })
        {
            var cursor = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(mark)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            foreach (var sort in new[] { "name", "-createdAt", "level", "ownerId" })
            {
                var answer = await li.Get($"{Customers}?sort={sort}&cursor={cursor}");
                if ((int)answer.Status != 200) answer.Refused(400);
                else Assert.Empty(answer.Json.GetProperty("items").EnumerateArray());
            }
        }
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task A_name_with_a_script_is_never_markup_in_a_page(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer("<script>alert('" + Crm.Name("x") + "')</script>");
        foreach (var page in new[] { "/customers/customers", $"/customers/customers/{id}", "/", "/customers/customers?text=%3Cscript%3Ealert" })
        {
            var answer = (await crm.Admin.Get(page)).Ok();
            Assert.DoesNotContain("<script>alert(", answer.Text);
            Assert.Contains("default-src 'self'", answer.Headers["Content-Security-Policy"]);
        }
    }

    private static bool Kept(char c) => !char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format) && !char.IsAsciiLetterUpper(c) && !char.IsAsciiLetterLower(c);
}
