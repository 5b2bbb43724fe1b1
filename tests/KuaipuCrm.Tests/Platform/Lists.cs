using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Lists give exactly the rows asked for, in the order asked for, on every engine (DOC-3).</summary>
public class Lists
{
    private const string Customers = "/api/customers/customers";

    private static IEnumerable<FieldDefinition> Fields(Crm crm, string type) => crm.Services.GetRequiredService<ModuleCatalog>().Document(type).Fields.Where(f => !f.Hidden);

    /// <summary>Thirty customers with values missing and values alike, so that the order has ties and nulls.</summary>
    private static async Task<(Employee Boss, string Filter, HashSet<long> All)> Thirty(string engine)
    {
        var crm = await Crm.Shared(engine);
        var boss = await crm.Hire([.. Employee.Sales, "customers.customers.assign"], ScopeKind.Own);
        var token = Crm.Name("翻页");
        var ids = new HashSet<long>();
        for (var i = 0; i < 30; i++)
            ids.Add(await boss.Customer($"{"甲乙丙"[i % 3]}{token}", new
            {
                level = i % 4 == 0 ? null : i % 2 == 0 ? "A" : "B",
                address = i % 3 == 0 ? null : $"路{i % 5}号",
                phone = i % 5 == 0 ? "0755-88880000" : null,
                parentId = i % 7 == 3 ? ids.First() : (long?)null,
            }));
        return (boss, $"{Customers}?name.contains={Uri.EscapeDataString(token)}&take=7", ids);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-3")]
    public async Task Turning_pages_shows_every_row_once_forwards_and_backwards_in_any_order(string engine)
    {
        var (boss, filter, all) = await Thirty(engine);
        foreach (var field in Fields(boss.Crm, "customer").Where(f => f.Kind != FieldKind.LongText && !f.Masked))
            foreach (var sort in new[] { field.Name, "-" + field.Name })
            {
                var url = $"{filter}&sort={sort}";
                var forward = await boss.List(url);
                Assert.Equal(all.Count, forward.Count);
                Assert.Equal(all, forward.ToHashSet());
                var back = new List<long>();
                var last = forward[^2..];
                var page = (await boss.Get($"{url}&page=5")).Ok().Json;
                Assert.Equal(last, [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64())]);
                while (page.GetProperty("previous").GetString() is { } previous)
                {
                    page = (await boss.Get($"{url}&cursor={Uri.EscapeDataString(previous)}")).Ok().Json;
                    back.InsertRange(0, page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64()));
                }
                Assert.Equal(forward[..^2], back);
            }
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-3")]
    public async Task Rows_are_in_the_order_asked_for_and_empty_values_come_first(string engine)
    {
        var (boss, filter, _) = await Thirty(engine);
        var rows = (await boss.Get($"{filter.Replace("take=7", "take=50")}&sort=address&columns=address")).Ok().Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("address").GetString()).ToList();
        Assert.Equal(rows.OrderBy(a => a ?? "", StringComparer.Ordinal), rows);
        rows = [.. (await boss.Get($"{filter.Replace("take=7", "take=50")}&sort=-address&columns=address")).Ok().Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("address").GetString())];
        Assert.Equal(rows.OrderByDescending(a => a ?? "", StringComparer.Ordinal), rows);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-3")]
    public async Task A_row_added_or_changed_while_someone_turns_pages_hides_no_other(string engine)
    {
        var (boss, filter, all) = await Thirty(engine);
        var url = $"{filter}&sort=name";
        var first = (await boss.Get(url)).Ok().Json;
        var seen = first.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64()).ToHashSet();
        await boss.Customer("丁新来的");
        (await boss.Delete($"{Customers}/{seen.First()}")).Ok();
        for (var next = first.GetProperty("next").GetString(); next is not null;)
        {
            var page = (await boss.Get($"{url}&cursor={Uri.EscapeDataString(next)}")).Ok().Json;
            seen.UnionWith(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64()));
            next = page.GetProperty("next").GetString();
        }
        Assert.Superset(all, seen);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-3")]
    public async Task Every_field_can_be_filtered_in_every_way_or_the_refusal_says_why(string engine)
    {
        var crm = await Crm.Shared(engine);
        foreach (var type in new[] { "customer", "contact", "user", "department", "role", "post" })
        {
            var path = crm.Services.GetRequiredService<ModuleCatalog>().Document(type) is var d ? $"/api/{d.Module}/{d.Plural}" : "";
            foreach (var field in Fields(crm, type))
                foreach (var op in Enum.GetValues<FilterOp>())
                    foreach (var value in new[] { "1", "甲", "2026-01-31", "thisMonth", "A,B", "%", "'", "true", "" })
                    {
                        var answer = await crm.Admin.Get($"{path}?{field.Name}.{op}={Uri.EscapeDataString(value)}&take=1");
                        if ((int)answer.Status != 200) answer.Refused(400);
                    }
        }
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-3"), Trait("req", "CUS-8")]
    public async Task Filters_find_what_they_say(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var a = await li.Customer("50%折扣_有限公司", new { level = "A", address = "Shenzhen" });
        var b = await li.Customer("北京某公司", new { level = "B" });
        var zhang = await li.Contact("张三", new { birthday = "1990-05-01", employerId = a });
        var wang = await li.Contact("王五", new { birthday = "2000-12-31" });

        Assert.Equal([a], await li.List(Customers + "?level=A"));
        Assert.Equal([b], await li.List(Customers + "?level.isNot=A"));
        Assert.Equal([b, a], await li.List(Customers + "?level.in=A,B&sort=-number"));
        Assert.Equal([a], await li.List(Customers + "?name.contains=" + Uri.EscapeDataString("%折")));
        Assert.Empty(await li.List(Customers + "?name.contains=" + Uri.EscapeDataString("0_折")));
        Assert.Equal([a], await li.List(Customers + "?name.startsWith=" + Uri.EscapeDataString("50%")));
        Assert.Equal([a], await li.List(Customers + "?address.contains=SHENZHEN"));
        Assert.Equal([b], await li.List(Customers + "?address.empty="));
        Assert.Equal([a], await li.List(Customers + "?address.notEmpty="));
        Assert.Equal([b, a], await li.List(Customers + "?ownerId=@me&sort=-number"));
        Assert.Equal([b, a], await li.List(Customers + "?createdAt.within=today&sort=-number"));
        Assert.Empty(await li.List(Customers + "?createdAt.within=yesterday"));
        Assert.Equal([zhang], await li.List("/api/customers/contacts?birthday.to=1999-12-31"));
        Assert.Equal([wang], await li.List("/api/customers/contacts?birthday.from=2000-12-31"));
        Assert.Equal([zhang], await li.List("/api/customers/contacts?birthday=1990-05-01"));
        Assert.Equal([zhang], await li.List($"/api/customers/contacts?employerId={a}"));
        Assert.Equal([b], await li.List(Customers + "?level=B&bin=false&level.notEmpty="));
    }

    [Theory, OnEveryEngine, Trait("req", "UI-8")]
    public async Task A_customer_is_found_by_part_of_its_name_pinyin_initials_number_and_phone(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var digits = Random.Shared.Next(1_000_000, 9_999_999);
        var saved = (await li.Post(Customers, new { name = "重庆长安汽车股份", phone = $"023-6{digits}", confirmed = new[] { "duplicate" } })).Is(201).Json;
        var id = saved.GetProperty("id").GetInt64();
        foreach (var text in new[] { "长安", "安", "cqca", "CQ", "重庆 汽车", saved.GetProperty("number").GetString()!, $"6{digits}", $"023-6{digits}", $"{digits}" })
        {
            Assert.True((await li.List($"{Customers}?text={Uri.EscapeDataString(text)}")).Contains(id), $"the list does not find it by “{text}”");
            Assert.True((await li.Get($"/api/platform/search?text={Uri.EscapeDataString(text)}")).Ok().Json.EnumerateArray().Any(f => f.GetProperty("id").GetInt64() == id), $"the search box does not find it by “{text}”");
        }
        var contact = await li.Contact("长安联系人");
        async Task<List<long>> Of(string types) => [.. (await li.Get($"/api/platform/search?text={Uri.EscapeDataString("长安")}&{types}")).Ok().Json.EnumerateArray().Select(f => f.GetProperty("id").GetInt64())];
        Assert.Equal([contact], await Of("types=contact"));
        Assert.Equal(new[] { id, contact }.Order(), (await Of("types=contact,customer")).Order());
        // Signs among Latin letters, as codes and models have them.
        var model = await li.Customer(Crm.Name("长安 QX-70"));
        foreach (var text in new[] { "QX-70", "qx70", "x-70" }) Assert.Contains(model, await li.List($"{Customers}?text={text}"));
        foreach (var text in new[] { "长沙", "xyz", "9999999999", "%", "_", "--", "QY-70", "安长" }) Assert.Empty(await li.List($"{Customers}?text={Uri.EscapeDataString(text)}"));
    }

    [Theory, OnEveryEngine, Trait("req", "UI-4")]
    public async Task A_saved_query_is_kept_for_its_owner_and_shown_to_others_only_when_shared(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var request = new ListRequest { Filters = [new Filter("level", FilterOp.Is, "A")], Sort = "name" };
        var (mine, shared) = (Crm.Name("我的"), Crm.Name("共享"));
        await crm.Send(li, new SaveQuery("customer", mine, request, false));
        var id = await crm.Send(li, new SaveQuery("customer", shared, request, true));
        Assert.Equal(new HashSet<string> { mine, shared }, (await crm.Send(li, new ListSavedQueries("customer"))).Where(q => q.Mine).Select(q => q.Name).ToHashSet());
        Assert.Contains(shared, (await crm.Send(wu, new ListSavedQueries("customer"))).Select(q => q.Name));
        Assert.DoesNotContain(mine, (await crm.Send(wu, new ListSavedQueries("customer"))).Select(q => q.Name));
        Assert.Equal("A", (await crm.Send(wu, new ListSavedQueries("customer"))).Single(q => q.Id == id).Request.Filters.Single().Values.Single());
        await Assert.ThrowsAsync<NotFound>(() => crm.Send(wu, new DeleteQuery("customer", id)));
    }
}
