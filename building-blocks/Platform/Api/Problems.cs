using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Api;

/// <summary>Every failure in the user's words, as RFC 9457 problem details; what is none of the user's business is only logged.</summary>
public sealed class Problems(Engine engine, ILogger<Problems> log) : IExceptionHandler, IProblems
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested) return true;
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            // A form of another site, or one that lay open too long.
            if (exception is not BadHttpRequestException) return false;
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync(L("请求已失效，请返回上一页刷新后再试。"), ct);
            return true;
        }
        var (status, title, detail, extensions) = Describe(exception);
        // Where the version stood in the header, it is the header's condition that failed; the answer is the same.
        if (exception is Conflict && context.Request.Headers.IfMatch.Count > 0) status = StatusCodes.Status412PreconditionFailed;
        if (status == 500) log.LogError(exception, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
        await Results.Problem(Retell(detail), statusCode: status, title: L(title), extensions: extensions).ExecuteAsync(context);
        return true;
    }

    /// <summary>Status, title, detail and extensions of a failure.</summary>
    public (int Status, string Title, string Detail, Dictionary<string, object?>? Extensions) Describe(Exception e) => e switch
    {
        NotSignedIn => (401, "尚未登录", e.Message, null),
        NotAllowed => (403, "没有权限", e.Message, null),
        BeyondToken => (403, "超出令牌范围", e.Message, null),
        NotFound => (404, "找不到", e.Message, null),
        Invalid i => (400, "填写有误", i.Message, new() { ["errors"] = i.Errors.GroupBy(x => x.Field).ToDictionary(g => g.Key, g => g.Select(x => x.Message).ToArray()) }),
        Unconfirmed u => (409, "需要确认", u.Message, new() { ["warnings"] = u.Warnings }),
        Conflict c => (409, "版本冲突", c.Message, new() { ["currentVersion"] = c.CurrentVersion, ["changedBy"] = c.ChangedBy, ["changedAt"] = c.ChangedAt, ["current"] = c.Current }),
        RowsRefused r => (422, "有行未通过", r.Message, new() { ["rows"] = r.Rows }),
        RuleBroken => (422, "不符合业务规则", e.Message, null),
        BadHttpRequestException b => b.StatusCode switch
        {
            413 => (413, "内容过大", "上传的内容过大。", null),
            415 => (415, "不支持的内容类型", "请用 Content-Type: application/json 发送内容。", null),
            _ => (400, "请求有误", "请求的格式不正确，请检查 JSON 与参数。", null),
        },
        _ when engine.UniqueIndexOf(e) is not null => (409, "内容重复", "已有相同的值（如编号、登录名），可能刚刚被他人保存。请刷新后再试。", null),
        _ when engine.Trouble(e) is { } trouble => (503, "数据库暂不可用", trouble, null),
        _ => (500, "系统错误", "系统出错，已记录。请稍后再试；如反复出现，请联系管理员。", null),
    };

    /// <summary>The same, for a page.</summary>
    public string Message(Exception e)
    {
        var (status, _, detail, _) = Describe(e);
        if (status == 500) log.LogError(e, "A page's call failed");
        return Retell(detail);
    }
}
