using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Conditions with and/or groups over one kind of document, kept and shared, under everyone's own rights (UI-8).</summary>
[Trait("req", "UI-8")]
public class AdvancedQueries
{
    private const string Customers = "/api/customers/customers", Contacts = "/api/customers/contacts";

    private static string Where(object group) => "where=" + Uri.EscapeDataString(JsonSerializer.Serialize(group));

    private static object F(string field, string op, params string[] values) => new { field, op, values };

    [Theory, OnEveryEngine]
    public async Task Groups_of_and_and_or_find_what_they_say_in_list_count_and_export(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var a = await li.Customer(Crm.Name("甲组"), new { level = "A", address = "深圳" });
        var b = await li.Customer(Crm.Name("乙组"), new { level = "B", address = "深圳" });
        var c = await li.Customer(Crm.Name("丙组"), new { level = "B", address = "广州" });
        async Task<List<long>> Find(object group) => [.. (await li.List($"{Customers}?{Where(group)}&sort=number"))];
        Assert.Equal([a, c], await Find(new { any = true, filters = new[] { F("level", "Is", "A"), F("address", "Contains", "广州") } }));
        Assert.Equal([b], await Find(new { any = false, filters = new[] { F("level", "Is", "B"), F("address", "Contains", "深圳") } }));
        Assert.Equal([a, b], await Find(new { filters = new[] { F("address", "Is", "深圳") }, groups = new[] { new { any = true, filters = new[] { F("level", "Is", "A"), F("level", "Is", "B") } } } }));
        Assert.Equal([a, b, c], await Find(new { any = true, groups = new[] { new { any = false, filters = new[] { F("level", "Is", "A"), F("address", "Is", "深圳") } }, new { any = false, filters = new[] { F("level", "IsNot", "A"), F("createdAt", "Within", "today") } } } }));
        Assert.Equal([c], await li.List($"{Customers}?level=B&{Where(new { any = true, filters = new[] { F("address", "Is", "广州"), F("address", "Is", "北京") } })}"));
        var two = Where(new { any = true, filters = new[] { F("level", "Is", "A"), F("address", "Contains", "广州") } });
        Assert.Equal(2, (await li.Get($"{Customers}/count?{two}")).Ok().Json.GetProperty("count").GetInt64());
        Assert.Equal(3, (await li.Get($"{Customers}/export?format=csv&columns=name&{two}")).Ok().Text.Trim().Split('\n').Length);
    }

    [Theory, OnEveryEngine]
    public async Task A_field_of_the_document_referred_to_counts_only_where_one_may_see_that_document(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var company = await li.Customer(Crm.Name("雇主"), new { level = "A" });
        var other = await li.Customer(Crm.Name("雇主"), new { level = "B" });
        var zhang = await li.Contact(Crm.Name("张"), new { employerId = company });
        await li.Contact(Crm.Name("王"), new { employerId = other });
        var asked = Where(new { any = true, filters = new[] { F("employerId.level", "Is", "A") } });
        Assert.Equal([zhang], await li.List($"{Contacts}?{asked}"));
        // Sees contacts, not customers: the condition would tell.
        var narrow = await crm.Hire(["customers.contacts.read"], ScopeKind.All);
        (await narrow.Get($"{Contacts}?{asked}")).Refused(403);
        // May see customers, but not these rows.
        var stranger = await crm.Hire(["customers.contacts.read", "customers.customers.read"], ScopeKind.Own);
        Assert.DoesNotContain(zhang, await stranger.List($"{Contacts}?{asked}"));
        (await li.Get($"{Contacts}?{Where(new { any = true, filters = new[] { F("name.level", "Is", "A") } })}")).Refused(400);
        (await li.Get($"{Contacts}?{Where(new { any = true, filters = new[] { F("employerId.secret", "Is", "A") } })}")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task What_is_too_deep_too_long_or_no_declared_field_is_refused(string engine)
    {
        var crm = await Crm.Shared(engine);
        object deep = new { filters = new[] { F("level", "Is", "A"), F("level", "Is", "B") }, any = true };
        for (var i = 0; i < 4; i++) deep = new { any = i % 2 == 0, filters = new[] { F("level", "Is", "A") }, groups = new[] { deep } };
        foreach (var bad in new[]
                 {
                     Where(deep), Where(new { any = true, filters = Enumerable.Repeat(F("level", "Is", "A"), 51) }), Where(new { any = true, filters = new[] { F("1=1; drop table x", "Is", "A") } }),
                     Where(new { any = true, filters = new[] { F("extra", "Is", "A") } }), Where(new { any = true, filters = new[] { F("level", "Nonsense", "A") } }), Where(new { any = true, groups = new[] { new { any = false } } }),
                     "where=" + Uri.EscapeDataString("{\"any\":true,\"filters\":[null]}"), "where=" + Uri.EscapeDataString("[]"), "where=" + Uri.EscapeDataString("{\"filters\":[{\"field\":null,\"op\":\"Is\",\"values\":[]}]}"), "where=x",
                     Where(new { any = true, filters = new[] { F("phone", "Contains", "1"), F("level", "Is", "A") } }),
                 })
        {
            var who = bad.Contains("phone", StringComparison.Ordinal) ? await crm.Hire(Employee.Sales) : crm.Admin;
            (await who.Get($"{Customers}?{bad}")).Refused(400);
        }
    }

    [Theory, OnEveryEngine]
    public async Task A_query_shared_with_a_colleague_is_the_colleagues_alone_and_shows_what_the_colleague_may_see(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu, he) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var mine = await li.Customer(Crm.Name("李的"), new { level = "A" });
        var hers = await wu.Customer(Crm.Name("吴的"), new { level = "A" });
        var name = Crm.Name("分享");
        var id = (await li.Post("/api/platform/queries/customer", new { name, request = new { where = new { any = true, filters = new[] { F("level", "Is", "A"), F("level", "Is", "B") } } }, shared = false, with = new[] { wu.Id } })).Ok().Json.GetInt64();
        async Task<JsonElement?> Seen(Employee who) => (await who.Get("/api/platform/queries/customer")).Ok().Json.EnumerateArray().Where(q => q.GetProperty("id").GetInt64() == id).Select(q => (JsonElement?)q).FirstOrDefault();
        Assert.Equal(wu.Id, (await Seen(li))!.Value.GetProperty("with")[0].GetInt64());
        Assert.Equal(li.Name, (await Seen(wu))!.Value.GetProperty("owner").GetString());
        Assert.Empty((await Seen(wu))!.Value.GetProperty("with").EnumerateArray());
        Assert.Null(await Seen(he));
        var request = JsonSerializer.Deserialize<ListRequest>((await crm.Send(wu, new ListSavedQueries("customer"))).Single(q => q.Id == id) is { } q ? JsonSerializer.Serialize(q.Request) : "")!;
        var rows = (await crm.Send(wu, new ListDocuments("customer", request))).Rows.Select(r => r.Id).ToList();
        Assert.Contains(hers, rows);
        Assert.DoesNotContain(mine, rows);
        (await wu.Post($"/api/platform/queries/customer/{id}/delete", new { })).Refused(404);
        (await li.Post("/api/platform/queries/customer", new { name, request = new { }, shared = false, with = new[] { 1L } })).Refused(400);
        (await li.Post($"/api/platform/queries/customer/{id}/delete", new { })).Ok();
        Assert.Null(await Seen(wu));
    }
}
