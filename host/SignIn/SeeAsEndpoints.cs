using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Host.SignIn;

/// <summary>An administrator looks through another user's eyes, and back (SEC-7). Such a session only reads; both turns are in the audit log.</summary>
internal static class SeeAsEndpoints
{
    public static void MapSeeAs(this IEndpointRouteBuilder app)
    {
        app.MapPost("/see-as/{userId:long}", async (long userId, HttpContext http, Sessions sessions, Caller me, IStanding standing, Caches caches, AuditLog log, CancellationToken ct) =>
        {
            if (me.SessionId is not { } session) return Results.Challenge();
            if (caches.Organization.Person(userId) is not { } person) return Results.Problem(L("用户不存在。"), statusCode: 404, title: L("不能使用该视角"));
            var refusal = SeeAsRules.Refusal(standing, me, person);
            await log.Write("audit", $"以他人视角查看：{person.Name}", me.SeenBy ?? me.Id, null, null, SessionAuthentication.Address(http), refusal is null ? "成功" : "拒绝", refusal, ct);
            if (refusal is not null) return Results.Problem(Retell(refusal), statusCode: 403, title: L("不能使用该视角"));
            await sessions.SeeAs(session, userId, ct);
            return Results.LocalRedirect("/");
        }).RequireAuthorization();

        app.MapPost("/see-as/end", async (HttpContext http, Sessions sessions, Caller me, AuditLog log, CancellationToken ct) =>
        {
            if (me is { SessionId: { } session, SeenBy: { } by })
            {
                await sessions.SeeAs(session, null, ct);
                await log.Write("audit", $"退出他人视角：{me.Name}", by, null, null, SessionAuthentication.Address(http), "成功", null, ct);
                return Results.LocalRedirect($"/settings/rights?user={me.Id}");
            }
            return Results.LocalRedirect("/");
        }).RequireAuthorization();
    }
}
