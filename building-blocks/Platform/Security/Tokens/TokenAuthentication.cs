using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KuaipuCrm.Platform.Security.Tokens;

/// <summary>Signs programs in by <c>Authorization: Bearer kpc_…</c>, for the API alone: no session and no cookie come of it.</summary>
public sealed class TokenAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, TokenKeys keys, Caller caller, Budget budget, AuditLog audit, IConfiguration settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string SchemeName = "token";
    private const string Bearer = "Bearer ";

    private int WrongPerMinute => int.TryParse(settings["Api:WrongTokensPerMinute"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 20;

    /// <summary>Whether the request wants to be signed in by a token; then no cookie counts.</summary>
    public static bool Wanted(HttpRequest request) => IsApi(request.Path) && (request.Headers.Authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || InAddress(request) is not null);

    /// <summary>Calendars that subscribe to an address can send nothing but the address.</summary>
    private static string? InAddress(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Path.Value!.EndsWith(".ics", StringComparison.Ordinal) && request.Query["token"].ToString() is { Length: > 0 } secret ? secret : null;

    internal static bool IsApi(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi");

    private string Guesser => "token " + SessionAuthentication.Address(Context);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var (secret, address) = (InAddress(Request) ?? Request.Headers.Authorization.ToString()[Bearer.Length..].Trim(), SessionAuthentication.Address(Context));
        // Guessers are stopped before the database is asked; a program known from the same address goes on.
        var stopped = budget.IsSpent(Guesser, WrongPerMinute) && !keys.Knows(secret);
        if (stopped || await keys.BySecret(secret, address, Context.RequestAborted) is not { } token)
        {
            if (!stopped && budget.Spend(Guesser, WrongPerMinute).Allowed)
                await audit.Write("signin", "令牌登录", null, null, secret.StartsWith(TokenKeys.Prefix, StringComparison.Ordinal) && secret.Length > 20 ? $"{secret[..8]}…{secret[^4..]}" : null, address, "令牌无效", null, Context.RequestAborted);
            return AuthenticateResult.Fail("No such token.");
        }
        caller.SignIn(token, $"api {address} 令牌{token.Id.ToString(CultureInfo.InvariantCulture)}");
        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, token.UserId.ToString(CultureInfo.InvariantCulture))], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (budget.IsSpent(Guesser, WrongPerMinute))
        {
            Response.Headers.RetryAfter = "60";
            return Results.Problem(statusCode: 429, title: L("请求过多"), detail: L("来自这个地址的无效令牌过多，请一分钟后再试。")).ExecuteAsync(Context);
        }
        Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return Results.Problem(statusCode: 401, title: L("尚未登录"), detail: L("令牌无效、已过期或已撤销。")).ExecuteAsync(Context);
    }
}
