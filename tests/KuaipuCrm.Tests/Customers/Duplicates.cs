using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>The same customer is not entered twice by accident (CUS-4), and contacts stay told apart (CUS-2).</summary>
public class Duplicates
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "CUS-4")]
    public async Task A_customer_of_the_same_name_is_warned_of_whoever_owns_it_and_only_name_and_owner_are_told(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var name = Crm.Name("大疆创新");
        await li.Customer($"{name}有限公司", new { address = "保密地址", phone = "0755-12345678" });
        var warned = (await wu.Post(Customers, new { name = $"{name}（有限公司）" })).Refused(409);
        Assert.Equal("duplicate", warned.Json.GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.Contains(li.Name, warned.Text);
        Assert.DoesNotContain("保密地址", warned.Text);
        Assert.DoesNotContain("12345678", warned.Text);
        (await wu.Post(Customers, new { name = $"{name}（有限公司）", confirmed = new[] { "duplicate" } })).Is(201);

        var typed = (await wu.Get($"{Customers}/duplicates?name={Uri.EscapeDataString(name)}")).Ok();
        Assert.Equal(2, typed.Json.GetArrayLength());
        var sounds = Crm.Name("深圳大疆");
        await li.Customer(sounds);
        Assert.Contains("读音相同", (await wu.Post(Customers, new { name = sounds.Replace("大疆", "大江") })).Refused(409).Text);
        var host = $"{Crm.Name("w")}.cn";
        await li.Customer(Crm.Name("有网址的"), new { website = $"https://www.{host}/about" });
        Assert.Contains("域名相同", (await wu.Get($"{Customers}/duplicates?name=&website={Uri.EscapeDataString(host)}")).Ok().Text);
        Assert.Contains("域名相同", (await wu.Get($"{Customers}/duplicates?name=&email=a%40{host}")).Ok().Text);
        Assert.DoesNotContain("保密地址", typed.Text);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-4")]
    public async Task The_same_credit_code_is_refused_even_when_confirmed(string engine)
    {
        var crm = await Crm.Shared(engine);
        var code = CreditCode(Random.Shared.NextInt64(100_000_000, 999_999_999));
        await crm.Admin.Customer(Crm.Name("代码"), new { creditCode = code });
        (await crm.Admin.Post(Customers, new { name = Crm.Name("另一家"), creditCode = code, confirmed = new[] { "duplicate" } })).Refused(400);
        // Nor do two come into being at the same moment, in one go, or out of the recycle bin; merged and parted each has its own.
        var (other, third) = (CreditCode(Random.Shared.NextInt64(100_000_000, 999_999_999)), CreditCode(Random.Shared.NextInt64(100_000_000, 999_999_999)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => crm.Admin.Post(Customers, new { name = Crm.Name("同时"), creditCode = other, confirmed = new[] { "duplicate" } })));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 201));
        Assert.All(answers.Where(a => (int)a.Status != 201), a => Assert.Contains((int)a.Status, new[] { 400, 409 }));
        var bulk = (await crm.Admin.Post(Customers + "/bulk", new { mode = "good", rows = new[] { new { name = Crm.Name("一起甲"), creditCode = third }, new { name = Crm.Name("一起乙"), creditCode = third } } })).Ok().Json;
        Assert.Equal((1, 1), (bulk.GetProperty("saved").GetInt32(), bulk.GetProperty("failed").GetInt32()));
        var kept = await crm.Db.First<long>($"select c.id from customers.customer c where c.credit_code = {other} and {Owners.Guard}");
        (await crm.Admin.Delete($"{Customers}/{kept}")).Ok();
        var heir = await crm.Admin.Customer(Crm.Name("后来的"), new { creditCode = other });
        Assert.Contains("相同", (await crm.Admin.Post(Customers + "/restore", new { ids = new[] { kept } })).Ok().Text);
        var stays = await crm.Admin.Customer(Crm.Name("保留的"), new { creditCode = CreditCode(Random.Shared.NextInt64(100_000_000, 999_999_999)) });
        var merged = (await crm.Admin.Post($"{Customers}/{stays}/merge/{heir}", new { staysVersion = 1, lostVersion = 1, fromLost = new[] { "creditCode" } })).Ok().Json;
        Assert.Equal(other, (await crm.Admin.View("customers", stays)).GetProperty("creditCode").GetString());
        Assert.Empty((await crm.Admin.Post($"/api/platform/operations/{merged.GetProperty("operationId").GetInt64()}/undo", new { })).Ok().Json.GetProperty("problems").EnumerateArray());
        Assert.Equal(other, (await crm.Admin.View("customers", heir)).GetProperty("creditCode").GetString());
        (await crm.Admin.Post(Customers, new { name = Crm.Name("错码"), creditCode = code[..17] + (code[17] == '0' ? '1' : '0') })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-2")]
    public async Task A_second_contact_of_one_name_at_one_customer_needs_a_mark(string engine)
    {
        var crm = await Crm.Shared(engine);
        var customer = await crm.Admin.Customer(Crm.Name("同名"));
        var name = Crm.Name("张伟");
        await crm.Admin.Contact(name, new { employerId = customer });
        (await crm.Admin.Post("/api/customers/contacts", new { name, employerId = customer, confirmed = new[] { "same-name" } })).Refused(400);
        await crm.Admin.Contact(name, new { employerId = customer, mark = "采购部" });
        Assert.Equal("same-name", (await crm.Admin.Post("/api/customers/contacts", new { name })).Refused(409).Json.GetProperty("warnings")[0].GetProperty("code").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-3")]
    public async Task A_person_customer_is_its_own_first_contact(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var id = await li.Customer(Crm.Name("赵六"), new { nature = "person", phone = "13800138000" });
        var contact = Assert.Single(await li.List($"/api/customers/contacts?tiedTo={id}&tiedBy=contacts"));
        Assert.Equal("13800138000", (await li.View("contacts", contact)).GetProperty("mobile").GetString());
        (await li.Post($"/api/customers/customers/{id}/contacts/{contact}/untie", new { })).Refused(422);
        (await li.Delete($"/api/customers/contacts/{contact}")).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-1")]
    public async Task A_parent_cannot_be_a_child_of_its_own_child(string engine)
    {
        var crm = await Crm.Shared(engine);
        var top = await crm.Admin.Customer(Crm.Name("顶"));
        var middle = await crm.Admin.Customer(Crm.Name("中"), new { parentId = top });
        var bottom = await crm.Admin.Customer(Crm.Name("底"), new { parentId = middle });
        (await crm.Admin.Patch($"{Customers}/{top}", new { parentId = bottom, version = 1 })).Refused(400);
        Assert.Equal([middle], await crm.Admin.List($"{Customers}?tiedTo={top}&tiedBy=children"));
    }

    /// <summary>A valid unified social credit code (GB 32100): weights and check character.</summary>
    private static string CreditCode(long middle)
    {
        const string signs = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        var body = $"91440300{middle:000000000}";
        var (sum, weight) = (0, 1);
        foreach (var c in body)
        {
            sum += signs.IndexOf(c) * weight;
            weight = weight * 3 % 31;
        }
        return body + signs[(31 - sum % 31) % 31];
    }
}
