using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KuaipuCrm.Platform.Security;

/// <summary>Signs requests in by the session cookie.</summary>
public sealed class SessionAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Sessions sessions, Caller caller)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string SchemeName = "session";
    public const string Cookie = "kuaipu_session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Request.Cookies.TryGetValue(Cookie, out var secret) || secret is null) return AuthenticateResult.NoResult();
        if (await sessions.BySecret(secret, Context.RequestAborted) is not { } session) return AuthenticateResult.Fail("The session has ended.");
        caller.SignIn(session, $"{(Request.Path.StartsWithSegments("/api") ? "api" : "ui")} {Address(Context)}");
        var identity = new ClaimsIdentity([new(Send.SessionClaim, session.Id), new(ClaimTypes.NameIdentifier, session.EffectiveUserId.ToString(System.Globalization.CultureInfo.InvariantCulture))], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Tokens.TokenAuthentication.IsApi(Request.Path))
        {
            Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Problem(statusCode: 401, title: L("尚未登录"), detail: L("登录已失效，请重新登录。")).ExecuteAsync(Context);
        }
        var to = Request.PathBase + Request.Path + Request.QueryString;
        Response.Redirect(to is "/" or "" ? "/sign-in" : $"/sign-in?to={Uri.EscapeDataString(to)}");
        return Task.CompletedTask;
    }

    public static string Address(HttpContext context) => context.Connection.RemoteIpAddress is not { } address ? "" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    public static void SetCookie(HttpContext context, string secret) => context.Response.Cookies.Append(Cookie, secret, new CookieOptions
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = "/",
        IsEssential = true,
        MaxAge = TimeSpan.FromDays(7),
    });
}
