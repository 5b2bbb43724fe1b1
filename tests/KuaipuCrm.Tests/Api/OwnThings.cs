using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Api;

/// <summary>What the screen lets people do with their own account and settings, the API does, too (DOC-13).</summary>
public class OwnThings
{
    [Theory, OnEveryEngine, Trait("req", "DOC-13")]
    public async Task Password_sessions_and_second_factor(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Employee.Sales);
        (await crm.Admin.Post($"/api/settings/users/{li.Id}/password", new { password = "Anfang-2026" })).Ok();
        var (phone, desk) = (await crm.As(li.Id, li.Login, li.Name), await crm.As(li.Id, li.Login, li.Name));
        var sessions = (await desk.Get("/api/platform/me/sessions")).Ok().Json;
        Assert.Equal(2, sessions.GetArrayLength());
        var other = sessions.EnumerateArray().Single(s => !s.GetProperty("current").GetBoolean()).GetProperty("key").GetString();
        (await crm.Admin.Post($"/api/platform/me/sessions/{other}/end", new { })).Refused(404);
        (await desk.Post($"/api/platform/me/sessions/{other}/end", new { })).Ok();
        (await phone.Get("/api/platform/me")).Refused(401);
        var tablet = await crm.As(li.Id, li.Login, li.Name);
        (await desk.Post("/api/platform/me/sign-out-elsewhere", new { })).Ok();
        (await tablet.Get("/api/platform/me")).Refused(401);
        Assert.True(Assert.Single((await desk.Get("/api/platform/me/sessions")).Ok().Json.EnumerateArray()).GetProperty("current").GetBoolean());
        (await desk.Post("/api/platform/me/password", new { old = "falsch", @new = "Neues-2026x" })).Refused(400);
        (await desk.Post("/api/platform/me/password", new { old = "Anfang-2026", @new = "Neues-2026x" })).Ok();
        Assert.False((await desk.Get("/api/platform/me/totp")).Ok().Json.GetBoolean());
        var secret = (await desk.Get("/api/platform/me/totp/begin")).Ok().Json.GetProperty("secret").GetString()!;
        (await desk.Post("/api/platform/me/totp/confirm", new { secret, code = "000000" })).Refused(400);
        (await desk.Post("/api/platform/me/totp/confirm", new { secret, code = new OtpNet.Totp(OtpNet.Base32Encoding.ToBytes(secret)).ComputeTotp() })).Ok();
        Assert.True((await desk.Get("/api/platform/me/totp")).Ok().Json.GetBoolean());
        (await desk.Post("/api/platform/me/totp/disable", new { password = "Neues-2026x" })).Ok();
        (await desk.Post("/api/platform/me/sign-out-everywhere", new { })).Ok();
        (await desk.Get("/api/platform/me")).Refused(401);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-13")]
    public async Task Saved_queries_and_preferences(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Employee.Sales), await crm.Hire(Employee.Sales));
        var name = Crm.Name("常用");
        var id = (await li.Post("/api/platform/queries/customer", new { name, request = new { filters = new[] { new { field = "level", op = "Is", values = new[] { "A" } } } }, shared = false })).Ok().Json.GetInt64();
        Assert.Contains(name, (await li.Get("/api/platform/queries/customer")).Ok().Text);
        Assert.DoesNotContain(name, (await wang.Get("/api/platform/queries/customer")).Ok().Text);
        (await wang.Post($"/api/platform/queries/customer/{id}/delete", new { })).Refused(404);
        (await (await crm.Hire([])).Get("/api/platform/queries/customer")).Refused(403);
        (await li.Post($"/api/platform/queries/customer/{id}/delete", new { })).Ok();
        Assert.Equal("null", (await li.Get("/api/platform/me/preferences/probe")).Ok().Text);
        (await li.Post("/api/platform/me/preferences/probe", new { value = "1" })).Ok();
        Assert.Equal("\"1\"", (await li.Get("/api/platform/me/preferences/probe")).Ok().Text);
        Assert.Equal("null", (await wang.Get("/api/platform/me/preferences/probe")).Ok().Text);
    }
}
