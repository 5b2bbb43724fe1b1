using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Security.Tokens;

namespace KuaipuCrm.Host;

/// <summary>Refuses what another site makes a browser send, and tells browsers what a page of ours may load.</summary>
internal sealed class SafeRequests(RequestDelegate next)
{
    public Task Invoke(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";
        if (context.Request.Path.StartsWithSegments("/api")) headers.CacheControl = "no-store";
        return Foreign(context.Request) ? Results.Problem(L("请求来自其他网站，已拒绝。"), statusCode: 403, title: L("跨站请求")).ExecuteAsync(context) : next(context);
    }

    /// <summary>A request that changes something, with the session's cookie, begun by another site's page. A token no page can send for its visitor, and beside one the cookie counts for nothing.</summary>
    private static bool Foreign(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || TokenAuthentication.Wanted(request) || !request.Cookies.ContainsKey(SessionAuthentication.Cookie)) return false;
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site") return true;
        return request.Headers.Origin.ToString() is { Length: > 0 } origin && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == request.Host.Value);
    }
}
