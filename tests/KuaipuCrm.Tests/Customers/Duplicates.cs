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
        Assert.DoesNotContain("保密地址", typed.Text);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-4")]
    public async Task The_same_credit_code_is_refused_even_when_confirmed(string engine)
    {
        var crm = await Crm.Shared(engine);
        var code = CreditCode(Random.Shared.NextInt64(100_000_000, 999_999_999));
        await crm.Admin.Customer(Crm.Name("代码"), new { creditCode = code });
        (await crm.Admin.Post(Customers, new { name = Crm.Name("另一家"), creditCode = code, confirmed = new[] { "duplicate" } })).Refused(400);
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
