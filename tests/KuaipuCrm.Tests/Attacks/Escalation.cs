using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Attacks;

/// <summary>Ways by which people have tried to get more than they were given.</summary>
public class Escalation
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "SEC-1")]
    public async Task A_row_one_sees_and_may_change_can_not_be_taken_from_its_owner(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department(Crm.Name("抢占"));
        var role = await crm.Role(Employee.Sales, ScopeKind.Department);
        var (li, wang) = (await crm.Hire(department, role), await crm.Hire(department, role));
        var id = await li.Customer(Crm.Name("李的客户"));
        (await wang.Patch($"{Customers}/{id}", new { ownerId = wang.Id, version = 1 })).Refused(400);
        Assert.Equal(li.Id, (await li.View("customers", id)).GetProperty("ownerId").GetInt64());
        (await wang.Patch($"{Customers}/{id}", new { address = "只改地址", version = 1 })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-4")]
    public async Task A_masked_number_is_not_found_piece_by_piece_but_in_full(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, boss) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales, ScopeKind.All));
        var mobile = $"139{Random.Shared.Next(10000000, 99999999)}";
        var id = await li.Contact(Crm.Name("号码"), new { mobile });
        async Task<bool> Finds(Employee who, string text) => (await who.List($"/api/customers/contacts?text={text}")).Contains(id);
        Assert.False(await Finds(boss, mobile[..8]));
        Assert.False(await Finds(boss, mobile[5..]));
        Assert.Equal(0, (await boss.Get($"/api/customers/contacts/count?text={mobile[..9]}")).Ok().Json.GetProperty("count").GetInt64());
        Assert.DoesNotContain($"\"id\":{id},", (await boss.Get($"/api/customers/contacts/choices?text={mobile[..9]}")).Ok().Text);
        Assert.DoesNotContain($"\"id\":{id},", (await boss.Get($"/api/platform/search?text={mobile[4..]}")).Ok().Text);
        Assert.True(await Finds(boss, mobile));
        Assert.True(await Finds(li, mobile[..8]));
        Assert.True(await Finds(li, mobile[7..]));
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task Whoever_keeps_people_and_departments_can_not_widen_what_anyone_sees_beyond_their_own(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (home, elsewhere) = (await crm.Department(Crm.Name("本部")), await crm.Department(Crm.Name("别部")));
        var victim = await crm.Hire(elsewhere, await crm.Role(Employee.Sales));
        await victim.Customer(Crm.Name("别部的客户"));
        var keeper = await crm.Hire(home, await crm.Role([.. Employee.Sales, "settings.users.read", "settings.users.create", "settings.users.update", "settings.users.batch", "settings.departments.read", "settings.departments.update", "settings.users.roles", "settings.roles.read", "settings.roles.update"], ScopeKind.OwnAndSubordinates));
        var sales = await crm.Role(Employee.Sales, ScopeKind.Own);
        var puppet = await crm.Hire(home, sales);
        async Task Refuses(Func<Task<Answer>> act)
        {
            (await act()).Refused(422);
            Assert.Equal(0, (await keeper.Get(Customers + "/count")).Ok().Json.GetProperty("count").GetInt64());
        }
        async Task<long> Version(string type, long id) => (await keeper.Get($"/api/settings/{type}/{id}")).Ok().Json.GetProperty("version").GetInt64();
        await Refuses(async () => await keeper.Patch($"/api/settings/users/{victim.Id}", new { superiorId = keeper.Id, version = await Version("users", victim.Id) }));
        await Refuses(async () => await keeper.Patch($"/api/settings/departments/{elsewhere}", new { managerId = keeper.Id, version = await Version("departments", elsewhere) }));
        await Refuses(async () => await keeper.Patch($"/api/settings/users/{victim.Id}", new { homeId = home, version = await Version("users", victim.Id) }));
        await Refuses(() => keeper.Post($"/api/settings/users/{puppet.Id}/roles", new { roleIds = new[] { sales }, grants = new[] { new { type = "*", kind = "DepartmentAndBelow", departments = Array.Empty<long>() } } }));
        await Refuses(async () => await keeper.Post("/api/settings/users/change", new { ids = new[] { victim.Id }, values = new { superiorId = keeper.Id } }));
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2"), Trait("req", "SET-1")]
    public async Task Whoever_hands_over_gives_away_only_what_they_see_and_takes_nobodys_place(string engine)
    {
        var crm = await Crm.Shared(engine);
        var director = await crm.Hire(Employee.Sales, ScopeKind.All);
        var id = await director.Customer(Crm.Name("总监的客户"));
        var clerk = await crm.Hire([.. Employee.Sales, "settings.users.read", "settings.users.hand-over"], ScopeKind.Own);
        var url = $"/api/settings/users/{director.Id}/hand-over";
        var take = new { heirs = new Dictionary<string, long[]> { ["customer"] = [clerk.Id] }, reason = "x", disable = false };
        for (var leaver = 0; leaver < 2; leaver++)
        {
            Assert.Contains("看不到", (await clerk.Post(url, take)).Refused(422).Detail);
            (await clerk.Post(url, new { heirs = new Dictionary<string, long[]>(), reason = "x", disable = false, rules = new[] { new { type = "customer", field = "customerType", values = new[] { "agent" }, heirs = new[] { clerk.Id } } } })).Refused(422);
            (await clerk.Post(url + "/shares", new { type = "customer", heirs = new[] { clerk.Id }, rules = Array.Empty<object>() })).Refused(422);
            var preview = (await clerk.Get(url)).Ok().Json;
            Assert.Equal((0, 1), (preview.GetProperty("owned").GetArrayLength(), preview.GetProperty("unseen").GetArrayLength()));
            if (leaver == 0) (await clerk.Post(url, new { heirs = new Dictionary<string, long[]>(), reason = "x", disable = false, besideTo = clerk.Id })).Refused(422);
            // One who has left and has no role any more stands above nobody; the rows are still not the clerk's.
            (await crm.Admin.Post($"/api/settings/users/{director.Id}/roles", new { roleIds = Array.Empty<long>() })).Ok();
            (await crm.Admin.Patch($"/api/settings/users/{director.Id}", new { status = "disabled", version = (await crm.Admin.Get($"/api/settings/users/{director.Id}")).Ok().Json.GetProperty("version").GetInt64() })).Ok();
        }
        Assert.Empty(await clerk.List(Customers));
        var boss = await crm.Hire([.. Employee.Sales, "settings.users.hand-over"], ScopeKind.All);
        (await boss.Post(url, take)).Ok();
        Assert.Equal([id], await clerk.List(Customers));
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-3"), Trait("req", "SET-1")]
    public async Task A_reporting_line_or_a_tree_of_departments_is_never_bent_into_a_ring(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department(Crm.Name("环"));
        var boss = await crm.Hire(department, null);
        var middle = await crm.Hire(department, null, boss.Id);
        var lowest = await crm.Hire(department, null, middle.Id);
        (await crm.Admin.Patch($"/api/settings/users/{boss.Id}", new { superiorId = lowest.Id, version = 1 })).Refused(400);
        (await crm.Admin.Patch($"/api/settings/users/{boss.Id}", new { superiorId = boss.Id, version = 1 })).Refused(400);
        // Two who name each other in one act.
        var (one, other) = (await crm.Hire(department, null), await crm.Hire(department, null));
        (await crm.Admin.Post("/api/settings/users/bulk", new { rows = new[] { new { id = one.Id, version = 1, superiorId = other.Id }, new { id = other.Id, version = 1, superiorId = one.Id } } })).Refused(422);
        var (left, right) = (await crm.Department(Crm.Name("左")), await crm.Department(Crm.Name("右")));
        (await crm.Admin.Post("/api/settings/departments/bulk", new { rows = new[] { new { id = left, version = 1, parentId = right }, new { id = right, version = 1, parentId = left } } })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-1")]
    public async Task Who_is_deleted_for_good_leaves_the_login_to_another_and_the_bin_is_named_as_what_holds_a_department(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department(Crm.Name("空的"));
        var leaver = await crm.Hire(department, null);
        (await crm.Admin.Delete($"/api/settings/users/{leaver.Id}")).Ok();
        var kept = (await crm.Admin.Post("/api/settings/departments/delete", new { ids = new[] { department } })).Ok().Json;
        Assert.Contains("回收站", kept.GetProperty("problems")[0].GetProperty("message").GetString());
        (await crm.Admin.Post("/api/settings/users/purge", new { ids = new[] { leaver.Id } })).Ok();
        Assert.NotEqual(leaver.Id, await crm.Admin.Create("/api/settings/users", new { name = "同名", login = leaver.Login, homeId = crm.HeadDepartment }));
        Assert.Equal(1, (await crm.Admin.Post("/api/settings/departments/delete", new { ids = new[] { department } })).Ok().Json.GetProperty("done").GetInt32());
        (await crm.Admin.Post("/api/settings/numbering/unbekannt", new { prefix = "X", datePart = "none", digits = 5, reset = "none" })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task Taking_a_narrow_scope_out_of_a_role_does_not_leave_a_wide_one(string engine)
    {
        var crm = await Crm.Shared(engine);
        var role = await crm.Role(Employee.Sales, ScopeKind.All);
        await crm.Admin.Post($"/api/settings/roles/{role}/rights", new { permissions = Employee.Sales, grants = new[] { Grant("*", ScopeKind.All), Grant("contact", ScopeKind.Own) } });
        await crm.Hire(await crm.Department(Crm.Name("窄")), role);
        var keeper = await crm.Hire([.. Employee.Sales, "settings.roles.read", "settings.roles.update"], ScopeKind.OwnAndSubordinates);
        (await keeper.Post($"/api/settings/roles/{role}/rights", new { permissions = Employee.Sales, grants = new[] { Grant("*", ScopeKind.All) } })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-1")]
    public async Task The_administrator_is_not_renamed_or_disabled_by_whoever_keeps_users_and_the_last_one_stays(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var keeper = await crm.Hire(["settings.users.read", "settings.users.update", "settings.users.delete", "settings.users.accounts"]);
        var url = $"/api/settings/users/{crm.Admin.Id}";
        (await keeper.Patch(url, new { login = "gone", version = 1 })).Refused(422);
        (await keeper.Patch(url, new { status = "disabled", version = 1 })).Refused(422);
        (await keeper.Post(url + "/sign-out", new { })).Refused(422);
        (await keeper.Post(url + "/password", new { password = "Uebernommen1" })).Refused(422);
        (await crm.Admin.Get(Customers + "/count")).Ok();
        var second = await crm.Hire(await crm.Department("总部二"), null, name: "第二管理员");
        Assert.NotEqual(200, (int)(await crm.Admin.Post($"{url}/roles", new { roleIds = Array.Empty<long>() })).Status);
        Assert.True(second.Id > 0);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-7")]
    public async Task Nobody_looks_through_or_takes_over_an_account_that_sees_more(string engine)
    {
        var crm = await Crm.Shared(engine);
        var keeper = await crm.Hire([.. Employee.Sales, "settings.users.read", "settings.users.accounts", "settings.rights.see-as", "settings.rights.explain"], ScopeKind.Own);
        var wide = await crm.Hire(Employee.Sales, ScopeKind.All);
        Assert.Equal(403, (int)(await keeper.Post($"/see-as/{wide.Id}", new { })).Status);
        (await keeper.Post($"/api/settings/users/{wide.Id}/password", new { password = "Uebernommen1" })).Refused(422);
        (await keeper.Post($"/api/settings/users/{wide.Id}/unlock", new { })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-5"), Trait("req", "SEC-4")]
    public async Task Numbers_leave_in_full_only_when_asked_for_and_each_row_says_so(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var boss = await crm.Hire([.. Employee.Sales, "customers.customers.unmask"], ScopeKind.All);
        var other = await crm.Hire(Employee.Sales, ScopeKind.All);
        var name = Crm.Name("导出号码");
        var id = await li.Customer(name, new { phone = "0755-87650001" });
        var url = $"{Customers}/export?format=csv&text={name}&columns=name,phone";
        Assert.DoesNotContain("87650001", (await boss.Get(url)).Ok().Text);
        Assert.Contains("87650001", (await boss.Get(url + "&unmask=true")).Ok().Text);
        Assert.Contains("\"export\"", (await boss.Get($"{Customers}/{id}/history")).Ok().Text);
        (await other.Get(url + "&unmask=true")).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-5"), Trait("req", "SEC-7")]
    public async Task What_is_carried_off_while_seeing_as_another_is_the_administrators_doing(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var name = Crm.Name("视角");
        var id = await li.Customer(name, new { phone = "0755-87650002" });
        (await li.Get($"{Customers}/{id}")).Ok();
        var admin = await crm.As(crm.Admin.Id, "admin", "系统管理员");
        (await admin.Post($"/see-as/{li.Id}", new { })).Is(302);
        (await admin.Get($"{Customers}/export?format=csv&text={name}")).Ok();
        (await admin.Get($"{Customers}/print?text={name}")).Ok();
        (await admin.Get($"{Customers}/{id}")).Ok();
        var eyes = $"以 {li.Name} 的视角。";
        var noted = await crm.Db.Query<string>($"select label from platform.operation where user_id = {crm.Admin.Id} and kind = 'export' and message = {eyes}");
        Assert.Equal(2, noted.Count);
        // Looked at right after the owner: two views.
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.history where document_id = {id} and kind = 'view' and seen_by = {crm.Admin.Id}"));
    }

    [Theory, OnEveryEngine, Trait("req", "UI-12")]
    public async Task A_waiting_import_that_is_cancelled_stays_undone(string engine)
    {
        await using var crm = await Crm.Start(engine);
        async Task<long> Start(int rows)
        {
            var text = string.Join("\r\n", Enumerable.Range(1, rows).Select(i => $"取消{rows}-{i}号有限公司").Prepend("客户名称"));
            var file = (await crm.Admin.Send(HttpMethod.Post, $"{Customers}/import/files?name=a.csv", new ByteArrayContent([0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(text)]))).Ok().Json.GetProperty("file").GetString();
            return (await crm.Admin.Post($"{Customers}/import", new { file, sheet = 0, columns = new Dictionary<string, string> { ["0"] = "name" }, mode = "GoodRows" })).Ok().Json.GetInt64();
        }
        var (first, second) = (await Start(12_000), await Start(3));
        var cancelled = await crm.Admin.Post($"/api/platform/operations/{second}/cancel", new { });
        async Task<string> State(long id) => (await crm.Admin.Get($"/api/platform/operations/{id}")).Ok().Json.GetProperty("state").GetString()!;
        for (var i = 0; i < 600 && await State(first) is "waiting" or "running"; i++) await Task.Delay(100);
        await Task.Delay(500);
        // The first was still at work when the second was called off, or there is nothing to show.
        cancelled.Ok();
        Assert.Equal("cancelled", await State(second));
        Assert.Equal(12_000, await crm.Db.First<long>($"select count(*) from customers.customer c where {Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}")} 1 = 1"));
    }

    [Theory, OnEveryEngine, Trait("req", "UI-13")]
    public async Task What_is_missing_or_out_of_range_is_an_error_of_the_callers(string engine)
    {
        var crm = await Crm.Shared(engine);
        foreach (var query in new[] { "createdAt.is=9999-12-31", "createdAt.to=9999-12-31", "cursor=bnVsbA" }) (await crm.Admin.Get($"{Customers}?{query}")).Refused(400);
        foreach (var request in new[] { "{\"filters\":null}", "{\"filters\":[null]}", "{\"columns\":[null]}", "{\"filters\":[{\"field\":\"createdAt\",\"op\":\"Is\",\"values\":[]}]}" })
            (await crm.Admin.Get($"{Customers}/export?request={Uri.EscapeDataString(request)}")).Refused(400);
        (await crm.Admin.Post($"{Customers}/delete", "{\"items\":[null]}")).Refused(400);
        var role = await crm.Role(Employee.Sales);
        foreach (var body in new[] { "{}", "{\"permissions\":null,\"grants\":[]}", "{\"permissions\":[null],\"grants\":[]}", "{\"permissions\":[],\"grants\":[null]}", "{\"permissions\":[],\"grants\":[{\"type\":\"*\",\"kind\":99,\"departments\":[]}]}", "{\"permissions\":[],\"grants\":[{\"type\":\"*\",\"kind\":1,\"departments\":null}]}" })
            (await crm.Admin.Post($"/api/settings/roles/{role}/rights", body)).Refused(400);
        (await crm.Admin.Post($"/api/settings/users/{crm.Admin.Id}/hand-over", "{\"heirs\":{\"customer\":null},\"reason\":\"x\"}")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "UI-1")]
    public async Task Signing_out_ends_the_session_at_once(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var answer = await li.Send(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([]));
        Assert.Equal(302, (int)answer.Status);
        Assert.Equal(401, (int)(await li.Get(Customers)).Status);
    }

    [Theory, OnEveryEngine, Trait("req", "UI-13")]
    public async Task Two_who_change_one_roles_or_users_rights_at_once_are_told(string engine)
    {
        var crm = await Crm.Shared(engine);
        var role = await crm.Role(Employee.Sales);
        var li = await crm.Hire(await crm.Department(Crm.Name("同改")), role);
        var seen = (await crm.Admin.Get($"/api/settings/roles/{role}/rights")).Ok().Json.GetProperty("mark").GetString();
        (await crm.Admin.Post($"/api/settings/roles/{role}/rights", new { permissions = Employee.Sales[1..], grants = Array.Empty<object>(), mark = seen })).Ok();
        (await crm.Admin.Post($"/api/settings/roles/{role}/rights", new { permissions = Employee.Sales, grants = Array.Empty<object>(), mark = seen })).Refused(422);
        var roles = (await crm.Admin.Get($"/api/settings/users/{li.Id}/roles")).Ok().Json.GetProperty("mark").GetString();
        (await crm.Admin.Post($"/api/settings/users/{li.Id}/roles", new { roleIds = Array.Empty<long>(), mark = roles })).Ok();
        (await crm.Admin.Post($"/api/settings/users/{li.Id}/roles", new { roleIds = new[] { role }, mark = roles })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "UI-13")]
    public async Task Of_many_who_save_one_roles_rights_at_the_same_moment_one_does_and_the_others_are_told(string engine)
    {
        var crm = await Crm.Shared(engine);
        var role = await crm.Role(Employee.Sales);
        var li = await crm.Hire(await crm.Department(Crm.Name("同时改")), null);
        async Task OneOf(string url, Func<int, string, object> body)
        {
            var seen = (await crm.Admin.Get(url)).Ok().Json.GetProperty("mark").GetString()!;
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => crm.Admin.Post(url, body(i, seen))));
            Assert.Single(answers, a => (int)a.Status == 200);
            Assert.All(answers.Where(a => (int)a.Status != 200), a => a.Refused(422));
        }
        await OneOf($"/api/settings/roles/{role}/rights", (i, mark) => new { permissions = Employee.Sales.Skip(i % 5 + 1), grants = Array.Empty<object>(), mark });
        await OneOf($"/api/settings/users/{li.Id}/roles", (i, mark) => new { roleIds = new[] { role }, mark });
    }

    private static object Grant(string type, ScopeKind kind) => new { type, kind, departments = Array.Empty<long>() };
}
