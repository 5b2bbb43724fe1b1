using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;

namespace KuaipuCrm.Host.SignIn;

/// <summary>The pages before sign-in: drawn on the server, working without a script.</summary>
internal static class SignInEndpoints
{
    /// <summary>Wrong ones from one address; against guessing many accounts from one place. Whoever gets in costs nothing: a whole office may come from one.</summary>
    private const int TriesPerMinute = 30;

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sign-in", async (HttpContext http, string? to, SignInDesk desk, Caches caches, CancellationToken ct) =>
            http.User.Identity?.IsAuthenticated == true ? Results.LocalRedirect(Local(to))
            : Page(new(caches.Company.Name, Local(to), await desk.IsFirstStart(ct) ? SignInStep.SetUp : SignInStep.Password) { NeedsSetupCode = !IsLocal(http) })).AllowAnonymous();

        app.MapPost("/sign-in", async ([FromForm] string? login, [FromForm] string? password, [FromForm] string? code, [FromForm] string? newPassword, [FromForm] string? repeat, [FromForm] string? to,
            HttpContext http, SignInDesk desk, Caches caches, Budget tries, CancellationToken ct) =>
        {
            var model = new SignInModel(caches.Company.Name, Local(to), SignInStep.Password) { Login = login ?? "" };
            var guesser = "sign-in " + SessionAuthentication.Address(http);
            if (!tries.Spend(guesser, TriesPerMinute).Allowed) return Page(model with { Message = L("尝试次数过多，请一分钟后再试。") }, 429);
            if (!string.IsNullOrEmpty(newPassword) && newPassword != repeat) return Page(model with { Step = SignInStep.NewPassword, Password = password, Code = code, Message = L("两次输入的新密码不一致。") });
            var result = await desk.SignIn(login ?? "", password ?? "", code, newPassword, SessionAuthentication.Address(http), http.Request.Headers.UserAgent.ToString(), ct);
            // A wrong six digits is told by the message; asked for the first time there is none.
            if (result is not ({ Outcome: SignInOutcome.Refused } or { Outcome: SignInOutcome.CodeNeeded, Message: not null })) tries.Return(guesser);
            return result.Outcome switch
            {
                SignInOutcome.SignedIn => In(http, result.Secret!, to, result.Language),
                // The password goes back into the page of the second step, which is not cached; asking for it again would be no safer.
                SignInOutcome.CodeNeeded => Page(model with { Step = SignInStep.Code, Password = password, Message = result.Message }),
                SignInOutcome.MustChangePassword => Page(model with { Step = SignInStep.NewPassword, Password = password, Code = code, Message = result.Message }),
                _ => Page(model with { Message = result.Message }, 401),
            };
        }).AllowAnonymous();

        app.MapPost("/set-up", async ([FromForm] string? password, [FromForm] string? repeat, [FromForm] string? code, HttpContext http, SignInDesk desk, Caches caches, Budget tries, CancellationToken ct) =>
        {
            var model = new SignInModel(caches.Company.Name, "/", SignInStep.SetUp) { NeedsSetupCode = !IsLocal(http) };
            if (!tries.Spend("sign-in " + SessionAuthentication.Address(http), TriesPerMinute).Allowed) return Page(model with { Message = L("尝试次数过多，请一分钟后再试。") }, 429);
            if (password != repeat) return Page(model with { Message = L("两次输入的密码不一致。") });
            var result = await desk.SetUp(password ?? "", code, IsLocal(http), SessionAuthentication.Address(http), http.Request.Headers.UserAgent.ToString(), ct);
            return result.Secret is { } secret ? In(http, secret, "/") : Page(model with { Message = result.Message, Step = await desk.IsFirstStart(ct) ? SignInStep.SetUp : SignInStep.Password });
        }).AllowAnonymous();

        // The page is loaded anew, and with it everything in the other language. Kept for the user's other browsers, too.
        app.MapPost("/culture", async ([FromForm] string? culture, [FromForm] string? to, HttpContext http, Caller me, IMediator mediator, CancellationToken ct) =>
        {
            var chosen = Texts.Languages.Any(l => l.Code == culture) ? culture! : Texts.Languages[0].Code;
            SetLanguage(http, chosen);
            if (me.Known) await mediator.Send(new SetPreference(SignInDesk.Language, chosen), ct);
            return Results.LocalRedirect(Local(to));
        }).DisableAntiforgery().AllowAnonymous();

        // No form value, so no token: a page of the circuit can't draw one, and SafeRequests refuses what another site sends.
        app.MapPost("/sign-out", async (HttpContext http, Sessions sessions, Caller me, CancellationToken ct) =>
        {
            if (me.SessionId is { } id) await sessions.End(id, ct);
            http.Response.Cookies.Delete(SessionAuthentication.Cookie);
            return Results.LocalRedirect("/sign-in");
        }).AllowAnonymous();
    }

    private static IResult In(HttpContext http, string secret, string? to, string? language = null)
    {
        SessionAuthentication.SetCookie(http, secret);
        // On a new browser the user's own setting; on one where a language was chosen that one stays.
        if (language is not null && !http.Request.Cookies.ContainsKey(CookieRequestCultureProvider.DefaultCookieName)) SetLanguage(http, language);
        return Results.LocalRedirect(Local(to));
    }

    private static void SetLanguage(HttpContext http, string language) => http.Response.Cookies.Append(CookieRequestCultureProvider.DefaultCookieName,
        CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language)), new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, IsEssential = true });

    private static IResult Page(SignInModel model, int status = 200) =>
        new RazorComponentResult<SignInPage>(new { Model = model }) { StatusCode = status, PreventStreamingRendering = true };

    /// <summary>Only pages of ours; anything else leads to the desktop.</summary>
    internal static string Local(string? to) =>
        to is { Length: > 0 and < 2000 } && to[0] == '/' && !(to.Length > 1 && to[1] is '/' or '\\') && !to.Contains('\\') && !to.Any(char.IsControl) && !to.StartsWith("/sign-in", StringComparison.Ordinal) ? to : "/";

    /// <summary>The visitor sits at this machine; one who came through a proxy doesn't count.</summary>
    private static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && System.Net.IPAddress.IsLoopback(address) && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");
}

/// <summary>Which questions the page asks.</summary>
public enum SignInStep
{
    Password,
    Code,
    NewPassword,
    SetUp,
}

/// <summary>What the sign-in page shows.</summary>
public sealed record SignInModel(string Company, string To, SignInStep Step)
{
    public string Login { get; init; } = "";
    public string? Password { get; init; }
    public string? Code { get; init; }
    public string? Message { get; init; }
    public bool NeedsSetupCode { get; init; }
}
