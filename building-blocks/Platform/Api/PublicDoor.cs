using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace KuaipuCrm.Platform.Api;

/// <summary>Before the pages for the public (<see cref="ModuleDefinition.PublicPages"/>): whoever comes is nobody, sends little, and not too often from one address. Nothing is read of a request that is refused here.</summary>
public sealed class PublicDoor(RequestDelegate next, Budget budget, IConfiguration settings)
{
    public const string Path = "/public";
    private const long MostBytes = 32 * 1024;
    /// <summary>Looks for each answer sent: a form is opened, sent, opened again.</summary>
    private const int LooksPerPost = 5;
    private const int Hour = 3600, Day = 24 * Hour;
    private readonly int postsPerMinute = Most(settings, "PostsPerMinute", 20), postsPerHour = Most(settings, "PostsPerHour", 200), postsPerDay = Most(settings, "PostsPerDay", 1_000);

    public Task Invoke(HttpContext context, Caller me)
    {
        if (!context.Request.Path.StartsWithSegments(Path)) return next(context);
        var (request, response) = (context.Request, context.Response);
        var address = Network(SessionAuthentication.Address(context));
        me.Visit($"web {address}");
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Robots-Tag"] = "noindex";
        var post = HttpMethods.IsPost(request.Method);
        var (allowed, _, seconds) = budget.Spend((post ? "p" : "v") + address, post ? postsPerMinute : postsPerMinute * LooksPerPost);
        if (!allowed)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Refuse(context, 429, L("操作太频繁，请一分钟后再试。"));
        }
        if (!post) return next(context);
        // Who is patient enough for the minute is held back by the hour and the day.
        foreach (var (most, span) in new[] { (postsPerHour, Hour), (postsPerDay, Day) })
        {
            (allowed, seconds) = budget.Spend("p" + address, most, span);
            if (allowed) continue;
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Refuse(context, 429, L("提交得太多，请过几个小时再试。"));
        }
        // Without a length nobody knows how much comes.
        return request.ContentLength is not (>= 0 and <= MostBytes) ? Refuse(context, 413, L("提交的内容过长。")) : next(context);
    }

    private static int Most(IConfiguration settings, string name, int usual) => int.TryParse(settings["Public:" + name], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : usual;

    /// <summary>Whoever has one address of the newer kind has millions: what counts is the network they are given.</summary>
    private static string Network(string address) => IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress([.. ip.GetAddressBytes()[..8], .. new byte[8]]) + "/64" : address;

    private static Task Refuse(HttpContext context, int status, string text) => Results.Content(
        $"<!DOCTYPE html><html lang=\"{CultureInfo.CurrentUICulture.Name}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{status}</title></head><body><p>{WebUtility.HtmlEncode(text)}</p></body></html>",
        "text/html; charset=utf-8", statusCode: status).ExecuteAsync(context);
}
