using System.Security.Claims;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>What happens to rows, and that it can be seen and taken back.</summary>
public class Lifecycle
{
    private const string Customers = "/api/customers/customers";
    private static readonly string[] Rights = [.. Employee.Sales, "customers.customers.restore", "customers.customers.batch", "customers.customers.assign"];

    [Theory, OnEveryEngine, Trait("req", "DOC-10")]
    public async Task A_deleted_customer_is_gone_from_view_comes_back_whole_and_leaves_a_trace_when_purged(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, seller) = (await crm.Hire(Rights), await crm.Hire(Employee.Sales, ScopeKind.All));
        var name = Crm.Name("删除");
        var id = await li.Customer(name, new { address = "原地址" });
        (await li.Delete($"{Customers}/{id}")).Ok();
        Assert.DoesNotContain(id, await li.List(Customers));
        (await seller.Get($"{Customers}/{id}")).Refused(404);
        Assert.Empty((await li.Get($"/api/platform/search?text={Uri.EscapeDataString(name)}")).Ok().Json.EnumerateArray());
        Assert.Contains(id, await li.List(Customers + "?bin=true"));
        (await li.Patch($"{Customers}/{id}", new { address = "x", version = 2 })).Refused(404);

        Assert.Equal(1, (await li.Post(Customers + "/restore", new { ids = new[] { id } })).Ok().Json.GetProperty("done").GetInt32());
        Assert.Equal("原地址", (await li.View("customers", id)).GetProperty("address").GetString());
        Assert.Contains(id, await li.List($"{Customers}?text={Uri.EscapeDataString(name)}"));
        Assert.Equal(["restore", "delete", "create"], History(await li.Get($"{Customers}/{id}/history")).Where(k => k is not "view"));

        (await li.Post(Customers + "/purge", new { ids = new[] { id } })).Refused(403);
        Assert.Equal(0, (await crm.Admin.Post(Customers + "/purge", new { ids = new[] { id } })).Ok().Json.GetProperty("done").GetInt32());
        (await li.Delete($"{Customers}/{id}")).Ok();
        Assert.Equal(1, (await crm.Admin.Post(Customers + "/purge", new { ids = new[] { id } })).Ok().Json.GetProperty("done").GetInt32());
        (await crm.Admin.Get($"{Customers}/{id}")).Refused(404);
        Assert.Contains(name, await crm.Db.First<string>($"select changes from platform.history where document_id = {id} and kind = {"purge"}"));
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from platform.gram where document_id = {id}"));
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from platform.document where id = {id}"));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-10")]
    public async Task A_customer_that_others_depend_on_stays_and_the_refusal_names_them(string engine)
    {
        var crm = await Crm.Shared(engine);
        var parent = await crm.Admin.Customer(Crm.Name("总部"));
        var child = Crm.Name("分部");
        await crm.Admin.Customer(child, new { parentId = parent });
        Assert.Contains(child, (await crm.Admin.Delete($"{Customers}/{parent}")).Refused(422).Detail);
        (await crm.Admin.Get($"{Customers}/{parent}")).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-14")]
    public async Task A_batch_change_is_taken_back_as_a_whole_and_rows_changed_since_are_listed_and_left(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var ids = new List<long>();
        for (var i = 0; i < 4; i++) ids.Add(await li.Customer(Crm.Name("批量"), new { level = "A" }));
        var batch = (await li.Post(Customers + "/change", new { ids, values = new { level = "C", industry = (string?)null } })).Ok().Json;
        Assert.Equal(4, batch.GetProperty("done").GetInt32());
        Assert.Equal(4, (await li.List(Customers + "?level=C")).Count);
        (await li.Patch($"{Customers}/{ids[1]}", new { address = "后来改的", version = 2 })).Ok();

        var operation = batch.GetProperty("operationId").GetInt64();
        var undone = await crm.Send(li, new UndoOperation(operation));
        Assert.Equal(3, undone.Done);
        Assert.Equal(ids[1], Assert.Single(undone.Problems).Id);
        Assert.Equal([ids[1]], await li.List(Customers + "?level=C"));
        Assert.Equal("后来改的", (await li.View("customers", ids[1])).GetProperty("address").GetString());
        await Assert.ThrowsAsync<RuleBroken>(() => crm.Send(li, new UndoOperation(operation)));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-14")]
    public async Task Of_five_who_undo_at_once_one_does(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var id = await li.Customer(Crm.Name("撤销"), new { level = "A" });
        var operation = (await li.Post(Customers + "/change", new { ids = new[] { id }, values = new { level = "C" } })).Ok().Json.GetProperty("operationId").GetInt64();
        var tries = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            try
            {
                return (await crm.Send(li, new UndoOperation(operation))).Done;
            }
            catch (RuleBroken)
            {
                return -1;
            }
        }));
        Assert.Equal(1, Assert.Single(tries, t => t >= 0));
        Assert.Equal(3, (await li.View("customers", id)).GetProperty("version").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-14"), Trait("req", "SEC-2")]
    public async Task Another_users_operation_cannot_be_seen_or_undone(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Rights), await crm.Hire(Rights, ScopeKind.All));
        var id = await li.Customer(Crm.Name("别人的"), new { level = "A" });
        var operation = (await li.Post(Customers + "/change", new { ids = new[] { id }, values = new { level = "C" } })).Ok().Json.GetProperty("operationId").GetInt64();
        await Assert.ThrowsAsync<NotFound>(() => crm.Send(wu, new UndoOperation(operation)));
        await Assert.ThrowsAsync<NotFound>(() => crm.Send(wu, new GetOperation(operation)));
        Assert.DoesNotContain(await crm.Send(wu, new ListOperations(200, Everyones: true)), o => o.Id == operation);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-5")]
    public async Task The_history_tells_who_changed_what_from_what_to_what(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, "customers.customers.import"]);
        var id = await li.Customer(Crm.Name("历史"), new { level = "A" });
        (await li.Patch($"{Customers}/{id}", new { level = "B", address = "新地址", version = 1 })).Ok();
        var entry = (await li.Get($"{Customers}/{id}/history")).Ok().Json.EnumerateArray().First(e => e.GetProperty("kind").GetString() == "update");
        Assert.Equal(li.Name, entry.GetProperty("who").GetString());
        Assert.StartsWith("api", entry.GetProperty("source").GetString());
        var changes = entry.GetProperty("changes").EnumerateArray().ToDictionary(c => c.GetProperty("field").GetString()!);
        Assert.Equal("新地址", changes["address"].GetProperty("to").GetString());
        Assert.NotEqual("A", changes["level"].GetProperty("from").GetString());
        Assert.Equal("客户级别", changes["level"].GetProperty("label").GetString());
        // And from where: a page, a program or an import.
        var sessions = crm.Services.GetRequiredService<Sessions>();
        var session = (await sessions.BySecret(await crm.SessionOf(li.Id), default))!;
        var circuit = new ServerAuthenticationStateProvider();
        circuit.SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity([new Claim(Send.SessionClaim, session.Id)], "tests")))));
        ISend page = new Send(crm.Services.GetAutofacRoot(), circuit, sessions);
        await page.Send(new SaveDocument("customer", id, 2, new Dictionary<string, object?> { ["address"] = "页面上改的" }));
        var secret = (await li.Post("/api/platform/me/tokens", new { name = "集成", scopes = (string[]?)null, readOnly = false, days = 90 })).Ok().Json.GetProperty("secret").GetString()!;
        (await crm.Program(secret).Patch($"{Customers}/{id}", new { address = "程序改的", version = 3 })).Ok();
        async Task<List<string?>> Sources(long document, string kind) => [.. (await li.Get($"{Customers}/{document}/history")).Ok().Json.EnumerateArray().Where(e => e.GetProperty("kind").GetString() == kind).Select(e => e.GetProperty("source").GetString())];
        var from = await Sources(id, "update");
        Assert.Equal(3, from.Count);
        Assert.StartsWith("api", from[0]);
        Assert.Contains("令牌", from[0]);
        Assert.Equal("ui 127.0.0.1", from[1]);
        Assert.DoesNotContain("令牌", from[2]);
        var name = Crm.Name("导入来的有限公司");
        await Importing.Run(li, Importing.Csv("客户名称", [name]), ImportMode.GoodRows);
        Assert.Equal(["import"], await Sources(Assert.Single(await li.List($"{Customers}?name={Uri.EscapeDataString(name)}")), "create"));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-15")]
    public async Task Owner_and_department_are_kept_with_their_times_through_transfer_and_move(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var (north, south) = (await crm.Department("北区"), await crm.Department("南区"));
        var role = await crm.Role(Rights, ScopeKind.Department);
        var (li, wu) = (await crm.Hire(north, role), await crm.Hire(south, role));
        var id = await li.Customer(Crm.Name("历任"));
        clock.Advance(TimeSpan.FromHours(2));
        (await crm.Admin.Patch($"{Customers}/{id}", new { ownerId = wu.Id, version = 1 })).Ok();
        clock.Advance(TimeSpan.FromHours(2));
        await Move(crm, wu, north);
        var tenures = await crm.Db.Query<Tenure>($"select owner_id, department_id, from_at, to_at from platform.tenure where document_id = {id} order by from_at");
        Assert.Equal([(li.Id, north), (wu.Id, south), (wu.Id, north)], tenures.Select(t => (t.OwnerId, t.DepartmentId)));
        Assert.Equal([1, 3, 5], tenures.Select(t => t.FromAt.Hour));
        Assert.Equal([3, 5, null], tenures.Select(t => t.ToAt?.Hour));
        Assert.Equal(north, (await crm.Admin.View("customers", id)).GetProperty("departmentId").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-3")]
    public async Task Moving_a_person_or_a_department_changes_what_is_seen_at_once(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (north, south) = (await crm.Department("北"), await crm.Department("南"));
        var (manager, seller) = (await crm.Hire(north, await crm.Role(Rights, ScopeKind.DepartmentAndBelow)), await crm.Hire(south, await crm.Role(Rights)));
        var id = await seller.Customer(Crm.Name("随人"));
        (await manager.Get($"{Customers}/{id}")).Refused(404);
        await Move(crm, seller, north);
        (await manager.Get($"{Customers}/{id}")).Ok();
        await Move(crm, seller, south);
        (await manager.Get($"{Customers}/{id}")).Refused(404);

        var version = (await crm.Admin.Get($"/api/settings/departments/{south}")).Ok().Json.GetProperty("version").GetInt64();
        (await crm.Admin.Patch($"/api/settings/departments/{south}", new { parentId = north, version })).Ok();
        (await manager.Get($"{Customers}/{id}")).Ok();
        Assert.Contains(id, await manager.List(Customers));
    }

    private static async Task Move(Crm crm, Employee who, long department)
    {
        var version = (await crm.Admin.Get($"/api/settings/users/{who.Id}")).Ok().Json.GetProperty("version").GetInt64();
        (await crm.Admin.Patch($"/api/settings/users/{who.Id}", new { homeId = department, version })).Ok();
    }

    private static IEnumerable<string?> History(Answer answer) => answer.Ok().Json.EnumerateArray().Select(e => e.GetProperty("kind").GetString());

    private sealed record Tenure(long OwnerId, long DepartmentId, DateTime FromAt, DateTime? ToAt);
}
