using System.Net;
using KuaipuCrm.Platform.Outgoing;

namespace KuaipuCrm.Host;

/// <summary>Where a receiver of advertising opts out, without an account; by a press of the button, as mail scanners open links, or by the mail program (RFC 8058).</summary>
internal static class OptOutPage
{
    public static void MapOptOut(this IEndpointRouteBuilder app)
    {
        app.MapGet("/opt-out", (string? t, OptOutDesk desk) => Page(desk.Whose(t) is { } whose
            ? $"<h1>{L("退订")}</h1><p>{L($"{WebUtility.HtmlEncode(whose)} 将不再收到宣传邮件。")}</p><form method=\"post\" action=\"/opt-out?t={Uri.EscapeDataString(t!)}\"><button class=\"btn primary\">{L("确认退订")}</button></form>"
            : $"<h1>{L("链接无效")}</h1><p>{L("请使用邮件中完整的退订链接。")}</p>")).AllowAnonymous();
        app.MapPost("/opt-out", async (string? t, OptOutDesk desk, CancellationToken ct) => Page(await desk.OptOut(t, ct)
            ? $"<h1>{L("已退订")}</h1><p>{L("此邮箱不再收到宣传邮件。")}</p>"
            : $"<h1>{L("链接无效")}</h1><p>{L("请使用邮件中完整的退订链接。")}</p>")).AllowAnonymous().DisableAntiforgery();
    }

    private static IResult Page(string content) => Results.Content(
        $"<!DOCTYPE html><html lang=\"{(Chinese ? "zh-CN" : "en")}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{L("退订")}</title><link rel=\"stylesheet\" href=\"/_content/KuaipuCrm.Web/kuaipu.css\"></head><body><main style=\"max-width:30em;margin:15vh auto;padding:0 1em\">{content}</main></body></html>",
        "text/html; charset=utf-8");
}
