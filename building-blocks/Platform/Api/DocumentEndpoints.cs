using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace KuaipuCrm.Platform.Api;

/// <summary>The endpoints every document type has, mapped from its declaration: the same messages the screens send.</summary>
internal static class DocumentEndpoints
{
    public static void Map(RouteGroupBuilder group, DocumentDefinition d)
    {
        var (type, path) = (d.Type, "/" + d.Plural);
        group.MapGet(path, async (HttpRequest http, IMediator mediator, CancellationToken ct) => new ListResult(d, await mediator.Send(new ListDocuments(type, Request(d, http.Query)), ct)))
            .WithName($"List{d.Type}").WithSummary($"{d.Label}列表：按声明的字段筛选（字段=值，字段.op=值）、sort、take、cursor、page、text、columns");
        group.MapGet(path + "/count", async (HttpRequest http, IMediator mediator, CancellationToken ct) => await mediator.Send(new CountDocuments(type, Request(d, http.Query)), ct))
            .WithName($"Count{d.Type}").WithSummary($"{d.Label}数量，最多数到 10,000");
        group.MapGet(path + "/{id:long}", async (long id, [FromQuery] bool? unmask, HttpResponse response, IMediator mediator, CancellationToken ct) =>
            {
                var view = await mediator.Send(new GetDocument(type, id, unmask == true), ct);
                response.Headers.ETag = $"\"{view.Version.ToString(CultureInfo.InvariantCulture)}\"";
                return Document(view);
            }).WithName($"Get{d.Type}").WithSummary($"一份{d.Label}");
        group.MapPost(path, async ([FromBody] Dictionary<string, JsonElement> body, [FromHeader(Name = "Idempotency-Key")] string? once, IMediator mediator, CancellationToken ct) =>
            {
                var (values, confirmed) = Body(body);
                var saved = await mediator.Send(new SaveDocument(type, null, 0, values, confirmed) { OnceKey = once }, ct);
                return Results.Created($"/api/{d.Module}/{d.Plural}/{saved.Id.ToString(CultureInfo.InvariantCulture)}", saved);
            }).WithName($"Create{d.Type}").WithSummary($"新建{d.Label}").Produces<Saved>(201);
        group.MapPatch(path + "/{id:long}", async (long id, [FromBody] Dictionary<string, JsonElement> body, [FromHeader(Name = "If-Match")] string? match, IMediator mediator, CancellationToken ct) =>
            {
                var (values, confirmed) = Body(body);
                return await mediator.Send(new SaveDocument(type, id, Version(match, body), values, confirmed), ct);
            }).WithName($"Change{d.Type}").WithSummary($"修改{d.Label}：If-Match 或 version 给出所见的版本");
        group.MapDelete(path + "/{id:long}", async (long id, [FromHeader(Name = "If-Match")] string? match, IMediator mediator, CancellationToken ct) =>
            One(await mediator.Send(new DeleteDocuments(type, [new RowRef(id, match is null ? 0 : Version(match, []))]), ct))).WithName($"Delete{d.Type}").WithSummary($"删除{d.Label}到回收站");
        group.MapGet(path + "/{id:long}/history", (long id, [FromQuery] int? take, [FromQuery] long? before, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new GetHistory(type, id, take ?? 100, before), ct)).WithName($"History{d.Type}").WithSummary($"{d.Label}的变更历史");
        group.MapPost(path + "/delete", (Rows body, IMediator mediator, CancellationToken ct) => mediator.Send(new DeleteDocuments(type, body.All), ct)).WithName($"DeleteMany{d.Type}").WithSummary($"批量删除{d.Label}");
        group.MapPost(path + "/restore", (Rows body, IMediator mediator, CancellationToken ct) => mediator.Send(new RestoreDocuments(type, body.All), ct)).WithName($"Restore{d.Type}").WithSummary($"从回收站恢复{d.Label}");
        group.MapPost(path + "/purge", (Rows body, IMediator mediator, CancellationToken ct) => mediator.Send(new PurgeDocuments(type, body.All), ct)).WithName($"Purge{d.Type}").WithSummary($"彻底删除回收站中的{d.Label}");
        group.MapPost(path + "/change", (ChangeRows body, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new ChangeDocuments(type, body.All, body.Values?.ToDictionary(v => v.Key, v => (object?)v.Value) ?? []), ct)).WithName($"ChangeMany{d.Type}").WithSummary($"批量修改{d.Label}");
        group.MapGet(path + "/choices", (string? text, IMediator mediator, CancellationToken ct) => mediator.Send(new FindChoices(type, text), ct)).WithName($"Choices{d.Type}").WithSummary($"选择{d.Label}");
    }

    /// <summary>Rows by id, with the versions seen where the caller cares.</summary>
    internal record Rows(IReadOnlyList<RowRef>? Items, IReadOnlyList<long>? Ids)
    {
        public IReadOnlyList<RowRef> All => Items?.Any(i => i is null) == true ? throw new Invalid("items", "行的列表含有空项。") : Items ?? [.. (Ids ?? []).Select(id => new RowRef(id))];
    }

    internal sealed record ChangeRows(IReadOnlyList<RowRef>? Items, IReadOnlyList<long>? Ids, Dictionary<string, JsonElement>? Values) : Rows(Items, Ids);

    /// <summary>Query text to a list request: <c>level=A&amp;createdAt.from=2026-01-01&amp;sort=-updatedAt</c>. What is no declared field is refused.</summary>
    internal static ListRequest Request(DocumentDefinition d, IQueryCollection query)
    {
        var filters = new List<Filter>();
        var request = new ListRequest();
        foreach (var (key, values) in query)
        {
            var text = values.ToString();
            switch (key)
            {
                case "text": request = request with { Text = text.Length > 200 ? text[..200] : text }; break;
                case "sort": request = request with { Sort = text.TrimStart('-'), Descending = text.StartsWith('-') }; break;
                case "take": request = request with { Take = Number(key, text, 1, 500) }; break;
                case "page": request = request with { Page = Number(key, text, 1, 5_000_000) }; break;
                case "cursor": request = request with { Cursor = text }; break;
                case "columns": request = request with { Columns = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) }; break;
                case "bin": request = request with { Bin = text == "true" }; break;
                case "tiedTo": request = request with { TiedTo = long.TryParse(text, out var id) ? id : throw new Invalid(key, "tiedTo 必须是编号。") }; break;
                case "tiedBy": request = request with { TiedBy = text }; break;
                default:
                    var (field, op) = key.Split('.', 2) is [var f, var o] ? (f, o) : (key, "is");
                    if (!Enum.TryParse<FilterOp>(op, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed) || op.All(char.IsAsciiDigit)) throw new Invalid(key, "没有这种筛选方式。");
                    filters.Add(new Filter(d.Field(field).Name, parsed, parsed is FilterOp.In or FilterOp.Is or FilterOp.IsNot && values.Count == 1 && parsed == FilterOp.In ? text.Split(',') : [.. values.Select(v => v ?? "")]));
                    break;
            }
        }
        return request with { Filters = filters };
    }

    private static int Number(string name, string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max ? n : throw new Invalid(name, $"{name} 须在 {min} 到 {max} 之间。");

    private static (Dictionary<string, object?> Values, IReadOnlyList<string>? Confirmed) Body(Dictionary<string, JsonElement> body) =>
        (body.Where(p => p.Key is not ("version" or "confirmed" or "id")).ToDictionary(p => p.Key, p => (object?)p.Value),
         body.TryGetValue("confirmed", out var c) && c.ValueKind == JsonValueKind.Array ? [.. c.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!)] : null);

    private static long Version(string? match, Dictionary<string, JsonElement> body)
    {
        if (match is not null) return long.TryParse(match.Trim().TrimStart('W', '/').Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var v) ? v : throw new Invalid("If-Match", "If-Match 不是有效的版本。");
        return body.TryGetValue("version", out var version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt64(out var n) ? n : throw new Invalid("version", "请用 If-Match 或 version 给出所见的版本。");
    }

    private static IResult One(BatchResult result) => result.Problems is [var problem, ..]
        ? Results.Problem(problem.Message, statusCode: problem.Message.Contains("不存在", StringComparison.Ordinal) ? 404 : problem.Message.Contains("已被", StringComparison.Ordinal) ? 409 : 422, title: "未删除")
        : Results.Ok(result);

    private static object Document(DocumentView view)
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
