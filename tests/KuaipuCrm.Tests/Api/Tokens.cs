using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Api;

/// <summary>Programs sign in by tokens, and a token never opens more than its person may and its scopes name, at that moment (API-2, SET-14).</summary>
public class Tokens
{
    private const string Customers = "/api/customers/customers";

    /// <summary>A new token and the program that has it.</summary>
    private static async Task<(long Id, string Secret, Employee Program)> Token(Employee person, string[]? scopes = null, bool readOnly = false, int days = 90)
    {
        var made = (await person.Post("/api/platform/me/tokens", new { name = "集成", scopes, readOnly, days })).Ok().Json;
        var secret = made.GetProperty("secret").GetString()!;
        return (made.GetProperty("id").GetInt64(), secret, person.Crm.Program(secret));
    }

    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task A_program_does_with_a_token_what_its_person_may_and_no_more(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var foreign = await crm.Admin.Customer(Crm.Name("别人的"));
        var (_, secret, program) = await Token(li);
        Assert.Matches("^kpc_[0-9a-f]{64}$", secret);
        var id = await program.Customer(Crm.Name("程序建的"));
        Assert.Equal(li.Id, (await li.View("customers", id)).GetProperty("ownerId").GetInt64());
        (await program.Get($"{Customers}/{foreign}")).Refused(404);
        (await program.Get("/api/settings/users")).Refused(403);
        Assert.Equal(li.Id, (await program.Get("/api/platform/me")).Ok().Json.GetProperty("userId").GetInt64());
        Assert.Contains("令牌", (await li.Get($"{Customers}/{id}/history")).Ok().Json.EnumerateArray().Single(h => h.GetProperty("kind").GetString() == "create").GetProperty("source").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task Scopes_cut_the_persons_rights(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("范围");
        var (id, contact) = (await crm.Admin.Customer(name), await crm.Admin.Contact(Crm.Name("联系人")));
        var (_, _, program) = await Token(crm.Admin, ["customers.customers.read"]);
        (await program.Get($"{Customers}/{id}")).Ok();
        (await program.Get($"{Customers}?text={Uri.EscapeDataString(name)}")).Ok();
        (await program.Get($"{Customers}/choices")).Ok();
        (await program.Post(Customers, new { name = "x" })).Refused(403);
        (await program.Patch($"{Customers}/{id}", new { address = "x", version = 1 })).Refused(403);
        (await program.Delete($"{Customers}/{id}")).Refused(403);
        (await program.Get($"{Customers}/export")).Refused(403);
        (await program.Get($"{Customers}/{id}?unmask=true")).Is(200);
        (await program.Get($"/api/customers/contacts/{contact}")).Refused(403);
        (await program.Get("/api/customers/contacts/choices")).Refused(403);
        (await program.Get("/api/platform/operations")).Refused(403);
        (await program.Get($"/api/platform/search?text={Uri.EscapeDataString(name)}")).Refused(403);
        var me = (await program.Get("/api/platform/me")).Ok().Json;
        Assert.False(me.GetProperty("everything").GetBoolean());
        Assert.Equal(["customers.customers.read"], me.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));
        var (_, _, wider) = await Token(crm.Admin, ["customers.customers", "platform"]);
        (await wider.Patch($"{Customers}/{id}", new { address = "x", version = 1 })).Ok();
        var found = (await wider.Get($"/api/platform/search?text={Uri.EscapeDataString(name)}")).Ok();
        Assert.Contains(name, found.Text);
        Assert.DoesNotContain("\"type\":\"user\"", (await wider.Get($"/api/platform/search?text={Uri.EscapeDataString("管理员")}")).Ok().Text);
    }

    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task A_token_that_only_reads_changes_nothing_whatever_its_person_may(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("只读"));
        var (_, _, program) = await Token(crm.Admin, readOnly: true);
        (await program.Get($"{Customers}/{id}")).Ok();
        (await program.Post(Customers, new { name = "x" })).Refused(403);
        (await program.Patch($"{Customers}/{id}", new { address = "x", version = 1 })).Refused(403);
        (await program.Post($"{Customers}/delete", new { ids = new[] { id } })).Refused(403);
        (await program.Post("/api/platform/queries/customer", new { name = "x", request = new { }, shared = false })).Refused(403);
        (await program.Send(HttpMethod.Post, $"{Customers}/import/files?name=x.csv", new ByteArrayContent("客户名称\n甲"u8.ToArray()) { Headers = { ContentType = new("application/octet-stream") } })).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task A_token_feels_at_once_what_its_person_loses(string engine)
    {
        var crm = await Crm.Shared(engine);
        var role = await crm.Role(Employee.Sales);
        var li = await crm.Hire(await crm.Department("部门"), role);
        var (_, _, program) = await Token(li);
        (await program.Get(Customers)).Ok();
        await crm.SetRole(role, ["customers.contacts.read"], ScopeKind.Own);
        (await program.Get(Customers)).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task Revoked_expired_and_disabled_tokens_open_nothing_and_a_disabled_persons_stay_dead(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Employee.Sales);
        var (id, _, revoked) = await Token(li, days: 366);
        var (_, _, kept) = await Token(li, days: 366);
        var (_, _, expiring) = await Token(li, days: 1);
        foreach (var p in new[] { revoked, kept, expiring }) (await p.Get(Customers)).Ok();
        (await li.Post($"/api/platform/me/tokens/{id}/revoke", new { })).Ok();
        (await revoked.Get(Customers)).Refused(401);
        (await li.Post($"/api/platform/me/tokens/{id}/revoke", new { })).Refused(422);
        clock.Advance(TimeSpan.FromHours(11));
        (await li.Get(Customers)).Ok();
        (await expiring.Get(Customers)).Ok();
        clock.Advance(TimeSpan.FromHours(13) + TimeSpan.FromSeconds(1));
        (await expiring.Get(Customers)).Refused(401);
        (await kept.Get(Customers)).Ok();
        var admin = await crm.As(crm.Admin.Id, "admin", "系统管理员");
        var version = (await admin.Get($"/api/settings/users/{li.Id}")).Ok().Json;
        (await admin.Patch($"/api/settings/users/{li.Id}", new { status = "disabled", version = version.GetProperty("version").GetInt64() })).Ok();
        (await kept.Get(Customers)).Refused(401);
        (await admin.Patch($"/api/settings/users/{li.Id}", new { status = "active", version = version.GetProperty("version").GetInt64() + 1 })).Ok();
        (await kept.Get(Customers)).Refused(401);
    }

    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task A_token_manages_no_accounts_opens_no_page_and_leaves_no_cookie(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (id, secret, program) = await Token(crm.Admin);
        (await program.Post("/api/platform/me/tokens", new { name = "孙" })).Refused(403);
        (await program.Post("/api/platform/tokens", new { userId = crm.Admin.Id, name = "孙" })).Refused(403);
        (await program.Get("/api/platform/me/tokens")).Refused(403);
        (await program.Post($"/api/platform/me/tokens/{id}/revoke", new { })).Refused(403);
        (await program.Post("/api/platform/me/password", new { old = "x", @new = "Neues-12345" })).Refused(403);
        (await program.Get("/api/platform/me/totp/begin")).Refused(403);
        (await program.Get("/api/platform/me/sessions")).Refused(403);
        (await program.Post("/api/platform/me/sign-out-everywhere", new { })).Refused(403);
        foreach (var page in new[] { "/", "/customers/customers", "/account" })
            Assert.StartsWith("/sign-in", (await program.Get(page)).Is(302).Headers["Location"]);
        (await program.Post("/see-as/1", new { })).Is(302);
        Assert.NotEqual(200, (int)(await program.Post("/_blazor/negotiate?negotiateVersion=1", "")).Status);
        Assert.DoesNotContain("Set-Cookie", (await program.Get("/api/platform/me")).Ok().Headers.Keys);
        // Beside a token the cookie counts for nothing, and a page of another site can't send one for its visitor.
        (await crm.Program("kpc_" + new string('0', 64), ("Cookie", crm.Admin.Http.DefaultRequestHeaders.GetValues("Cookie").First())).Get(Customers)).Refused(401);
        (await crm.Program(secret, ("Origin", "https://evil.example")).Post(Customers, new { name = Crm.Name("无跨站") })).Is(201);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-14"), Trait("req", "SET-13")]
    public async Task The_secret_is_shown_once_kept_hashed_and_every_turn_is_in_the_audit_log(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        var (id, secret, program) = await Token(li, ["customers"]);
        (await program.Get(Customers)).Ok();
        var listed = (await li.Get("/api/platform/me/tokens")).Ok();
        Assert.DoesNotContain(secret, listed.Text);
        var mine = Assert.Single(listed.Json.EnumerateArray());
        Assert.Equal("active", mine.GetProperty("state").GetString());
        Assert.NotEqual(JsonValueKind.Null, mine.GetProperty("usedAt").ValueKind);
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from platform.token where hash = {secret}", default));
        (await crm.Admin.Post($"/api/platform/tokens/{id}/revoke", new { })).Ok();
        (await program.Get(Customers)).Refused(401);
        var log = (await crm.Admin.Get($"/api/platform/log?Kind=audit&Text={Uri.EscapeDataString(li.Name)}")).Ok().Json.EnumerateArray().Select(e => e.GetProperty("label").GetString()!).ToList();
        Assert.Contains(log, l => l.StartsWith("新建令牌", StringComparison.Ordinal));
        Assert.Contains(log, l => l.StartsWith("撤销令牌", StringComparison.Ordinal));
        // Carried off by who may read it, and by nobody else.
        Assert.Contains("撤销令牌", (await crm.Admin.Get($"/api/platform/log/export?Kind=audit&Text={Uri.EscapeDataString(li.Name)}")).Ok().Text);
        foreach (var path in new[] { "log", "log/export" }) (await li.Get($"/api/platform/{path}?Kind=audit")).Refused(403);
        (await li.Post("/api/platform/me/tokens", new { name = "x" }, ("Idempotency-Key", "a"))).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-14")]
    public async Task A_service_token_is_made_by_administrators_for_no_one_above_them(string engine)
    {
        var crm = await Crm.Shared(engine);
        var service = await crm.Hire(Employee.Sales);
        var manager = await crm.Hire([ManageTokens.Permission, .. Employee.Sales]);
        (await service.Post("/api/platform/tokens", new { userId = service.Id, name = "同步" })).Refused(403);
        (await service.Get("/api/platform/tokens")).Refused(403);
        (await manager.Post("/api/platform/tokens", new { userId = crm.Admin.Id, name = "同步" })).Refused(422);
        var made = (await crm.Admin.Post("/api/platform/tokens", new { userId = service.Id, name = "同步", scopes = new[] { "customers.customers.read" } })).Ok().Json;
        var program = crm.Program(made.GetProperty("secret").GetString()!);
        Assert.Equal(service.Id, (await program.Get("/api/platform/me")).Ok().Json.GetProperty("userId").GetInt64());
        Assert.Contains((await manager.Get("/api/platform/tokens")).Ok().Json.EnumerateArray(), t => t.GetProperty("id").GetInt64() == made.GetProperty("id").GetInt64() && t.GetProperty("service").GetBoolean());
    }

    [Theory, OnEveryEngine, Trait("req", "SET-14")]
    public async Task What_a_token_shall_be_is_checked(string engine)
    {
        var crm = await Crm.Shared(engine);
        foreach (var wrong in new object[] { new { name = "" }, new { name = new string('长', 61) }, new { name = "x", days = 0 }, new { name = "x", days = 400 }, new { name = "x", scopes = new[] { "gibtesnicht" } }, new { name = "x", scopes = new[] { "" } }, new { name = "x", scopes = new[] { "customers.customers.rea" } } })
            (await crm.Admin.Post("/api/platform/me/tokens", wrong)).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task Who_tries_tokens_out_is_slowed_down_and_written_down(string engine)
    {
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), settings: ("Api:WrongTokensPerMinute", "20"));
        var (_, _, known) = await Token(crm.Admin);
        (await known.Get(Customers)).Ok();
        for (var i = 0; i < 19; i++) (await crm.Program($"kpc_{i:x64}").Get(Customers)).Refused(401);
        (await crm.Program("unsinn").Get(Customers)).Is(429);
        var stopped = (await crm.Program($"kpc_{99:x64}").Get(Customers)).Refused(429);
        Assert.Equal("60", stopped.Headers["Retry-After"]);
        (await known.Get(Customers)).Ok();
        Assert.Equal(20, (await crm.Admin.Get($"/api/platform/log?Kind=signin&Result={Uri.EscapeDataString("令牌无效")}")).Ok().Json.GetArrayLength());
    }

    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task An_import_begun_with_a_token_keeps_to_its_scopes_in_the_background(string engine)
    {
        var crm = await Crm.Shared(engine);
        var other = await crm.Hire(Employee.Sales);
        async Task<string> Import(string[] scopes, string name)
        {
            var (_, _, program) = await Token(crm.Admin, scopes);
            var file = (await program.Send(HttpMethod.Post, $"{Customers}/import/files?name=x.csv", new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes($"客户名称,负责人\n{name},{other.Name}\n")) { Headers = { ContentType = new("application/octet-stream") } })).Ok().Json.GetProperty("file").GetString();
            var id = (await program.Post($"{Customers}/import", new { file, sheet = 0, columns = new Dictionary<string, string> { ["0"] = "name", ["1"] = "ownerId" }, mode = "GoodRows" })).Ok().Json.GetInt64();
            for (var i = 0; i < 200; i++)
            {
                var state = (await crm.Admin.Get($"/api/platform/operations/{id}")).Ok().Json;
                if (state.GetProperty("state").GetString() is not ("waiting" or "running")) return state.GetRawText();
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
            return "never";
        }
        var (mine, theirs) = (Crm.Name("令牌导入"), Crm.Name("令牌导入"));
        var done = await Import(["customers.customers"], theirs);
        Assert.Contains("\"done\":1", done);
        await Import(["customers.customers.import"], mine);
        Assert.Empty(await crm.Admin.List($"{Customers}?name={Uri.EscapeDataString(mine)}"));
    }
}
