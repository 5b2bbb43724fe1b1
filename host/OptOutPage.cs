using System.Net;
using KuaipuCrm.Platform.Outgoing;

namespace KuaipuCrm.Host;

/// <summary>Where a receiver of advertising opts out, without an account; by a press of the button, as mail scanners open links, or by the mail program (RFC 8058).</summary>
internal static class OptOutPage
{
    public static void MapOptOut(this IEndpointRouteBuilder app)
    {
        app.MapGet("/opt-out", (string? t, OptOutDesk desk) => desk.Whose(t) is { } whose
            ? Page(L("退订"), L($"{whose} 将不再收到宣传邮件。"), $"<form method=\"post\" action=\"/opt-out?t={Uri.EscapeDataString(t!)}\"><button class=\"btn primary\">{L("确认退订")}</button></form>")
            : Unknown()).AllowAnonymous();
        app.MapPost("/opt-out", async (string? t, OptOutDesk desk, CancellationToken ct) => await desk.OptOut(t, ct) ? Page(L("已退订"), L("此邮箱不再收到宣传邮件。")) : Unknown()).AllowAnonymous().DisableAntiforgery();
    }

    private static IResult Unknown() => Page(L("链接无效"), L("请使用邮件中完整的退订链接。"));

    private static IResult Page(string title, string text, string more = "") => Results.Content(
        $"<!DOCTYPE html><html lang=\"{System.Globalization.CultureInfo.CurrentUICulture.Name}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title><link rel=\"stylesheet\" href=\"/_content/KuaipuCrm.Web/kuaipu.css\"></head><body><main style=\"max-width:30em;margin:15vh auto;padding:0 1em\"><h1>{title}</h1><p>{WebUtility.HtmlEncode(text)}</p>{more}</main></body></html>",
        "text/html; charset=utf-8");
}
