using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Attacks;

/// <summary>All endpoints of the running host, taken from its route table, against callers who may not (SEC-1, SEC-2, SEC-6). A new endpoint is attacked without touching this.</summary>
[Trait("size", "large")]
public class EndpointMatrix
{
    /// <summary>Answer to everyone who is signed in, cut to what they may see: for someone without rights, to nothing.</summary>
    private static readonly Regex ForEveryone = new("^/api/platform/|^/api/office/board|/choices$", RegexOptions.Compiled);

    /// <summary>What is asked after it would show nothing.</summary>
    private const string EndsTheSession = "sign-out-everywhere";

    private sealed record Way(HttpMethod Method, string Pattern, string? Takes)
    {
        public bool IsApi => Pattern.StartsWith("/api/", StringComparison.Ordinal);

        public string Url(long id) => Regex.Replace(Pattern, @"\{([^}:]+)(:[^}]*)?\}", m => m.Groups[1].Value switch
        {
            var n when n.EndsWith("id", StringComparison.OrdinalIgnoreCase) || m.Groups[2].Value == ":long" => id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "Module" => "customers",
            "Plural" => "customers",
            "type" => "customer",
            _ => "x",
        });
    }

    private static List<Way> Ways(Crm crm) =>
    [
        .. from e in crm.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let pattern = "/" + e.RoutePattern.RawText!.TrimStart('/')
           where pattern.StartsWith("/api/", StringComparison.Ordinal) || e.Metadata.Any(m => m.GetType().Name == "ComponentTypeMetadata")
           from method in e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           where method is "GET" || pattern.StartsWith("/api/", StringComparison.Ordinal)
           let accepts = e.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes ?? []
           select new Way(new HttpMethod(method), pattern, accepts.FirstOrDefault(c => !c.EndsWith("json", StringComparison.Ordinal))),
    ];

    private static object? Body(Way way, long id) => way.Method == HttpMethod.Get || way.Method == HttpMethod.Delete ? null
        : way.Takes is { } type ? new ByteArrayContent("客户名称\n甲"u8.ToArray()) { Headers = { ContentType = new(type) } }
        : new { ids = new[] { id }, values = new { level = "A" }, name = "攻击", version = 1, roleIds = new[] { id }, permissions = new[] { "*" }, grants = Array.Empty<object>(), password = "Angriff-1234", label = "攻击", userId = id, value = "x", request = new { }, shared = false, old = "x", @new = "Angriff-1234", secret = "x", code = "000000" };

    [Fact, Trait("req", "SEC-1")]
    public async Task The_matrix_is_as_large_as_the_product()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        Assert.True(Ways(crm).Count(w => w.IsApi) >= 80, $"only {Ways(crm).Count} endpoints were found");
        Assert.Contains(Ways(crm), w => !w.IsApi);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-1")]
    public async Task Who_is_not_signed_in_gets_nothing_anywhere(string engine)
    {
        var crm = await Crm.Shared(engine);
        var stranger = crm.Stranger();
        foreach (var way in Ways(crm))
        {
            var answer = await stranger.Send(way.Method, way.Url(crm.HeadDepartment), Body(way, crm.HeadDepartment));
            answer.Is(way.IsApi ? 401 : 302);
            if (!way.IsApi) Assert.StartsWith("/sign-in", answer.Headers["Location"]);
        }
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-1")]
    public async Task Who_has_no_rights_is_refused_everywhere(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("机密客户");
        var id = await crm.Admin.Customer(name);
        var nobody = await crm.Hire([]);
        var wrong = new List<string>();
        foreach (var way in Ways(crm).Where(w => !w.Pattern.EndsWith(EndsTheSession, StringComparison.Ordinal)))
        {
            var answer = await nobody.Send(way.Method, way.Url(id), Body(way, id));
            if (answer.Text.Contains(name, StringComparison.Ordinal)) wrong.Add($"{answer.Asked}: shows the row");
            if ((int)answer.Status >= 500) wrong.Add($"{answer.Asked}: {(int)answer.Status}");
            if (way.IsApi && !ForEveryone.IsMatch(way.Pattern) && (int)answer.Status is not (403 or 404)) wrong.Add($"{answer.Asked}: {(int)answer.Status} {answer.Detail}");
        }
        Assert.Empty(wrong);
    }

    /// <summary>The administrator's own tokens: the rights are there, the scope is not, or the token is no more.</summary>
    [Theory, OnEveryEngine, Trait("req", "API-2")]
    public async Task A_token_without_the_scope_or_without_life_opens_nothing_anywhere(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("机密客户");
        var id = await crm.Admin.Customer(name);
        async Task<(long Id, Employee Program)> Token(Employee person, object wish)
        {
            var made = (await person.Post("/api/platform/me/tokens", wish)).Ok().Json;
            return (made.GetProperty("id").GetInt64(), crm.Program(made.GetProperty("secret").GetString()!));
        }
        var (_, elsewhere) = await Token(crm.Admin, new { name = "别处", scopes = new[] { "settings.rights.see-as" } });
        var (_, reader) = await Token(crm.Admin, new { name = "只读", readOnly = true });
        var (revokedId, revoked) = await Token(crm.Admin, new { name = "撤销" });
        var (expiredId, expired) = await Token(crm.Admin, new { name = "过期" });
        var leaver = await crm.Hire(Employee.Sales);
        var (_, disabled) = await Token(leaver, new { name = "离职" });
        (await crm.Admin.Post($"/api/platform/me/tokens/{revokedId}/revoke", new { })).Ok();
        var db = crm.Db;
        await db.Unit(() => db.Execute($"update platform.token set expires_at = {DateTime.UtcNow.AddSeconds(-1)} where id = {expiredId}"));
        (await crm.Admin.Patch($"/api/settings/users/{leaver.Id}", new { status = "disabled", version = (await crm.Admin.Get($"/api/settings/users/{leaver.Id}")).Ok().Json.GetProperty("version").GetInt64() })).Ok();
        var wrong = new List<string>();
        foreach (var way in Ways(crm).Where(w => w.IsApi))
        {
            async Task Expect(Employee program, string what, params int[] allowed)
            {
                var answer = await program.Send(way.Method, way.Url(id) + (way.Method == HttpMethod.Get && Regex.IsMatch(way.Pattern, "/(log|search|log/export)$") ? "?kind=signin&text=x" : ""), Body(way, id));
                if (!allowed.Contains((int)answer.Status) || answer.Text.Contains(name, StringComparison.Ordinal)) wrong.Add($"{what}: {answer.Asked}: {(int)answer.Status} {answer.Detail}");
            }
            if (way.Pattern != "/api/platform/me") await Expect(elsewhere, "no scope", 403);
            if (way.Method != HttpMethod.Get) await Expect(reader, "read-only", 403);
            // Unknown ones are slowed down after a while; opened is nothing either way.
            foreach (var (dead, what) in new[] { (revoked, "revoked"), (expired, "expired"), (disabled, "disabled") }) await Expect(dead, what, 401, 429);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(1, (await crm.Admin.View("customers", id)).GetProperty("version").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task Who_has_every_right_but_not_the_row_cannot_reach_it_by_guessing_its_id(string engine)
    {
        var crm = await Crm.Shared(engine);
        var catalog = crm.Services.GetRequiredService<ModuleCatalog>();
        var everything = catalog.Permissions.Keys.Where(p => p.StartsWith("customers.", StringComparison.Ordinal)).ToArray();
        var intruder = await crm.Hire(everything, ScopeKind.Own);
        foreach (var (plural, type) in new[] { ("customers", "customer"), ("contacts", "contact") })
        {
            var name = Crm.Name("别人的机密");
            var id = type == "customer" ? await crm.Admin.Customer(name) : await crm.Admin.Contact(name);
            var wrong = new List<string>();
            foreach (var way in Ways(crm).Where(w => !w.Pattern.StartsWith("/api/settings", StringComparison.Ordinal) && !w.Pattern.EndsWith(EndsTheSession, StringComparison.Ordinal)))
            {
                var answer = await intruder.Send(way.Method, way.Url(id), Body(way, id));
                if (answer.Text.Contains(name, StringComparison.Ordinal)) wrong.Add($"{answer.Asked}: shows the row");
                if ((int)answer.Status >= 500) wrong.Add($"{answer.Asked}: {(int)answer.Status}");
                if (way.IsApi && way.Pattern.Contains($"/{plural}/{{id", StringComparison.Ordinal) && (int)answer.Status is not (404 or 403)) wrong.Add($"{answer.Asked}: {(int)answer.Status} {answer.Detail}");
            }
            Assert.Empty(wrong);
            Assert.Equal(1, (await crm.Admin.View(plural, id)).GetProperty("version").GetInt64());
        }
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-6")]
    public async Task A_request_of_another_sites_page_is_refused_wherever_something_could_change(string engine)
    {
        var crm = await Crm.Shared(engine);
        var id = await crm.Admin.Customer(Crm.Name("跨站"));
        foreach (var way in Ways(crm).Where(w => w.IsApi && w.Method != HttpMethod.Get))
            foreach (var header in new[] { ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site") })
                (await crm.Admin.Send(way.Method, way.Url(id), Body(way, id), header)).Refused(403);
        Assert.Equal(1, (await crm.Admin.View("customers", id)).GetProperty("version").GetInt64());
    }

    [Theory, OnEveryEngine]
    public async Task Broken_bodies_and_odd_ids_never_break_the_host(string engine)
    {
        var crm = await Crm.Shared(engine);
        var wrong = new List<string>();
        foreach (var way in Ways(crm).Where(w => w is { IsApi: true, Takes: null } && !w.Pattern.Contains("sign-out", StringComparison.Ordinal)))
            foreach (var id in new[] { 0, -1, 999_999_999_999, long.MaxValue })
                foreach (var body in new object?[] { null, "", "null", "[]", "{", "{\"ids\":null,\"values\":null}", "{\"ids\":[\"x\"]}", "\"text\"" }.Take(way.Method == HttpMethod.Get || way.Method == HttpMethod.Delete ? 1 : 8))
                    if (await crm.Admin.Send(way.Method, way.Url(id), body) is { } answer && (int)answer.Status >= 500) wrong.Add($"{answer.Asked} {body}: {(int)answer.Status}");
        Assert.Empty(wrong.Distinct());
    }
}
