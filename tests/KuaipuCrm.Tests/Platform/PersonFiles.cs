using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>A colleague's file shows what belongs to the colleague, as far as the viewer's data scope goes (UI-7).</summary>
[Trait("req", "UI-7")]
public class PersonFiles
{
    [Theory, OnEveryEngine]
    public async Task The_data_scope_cuts_the_list_and_the_permission_the_opening(string engine)
    {
        var crm = await Crm.Shared(engine);
        var home = await crm.Department("部门");
        var sales = await crm.Role(Employee.Sales);
        var li = await crm.Hire(home, sales);
        var (customer, contact) = (await li.Customer(Crm.Name("李的客户")), await li.Contact(Crm.Name("李的联系人")));
        async Task<Dictionary<string, long>> Counts(Employee who) =>
            (await who.Get($"/api/platform/people/{li.Id}")).Ok().Json.GetProperty("holdings").EnumerateArray().ToDictionary(h => h.GetProperty("type").GetString()!, h => h.GetProperty("count").GetInt64());
        async Task<List<long>> Held(Employee who, string type) =>
            [.. (await who.Get($"/api/platform/people/{li.Id}/documents/{type}")).Ok().Json.GetProperty("documents").EnumerateArray().Select(d => d.GetProperty("id").GetInt64())];
        Assert.Equal((1, 1), ((await Counts(li))["customer"], (await Counts(li))["contact"]));

        // Sees all rows of the department, may open contacts only.
        var clerk = await crm.Hire(home, await crm.Role(["customers.contacts.read"], ScopeKind.Department));
        Assert.Equal(1, (await Counts(clerk))["customer"]);
        Assert.Equal([customer], await Held(clerk, "customer"));
        Assert.False((await clerk.Get($"/api/platform/people/{li.Id}/documents/customer")).Ok().Json.GetProperty("mayOpen").GetBoolean());
        (await clerk.Get($"/api/customers/customers/{customer}")).Refused(403);
        (await clerk.Get($"/api/customers/contacts/{contact}")).Ok();

        // What others own and the person takes part in stands apart, within the viewer's rows: a task the administrator has given to Li.
        var task = await crm.Admin.Create("/api/targets/tasks", new { subject = Crm.Name("任务"), ownerId = li.Id });
        var file = (await li.Get($"/api/platform/people/{crm.Admin.Id}")).Ok().Json;
        Assert.Equal(1, Assert.Single(file.GetProperty("takesPart").EnumerateArray(), h => h.GetProperty("type").GetString() == "task").GetProperty("count").GetInt64());
        Assert.DoesNotContain(file.GetProperty("holdings").EnumerateArray(), h => h.GetProperty("type").GetString() == "task");
        async Task<List<long>> Part(Employee who) => [.. (await who.Get($"/api/platform/people/{crm.Admin.Id}/documents/task?part=true")).Ok().Json.GetProperty("documents").EnumerateArray().Select(d => d.GetProperty("id").GetInt64())];
        Assert.Equal([task], await Part(li));
        Assert.Empty(await Part(await crm.Hire(Employee.Sales)));
        (await li.Get($"/api/platform/people/{crm.Admin.Id}/documents/contact?part=true")).Refused(404);

        // Of another department: nothing, neither rows nor their number.
        var stranger = await crm.Hire(Employee.Sales);
        Assert.Empty(await Counts(stranger));
        Assert.Empty(await Held(stranger, "customer"));
        Assert.Equal(li.Name, (await stranger.Get($"/api/platform/people/{li.Id}")).Ok().Json.GetProperty("name").GetString());
        (await stranger.Get("/api/platform/people/1")).Refused(404);
        (await stranger.Get($"/api/platform/people/{li.Id}/documents/nothing")).Refused(404);
        (await stranger.Get($"/api/platform/people/{li.Id}/documents/department")).Refused(404);
    }
}
