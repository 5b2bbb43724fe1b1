using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Customers.Owners;

namespace KuaipuCrm.Tests.Customers;

/// <summary>Customers change hands (CUS-13).</summary>
public class Transferring
{
    [Theory, OnEveryEngine, Trait("req", "CUS-13"), Trait("req", "DOC-15")]
    public async Task Customers_are_transferred_with_their_people_former_owners_stay_known_and_all_can_be_undone(string engine)
    {
        var crm = await Crm.Shared(engine);
        var manager = await crm.Hire(Manager, ScopeKind.All);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var ids = new List<long>();
        for (var i = 0; i < 12; i++) ids.Add(await li.Customer(Crm.Name("移交")));
        var person = await li.Contact(Crm.Name("随行"), new { employerId = ids[0] });
        (await li.Post(List + "/transfer", new { ids, toId = wang.Id, along = false })).Refused(403);
        (await manager.Post(List + "/transfer", new { ids, toId = 999_999_999L, along = false })).Refused(400);
        (await manager.Post(List + "/transfer", new { ids = Array.Empty<long>(), toId = wang.Id, along = false })).Refused(400);
        var result = (await manager.Post(List + "/transfer", new { ids, toId = wang.Id, along = true, reason = "区域调整" })).Ok().Json;
        Assert.Equal(12, result.GetProperty("done").GetInt32());
        Assert.Equal((12, 0), (await crm.Held(wang), await crm.Held(li)));
        Assert.Equal(wang.Id, (await wang.View("contacts", person)).GetProperty("ownerId").GetInt64());
        Assert.Contains(Said(await wang.Get("/api/platform/messages")), t => t.Contains("12 个客户移交给您"));
        var change = (await wang.Get($"{List}/{ids[0]}/ownership")).Ok().Json.GetProperty("changes")[0];
        Assert.Equal((li.Name, wang.Name, "区域调整"), (change.GetProperty("from").GetString(), change.GetProperty("to").GetString(), change.GetProperty("reason").GetString()));
        Assert.Equal([li.Id, wang.Id], await crm.Db.Query<long>($"select t.owner_id from platform.tenure t where t.document_id = {ids[3]} order by t.from_at"));
        Assert.Equal(13, (await manager.Post($"/api/platform/operations/{result.GetProperty("operationId").GetInt64()}/undo", new { })).Ok().Json.GetProperty("done").GetInt32());
        Assert.Equal((0, 12), (await crm.Held(wang), await crm.Held(li)));
        Assert.Equal(li.Id, (await li.View("contacts", person)).GetProperty("ownerId").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-13"), Trait("req", "DOC-14")]
    public async Task What_is_open_goes_along_and_comes_back_with_the_customer(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var id = await li.Customer(Crm.Name("随行客户"));
        (await li.Post(List + "/key", new { ids = new[] { id } })).Ok();
        var lead = await crm.Admin.Create("/api/leads/leads", new { subject = Crm.Name("线索"), customerId = id, ownerId = li.Id, confirmed = new[] { "duplicate" } });
        var task = await crm.Admin.Create("/api/targets/tasks", new { subject = Crm.Name("任务"), documentId = id, ownerId = li.Id });
        var deal = await crm.Admin.Create("/api/opportunities/opportunities", new { name = Crm.Name("商机"), customerId = id, ownerId = li.Id, confirmed = new[] { "duplicate" } });
        var appointment = await crm.Admin.Create("/api/tracking/appointments", new { customerId = id, ownerId = li.Id, at = DateTime.UtcNow.AddDays(3) });
        string[] along = [$"/api/leads/leads/{lead}", $"/api/targets/tasks/{task}", $"/api/opportunities/opportunities/{deal}", $"/api/tracking/appointments/{appointment}"];
        async Task<long> Owner(string url) => (await crm.Admin.Get(url)).Ok().Json.GetProperty("ownerId").GetInt64();
        async Task<bool> All(long owner) => (await Task.WhenAll(along.Select(Owner))).All(o => o == owner);
        var moved = (await crm.Admin.Post(List + "/transfer", new { ids = new[] { id }, toId = wang.Id, along = true })).Ok().Json.GetProperty("operationId").GetInt64();
        await Events.Delivering.Until(() => All(wang.Id));
        Assert.Empty((await crm.Admin.Post($"/api/platform/operations/{moved}/undo", new { })).Ok().Json.GetProperty("problems").EnumerateArray());
        Assert.True(await All(li.Id));
        Assert.Equal([id], await li.List(List + "?view=key"));
        // Released by mistake: what was arranged is arranged again.
        async Task<string?> State() => (await crm.Admin.Get(along[3])).Ok().Json.GetProperty("state").GetString();
        var released = (await crm.Admin.Post(List + "/release", new { ids = new[] { id }, reason = "误操作" })).Ok().Json.GetProperty("operationId").GetInt64();
        await Events.Delivering.Until(async () => await State() == "cancelled");
        Assert.Empty((await crm.Admin.Post($"/api/platform/operations/{released}/undo", new { })).Ok().Json.GetProperty("problems").EnumerateArray());
        Assert.Equal("open", await State());
        // Taken back before the others have heard of it: they hear of nothing.
        var hasty = (await crm.Admin.Post(List + "/transfer", new { ids = new[] { id }, toId = wang.Id, along = true })).Ok().Json.GetProperty("operationId").GetInt64();
        (await crm.Admin.Post($"/api/platform/operations/{hasty}/undo", new { })).Ok();
        await Events.Delivering.Until(async () => await crm.Db.First<long>($"select count(*) from platform.delivery where document_id = {id}") == 0);
        Assert.True(await All(li.Id));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-13"), Trait("req", "CUS-9")]
    public async Task The_manager_of_a_pool_assigns_its_customers_and_nobody_elses(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (keeper, li) = (await crm.Hire(Manager), await crm.Hire(Seller));
        var (own, other) = (await crm.Pool([li], manager: keeper), await crm.Pool([li]));
        var (mine, foreign) = (await crm.Open(own), await crm.Open(other));
        (await keeper.Post(List + "/transfer", new { ids = new[] { foreign }, toId = li.Id, along = false })).Refused(404);
        (await keeper.Post(List + "/transfer", new { ids = new[] { mine }, toId = li.Id, along = false })).Ok();
        Assert.Equal((li.Id, null), (await crm.OwnerOf(mine), await crm.OwnerOf(foreign)));
    }
}
