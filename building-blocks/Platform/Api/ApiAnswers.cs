using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace KuaipuCrm.Platform.Api;

/// <summary>Below <c>/api</c> every refusal is a problem in words, also those of the framework: no such address, no such method, no such media type.</summary>
public sealed class ApiAnswers(RequestDelegate next, EndpointDataSource endpoints)
{
    public async Task Invoke(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            await next(context);
            return;
        }
        // A page's address such as /{module}/{documents} fits here, too, but no page is meant; and beside it the framework doesn't tell a wrong method.
        if (context.GetEndpoint() is null || context.GetEndpoint() is RouteEndpoint page && !IsApi(page))
        {
            context.SetEndpoint(null);
            var methods = Methods(context.Request.Path);
            if (methods.Count > 0) context.Response.Headers.Allow = string.Join(", ", methods);
            await Tell(context, methods.Count > 0 ? 405 : 404);
            return;
        }
        await next(context);
        if (context.Response is { HasStarted: false, StatusCode: 404 or 405 or 406 or 413 or 415, ContentLength: null or 0, ContentType: null }) await Tell(context, context.Response.StatusCode);
    }

    private List<string> Methods(PathString path) =>
    [
        .. endpoints.Endpoints.OfType<RouteEndpoint>().Where(e => IsApi(e) && Fits(e, path))
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Distinct().Order(StringComparer.Ordinal),
    ];

    private static bool Fits(RouteEndpoint endpoint, PathString path)
    {
        var values = new RouteValueDictionary();
        return new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), []).TryMatch(path, values)
               && endpoint.RoutePattern.Parameters.All(p => p.ParameterPolicies.All(c => c.Content != "long") || long.TryParse(values[p.Name]?.ToString(), out _));
    }

    private static bool IsApi(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText?.TrimStart('/').StartsWith("api/", StringComparison.Ordinal) == true;

    private static Task Tell(HttpContext context, int status) => Results.Problem(statusCode: status, title: L(status switch
    {
        404 => "找不到",
        405 => "不支持的方法",
        406 => "不支持的回答格式",
        413 => "内容过大",
        _ => "不支持的内容类型",
    }), detail: (status switch
    {
        404 => (Phrase)"没有这个地址。各模块的接口见 /openapi/{模块}.json。",
        405 => $"这个地址只支持 {context.Response.Headers.Allow}。",
        406 => "这个地址不能给出所要的格式。",
        413 => "上传的内容过大。",
        _ => "请用 Content-Type: application/json 发送内容，上传文件用 application/octet-stream。",
    }).ToString()).ExecuteAsync(context);
}
