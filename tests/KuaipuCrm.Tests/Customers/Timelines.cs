using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>All that is tied to a customer by date (CUS-17), as far as whoever looks may see it.</summary>
public class Timelines
{
    private const string Customers = "/api/customers/customers";

    private static async Task<List<System.Text.Json.JsonElement>> All(Employee who, long id, string more = "")
    {
        var entries = new List<System.Text.Json.JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await who.Get($"/api/platform/documents/customer/{id}/timeline?take=7{more}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}")).Ok().Json;
            entries.AddRange(page.GetProperty("entries").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
        }
        return entries;
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-17")]
    public async Task Everything_tied_to_a_customer_stands_there_once_newest_first_and_by_kind(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var id = await li.Customer(Crm.Name("时间线"));
        var contacts = new List<long>();
        for (var i = 0; i < 12; i++)
        {
            contacts.Add(await li.Contact(Crm.Name("人"), i % 2 == 0 ? new { employerId = (long?)id } : null));
            if (i % 2 == 1) (await li.Post($"{Customers}/{id}/contacts/{contacts[^1]}/tie", new { })).Ok();
            if (i % 3 == 0) (await li.Post($"{Customers}/{id}/comments", new { text = $"点评 {i}" })).Ok();
            if (i % 4 == 0) (await li.Patch($"{Customers}/{id}", new { remarks = $"第 {i} 次", phone = $"0755-1234{i:0000}", version = 1 + i / 4 })).Ok();
        }
        (await li.Send(HttpMethod.Post, $"{Customers}/{id}/attachments?name=方案.txt", new ByteArrayContent("x"u8.ToArray()) { Headers = { ContentType = new("application/octet-stream") } })).Ok();
        var entries = await All(li, id);
        Assert.Equal(12, entries.Count(e => e.GetProperty("kind").GetString() == "contact"));
        Assert.Equal(4, entries.Count(e => e.GetProperty("kind").GetString() == "comment"));
        Assert.Equal(4, entries.Count(e => e.GetProperty("kind").GetString() == "change"));
        Assert.Equal("方案.txt", entries.Single(e => e.GetProperty("kind").GetString() == "attachment").GetProperty("title").GetString());
        Assert.Equal(entries.Count, entries.Select(e => e.GetProperty("id").GetInt64()).Distinct().Count());
        var moments = entries.Select(e => e.GetProperty("at").GetDateTime()).ToList();
        Assert.Equal(moments.OrderDescending(), moments);
        // Which fields were changed, not to which values: those may be masked.
        Assert.Contains(entries, e => e.GetProperty("detail").GetString()?.Contains("电话", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(entries, e => e.ToString().Contains("0755-1234", StringComparison.Ordinal));
        Assert.All(await All(li, id, "&kinds=comment&kinds=attachment"), e => Assert.Contains(e.GetProperty("kind").GetString(), new[] { "comment", "attachment" }));
        (await li.Get($"/api/platform/documents/customer/{id}/timeline?kinds=user")).Refused(400);
        (await li.Get($"/api/platform/documents/customer/{id}/timeline?cursor=x")).Refused(400);
        (await wang.Get($"/api/platform/documents/customer/{id}/timeline")).Refused(404);
        // Who may not read contacts sees none of them there.
        var plain = await crm.Hire(["customers.customers.read"], ScopeKind.All);
        Assert.DoesNotContain(await All(plain, id), e => e.GetProperty("kind").GetString() == "contact");
        // And of what is out of scope nothing but what is open.
        var own = await wang.Customer(Crm.Name("另一条"));
        var foreign = await crm.Admin.Contact(Crm.Name("他人"));
        (await crm.Admin.Post($"{Customers}/{own}/contacts/{foreign}/tie", new { })).Ok();
        Assert.Contains(await All(wang, own), e => e.GetProperty("id").GetInt64() == foreign);
    }
}
