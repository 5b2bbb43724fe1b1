using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Customers.Owners;

namespace KuaipuCrm.Tests.Customers;

/// <summary>Someone leaves: all goes to the heirs by rule, and back by one command (SET-1, DOC-15).</summary>
public class HandingOver
{
    [Theory, OnEveryEngine, Trait("req", "SET-1"), Trait("req", "DOC-15")]
    public async Task All_goes_to_the_heirs_by_rule_the_past_stays_as_it_was_and_one_command_gives_it_back(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("离职部门");
        var (boss, role) = (await crm.Hire(department, await crm.Role(Manager, ScopeKind.DepartmentAndBelow)), await crm.Role(Seller));
        var (leaver, south, agents, rest) = (await crm.Hire(department, role, boss.Id), await crm.Hire(department, role, boss.Id), await crm.Hire(department, role, boss.Id), await crm.Hire(department, role, boss.Id));
        var customers = new Dictionary<string, List<long>> { ["south"] = [], ["agents"] = [], ["rest"] = [] };
        for (var i = 0; i < 6; i++)
        {
            customers["south"].Add(await leaver.Customer(Crm.Name("华南"), new { region = "440300" }));
            customers["agents"].Add(await leaver.Customer(Crm.Name("代理"), new { region = "110100", customerType = "agent" }));
            customers["rest"].Add(await leaver.Customer(Crm.Name("其他"), new { region = "310000" }));
        }
        var person = await leaver.Contact(Crm.Name("联系人"), new { employerId = customers["south"][0] });
        var pool = await crm.Pool([leaver, rest], review: "yes");
        var (asked, both) = (await crm.Open(pool, "在申请"), await crm.Open(pool, "都在关注"));
        (await leaver.Ask(asked)).Ok();
        (await leaver.Post(List + "/watch", new { ids = new[] { asked, both } })).Ok();
        (await rest.Post(List + "/watch", new { ids = new[] { both } })).Ok();
        async Task Watched(Employee who, params long[] ids) => Assert.Equal(ids.Order(), (await who.List(List + "?view=watched")).Order());
        // What was shared with the leaver, and the pools the leaver looks after.
        var shared = await crm.Admin.Customer(Crm.Name("共享的"));
        (await crm.Admin.Post($"/api/platform/documents/customer/{shared}/shares", new { users = new[] { leaver.Id }, departments = Array.Empty<long>(), write = true, kinds = Array.Empty<string>() })).Ok();
        // Watched while it was open, and somebody's since: the heir could not watch it.
        var db = crm.Db;
        await db.Unit(() => db.Execute($"insert into customers.watch (user_id, customer_id, at) values ({leaver.Id}, {shared}, {DateTime.UtcNow})"));
        var kept = await crm.Open(await crm.Pool([], manager: leaver));
        var lastQuarter = DateTime.UtcNow;
        var before = await Then(crm, leaver, lastQuarter);
        Assert.Equal(19, before.Count);
        var rules = new object[] { new { type = "customer", field = "region", values = new[] { "440000" }, heirs = new[] { south.Id } }, new { type = "customer", field = "customerType", values = new[] { "agent" }, heirs = new[] { agents.Id } } };
        var path = $"/api/settings/users/{leaver.Id}/hand-over";
        var preview = (await crm.Admin.Get(path)).Ok().Json;
        Assert.Equal(1, preview.GetProperty("beside").EnumerateArray().Single(b => b.GetProperty("type").GetString() == "lock-requests").GetProperty("count").GetInt64());
        var shares = (await crm.Admin.Post(path + "/shares", new { type = "customer", heirs = new[] { rest.Id }, rules })).Ok().Json.EnumerateArray().ToDictionary(s => s.GetProperty("userId").GetInt64(), s => s.GetProperty("count").GetInt64());
        Assert.Equal((6L, 6L, 6L), (shares[south.Id], shares[agents.Id], shares[rest.Id]));
        (await crm.Admin.Post(path, new { heirs = new Dictionary<string, long[]>(), reason = "离职", disable = false, rules = new[] { new { type = "customer", field = "name", values = new[] { "x" }, heirs = new[] { south.Id } } } })).Refused(400);
        var done = (await crm.Admin.Post(path, new { heirs = new Dictionary<string, long[]> { ["customer"] = [rest.Id], ["contact"] = [rest.Id] }, reason = "离职", disable = false, rules, besideTo = rest.Id })).Ok().Json;
        // With the request, the share, the pool and the customer watched that went along; the heir watches none twice.
        await Watched(rest, asked, both);
        await Watched(leaver, both);
        Assert.Equal((23, 0), (done.GetProperty("done").GetInt32(), done.GetProperty("problems").GetArrayLength()));
        foreach (var (who, heir) in new[] { ("south", south), ("agents", agents), ("rest", rest) })
            foreach (var id in customers[who]) Assert.Equal(heir.Id, await crm.OwnerOf(id));
        Assert.Equal(south.Id, (await south.View("contacts", person)).GetProperty("ownerId").GetInt64());
        Assert.Equal(asked, (await rest.Get(Root + "/lock-requests?box=mine")).Only().GetProperty("customerId").GetInt64());
        foreach (var id in new[] { shared, kept })
        {
            (await rest.Get($"{List}/{id}")).Ok();
            (await leaver.Get($"{List}/{id}")).Refused(404);
        }
        // Whose it was then, it was.
        Assert.Equal(before, await Then(crm, leaver, lastQuarter));
        Assert.Equal(19, (await crm.Admin.Post($"/api/platform/operations/{done.GetProperty("operationId").GetInt64()}/undo", new { })).Ok().Json.GetProperty("done").GetInt32());
        foreach (var id in customers.Values.SelectMany(v => v)) Assert.Equal(leaver.Id, await crm.OwnerOf(id));
        Assert.Equal(asked, (await leaver.Get(Root + "/lock-requests?box=mine")).Only().GetProperty("customerId").GetInt64());
        await Watched(leaver, asked, both, shared);
        await Watched(rest, both);
        foreach (var id in new[] { shared, kept })
        {
            (await leaver.Get($"{List}/{id}")).Ok();
            (await rest.Get($"{List}/{id}")).Refused(404);
        }
        Assert.Equal(before, await Then(crm, leaver, lastQuarter));
    }

    /// <summary>What someone owned at a moment.</summary>
    private static async Task<IReadOnlyList<long>> Then(Crm crm, Employee who, DateTime at) =>
        await crm.Db.Query<long>($"select t.document_id from platform.tenure t where t.owner_id = {who.Id} and t.from_at <= {at} and (t.to_at is null or t.to_at > {at}) order by t.document_id");
}
