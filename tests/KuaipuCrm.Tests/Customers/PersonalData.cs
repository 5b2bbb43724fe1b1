using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>What the law on personal data asks of who keeps it (CUS-20).</summary>
public class PersonalData
{
    private const string Contacts = "/api/customers/contacts";
    private static readonly string[] Rights = [.. Employee.Sales, "customers.contacts.privacy", "customers.contacts.unmask"];

    [Theory, OnEveryEngine, Trait("req", "CUS-20")]
    public async Task All_that_is_kept_of_a_person_is_handed_out_in_full_and_written_down(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, plain) = (await crm.Hire(Rights), await crm.Hire(Employee.Sales));
        var company = await li.Customer(Crm.Name("单位"));
        var contact = await li.Contact(Crm.Name("钱二"), new { employerId = company, mobile = "13912345678", preferences = "喜欢钓鱼", consent = "given", consentSource = "展会登记表", consentOn = "2026-03-01" });
        (await li.Post($"{Contacts}/{contact}/make-person", new { })).Ok();
        (await li.Post($"{Contacts}/{contact}/comments", new { text = "常出差" })).Ok();
        var foreign = await crm.Admin.Customer(Crm.Name("看不到的"));
        (await crm.Admin.Post($"/api/customers/customers/{foreign}/contacts/{contact}/tie", new { })).Ok();
        var export = (await li.Post($"{Contacts}/{contact}/personal-data", new { })).Ok();
        foreach (var part in new[] { "13912345678", "喜欢钓鱼", "展会登记表", "常出差", "单位", "create" }) Assert.Contains(part, export.Text);
        Assert.Equal(2, export.Json.GetProperty("records").GetArrayLength());
        Assert.DoesNotContain("看不到的", export.Text);
        Assert.Equal(1, export.Json.GetProperty("records")[0].GetProperty("outOfSight").GetInt64());
        Assert.Contains("export", (await li.Get($"{Contacts}/{contact}/history")).Ok().Text);
        (await plain.Post($"{Contacts}/{contact}/personal-data", new { })).Refused(403);
        var other = await crm.Hire(Rights);
        (await other.Post($"{Contacts}/{contact}/personal-data", new { })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-20")]
    public async Task An_erased_person_is_found_nowhere_and_that_it_was_erased_stays(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (name, mobile) = (Crm.Name("孟九"), $"139{Random.Shared.Next(10_000_000, 99_999_999)}");
        var company = await li.Customer(Crm.Name("单位"));
        var (field, home) = await CustomFields.AddingFields.Add(crm, Crm.Name("住址")[..8], FieldKind.Text, type: "contact");
        var contact = await li.Create(Contacts, new Dictionary<string, object?> { ["name"] = name, ["employerId"] = company, ["mobile"] = mobile, ["email"] = "meng@example.com", ["preferences"] = "旧喜好", [home] = "桃源路七号" });
        (await li.Patch($"{Contacts}/{contact}", new Dictionary<string, object?> { ["preferences"] = "新喜好", [home] = "桃源路八号", ["version"] = 1 })).Ok();
        var person = (await li.Post($"{Contacts}/{contact}/make-person", new { })).Ok().Json.GetInt64();
        (await li.Post($"{Contacts}/{contact}/comments", new { text = $"{name} 很好说话" })).Ok();
        (await li.Send(HttpMethod.Post, $"{Contacts}/{contact}/attachments?name={Uri.EscapeDataString(name)}.txt", new ByteArrayContent("名片"u8.ToArray()) { Headers = { ContentType = new("application/octet-stream") } })).Ok();

        (await li.Post($"{Contacts}/{contact}/erase", new { name = "别的名字", reason = "本人要求" })).Refused(400);
        (await (await crm.Hire(Employee.Sales)).Post($"{Contacts}/{contact}/erase", new { name, reason = "本人要求" })).Refused(403);
        (await (await crm.Hire(Rights)).Post($"{Contacts}/{contact}/erase", new { name, reason = "本人要求" })).Refused(404);
        (await li.Post($"{Contacts}/{contact}/erase", new { name, reason = "本人来电要求删除" })).Ok();
        (await li.Post($"{Contacts}/{contact}/erase", new { name, reason = "再次" })).Refused(422);

        foreach (var text in new[] { name, mobile }) Assert.Equal(0, (await li.Get($"/api/platform/search?text={Uri.EscapeDataString(text)}")).Ok().Json.GetArrayLength());
        var view = (await li.Get($"{Contacts}/{contact}?unmask=true")).Ok().Text;
        var history = (await li.Get($"{Contacts}/{contact}/history")).Ok().Text;
        Assert.Contains("本人来电要求删除", history);
        Assert.Contains("update", history);
        // Nothing of it is left in any row that belongs to the person.
        var db = crm.Db;
        long[] ids = [contact, person];
        foreach (var secret in new[] { name, mobile, "meng@example.com", "旧喜好", "新喜好", "桃源路" })
        {
            Assert.DoesNotContain(secret, view);
            Assert.DoesNotContain(secret, history);
            Assert.DoesNotContain(secret, (await li.Get($"/api/customers/customers/{person}")).Ok().Text);
            foreach (var (table, column) in new[] { ("history", "changes"), ("comment", "text"), ("attachment", "name"), ("message", "text"), ("phone", "digits") })
                Assert.Equal(0, await db.First<long>($"select count(*) from {Sql.Trusted("platform." + table)} x where {db.Dialect.In(Sql.Trusted("x.document_id"), ids)} and {db.Dialect.Contains(Sql.Trusted("x." + column), secret)}"));
            Assert.Equal(0, await db.First<long>($"select count(*) from platform.log x where {db.Dialect.Contains(Sql.Trusted("x.details"), secret)}"));
            Assert.Equal(0, await db.First<long>($"select count(*) from platform.document x where {db.Dialect.In(Sql.Trusted("x.id"), ids)} and {db.Dialect.Contains(Sql.Trusted("x.title"), secret)}"));
        }
        (await crm.Admin.Post($"/api/platform/fields/{field}/delete", new { })).Ok();
        // What refers to the person still does.
        Assert.Contains(contact, await li.List($"{Contacts}?tiedTo={company}&tiedBy=contacts"));
    }
}
