using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KuaipuCrm.Platform.Pipeline;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Platform.Api;

/// <summary>Behind the sign-in of the API: how many requests a caller may send, and which requests may be repeated.</summary>
public sealed class ApiDoor(RequestDelegate next, Budget budget, IConfiguration settings)
{
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>What is kept aside to be compared; more is no request to be repeated.</summary>
    private const long MostBytes = 64 << 20;
    private readonly int perMinute = int.TryParse(settings["Api:RequestsPerMinute"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 6_000;

    public async Task Invoke(HttpContext context, Caller me)
    {
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            await next(context);
            return;
        }
        if (perMinute > 0 && !Spend(context, me))
        {
            await Results.Problem(statusCode: 429, title: L("请求过多"), detail: L($"每分钟最多 {perMinute:N0} 个请求，请在 Retry-After 给出的秒数之后再试。")).ExecuteAsync(context);
            return;
        }
        if (me.Token is { ReadOnly: true } && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            throw new BeyondToken("这个令牌只读，不能新建、修改或删除。");
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Headers.TryGetValue(KeyHeader, out var key) && me.Known) await Once(context, key.ToString());
        await next(context);
    }

    private bool Spend(HttpContext context, Caller me)
    {
        var caller = me.Token is { } token ? $"t{token.Id}" : me.Known ? $"u{me.SeenBy ?? me.Id}" : "a" + SessionAuthentication.Address(context);
        var (allowed, left, seconds) = budget.Spend(caller, perMinute);
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = perMinute.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = seconds.ToString(CultureInfo.InvariantCulture);
        if (!allowed) headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return allowed;
    }

    /// <summary>Notes key and request for the command that is about to run.</summary>
    private static async Task Once(HttpContext context, string key)
    {
        if (key.Length is 0 or > 100 || key.Any(c => c is < '!' or > '~')) throw new Invalid(KeyHeader, "Idempotency-Key 须为 1 到 100 个可见的 ASCII 字符。");
        var request = context.Request;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        // An upload without limit is not read here: whether the caller may send it at all, is only asked behind. Its length stands for it.
        if (context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is { MaxRequestBodySize: null }) hash.AppendData(Encoding.UTF8.GetBytes($"{request.ContentLength}"));
        else await Content(request, hash, context.RequestAborted);
        var once = context.RequestServices.GetRequiredService<OnceRequest>();
        (once.Key, once.Request) = (key, Convert.ToHexStringLower(hash.GetHashAndReset()));
        context.Response.OnStarting(() =>
        {
            if (once.Repeated) context.Response.Headers["Idempotency-Replayed"] = "true";
            return Task.CompletedTask;
        });
    }

    private static async Task Content(HttpRequest request, IncrementalHash hash, CancellationToken ct)
    {
        request.EnableBuffering();
        var buffer = new byte[16 * 1024];
        var all = 0L;
        for (int n; (n = await request.Body.ReadAsync(buffer, ct)) > 0;)
        {
            if ((all += n) > MostBytes) throw new BadHttpRequestException("The request is too large to be repeated.", StatusCodes.Status413PayloadTooLarge);
            hash.AppendData(buffer, 0, n);
        }
        request.Body.Position = 0;
    }
}
