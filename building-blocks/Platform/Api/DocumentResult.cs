using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Http;

namespace KuaipuCrm.Platform.Api;

/// <summary>One document as JSON with its entity tag: the version, for If-Match, and a digest of what is shown, as names and masks may change without it.</summary>
internal sealed class DocumentResult(DocumentView view) : IResult
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task ExecuteAsync(HttpContext context)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(Body(), Options);
        var tag = $"\"{view.Version.ToString(CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 6))}\"";
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch.ToString().Split(',').Any(t => t.Trim() is var seen && (seen == tag || seen == "W/" + tag)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private Dictionary<string, object?> Body()
    {
        var item = new Dictionary<string, object?> { ["id"] = view.Id, ["version"] = view.Version, ["type"] = view.Type };
        foreach (var (name, value) in view.Values)
        {
            item[name] = value;
            if (value is long id && view.Names.TryGetValue(id, out var title)) item[name + "Name"] = title;
        }
        if (view.Masked.Count > 0) item["masked"] = view.Masked;
        if (view.DeletedAt is not null) item["deletedAt"] = view.DeletedAt;
        return item;
    }
}
