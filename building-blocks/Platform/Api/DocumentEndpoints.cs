using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
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
        var (type, path, one) = (d.Type, "/" + d.Plural, "/" + d.Plural + "/{id:long}");
        group.Get(path, async (HttpRequest http, IMediator mediator, CancellationToken ct) => new ListResult(d, await mediator.Send(new ListDocuments(type, Request(d, http.Query)), ct))).Is(d, DocumentVerb.List);
        group.Get(path + "/count", async (HttpRequest http, IMediator mediator, CancellationToken ct) => await mediator.Send(new CountDocuments(type, Request(d, http.Query)), ct)).Is(d, DocumentVerb.Count);
        if (d.Fields.Any(f => f.Totalled && !f.Hidden)) group.Get(path + "/totals", async (HttpRequest http, IMediator mediator, CancellationToken ct) => await mediator.Send(new SumDocuments(type, Request(d, http.Query)), ct)).Is(d, DocumentVerb.Totals);
        group.Get(one, async (long id, [FromQuery] bool? unmask, IMediator mediator, CancellationToken ct) => new DocumentResult(await mediator.Send(new GetDocument(type, id, unmask == true), ct))).Is(d, DocumentVerb.Get);
        if (d.FiguresOf is not null) return;
        group.Post(path, async ([FromBody] Dictionary<string, JsonElement> body, IMediator mediator, CancellationToken ct) =>
        {
            var (values, confirmed) = Body(body);
            var saved = await mediator.Send(new SaveDocument(type, null, 0, values, confirmed), ct);
            return Results.Created($"/api/{d.Module}/{d.Plural}/{saved.Id.ToString(CultureInfo.InvariantCulture)}", saved);
        }).Is(d, DocumentVerb.Create);
        group.Patch(one, async (long id, [FromBody] Dictionary<string, JsonElement> body, HttpResponse response, [FromHeader(Name = "If-Match")] string? match, IMediator mediator, CancellationToken ct) =>
        {
            var (values, confirmed) = Body(body);
            return await mediator.Send(new SaveDocument(type, id, IsAny(match) ? 0 : Version(match, body), values, confirmed) { AnyVersion = IsAny(match) }, ct);
        }).Is(d, DocumentVerb.Change);
        group.Delete(one, async (long id, [FromHeader(Name = "If-Match")] string? match, IMediator mediator, CancellationToken ct) =>
            One(await mediator.Send(new DeleteDocuments(type, [new RowRef(id, match is null || IsAny(match) ? 0 : Version(match, []))]), ct))).Is(d, DocumentVerb.Delete);
        group.Get(one + "/history", (long id, [FromQuery] int? take, [FromQuery] long? before, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new GetHistory(type, id, take ?? 100, before), ct)).Is(d, DocumentVerb.History);
        group.Post(path + "/bulk", (BulkBody body, IMediator mediator, CancellationToken ct) => mediator.Send(new SaveDocuments(type, body.All, body.IsAll), ct)).Is(d, DocumentVerb.Bulk);
        group.Post(path + "/delete", (Rows body, IMediator mediator, CancellationToken ct) => mediator.Send(new DeleteDocuments(type, body.All), ct)).Is(d, DocumentVerb.DeleteMany);
        group.Post(path + "/restore", (Rows body, IMediator mediator, CancellationToken ct) => mediator.Send(new RestoreDocuments(type, body.All), ct)).Is(d, DocumentVerb.Restore);
        group.Post(path + "/purge", (Rows body, IMediator mediator, CancellationToken ct) => mediator.Send(new PurgeDocuments(type, body.All), ct)).Is(d, DocumentVerb.Purge);
        // The owner at least; custom fields come while the host runs.
        if (d.Owned || d.Fields.Any(f => f.Batch)) group.Post(path + "/change", (ChangeRows body, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new ChangeDocuments(type, body.All, body.Values?.ToDictionary(v => v.Key, v => (object?)v.Value) ?? []), ct)).Is(d, DocumentVerb.ChangeMany);
        group.Get(path + "/choices", (string? text, IMediator mediator, CancellationToken ct) => mediator.Send(new FindChoices(type, text), ct)).Is(d, DocumentVerb.Choices);
    }

    /// <summary>Names the endpoint for its description.</summary>
    internal static void Is(this RouteHandlerBuilder endpoint, DocumentDefinition d, DocumentVerb verb) =>
        endpoint.WithName($"{verb}{char.ToUpperInvariant(d.Type[0])}{d.Type[1..]}").WithMetadata(new DocumentOperation(d, verb));

    /// <summary>Many rows to save, each as it would be sent alone; <c>id</c> and <c>version</c> name an existing one.</summary>
    internal sealed record BulkBody(string? Mode, IReadOnlyList<Dictionary<string, JsonElement>?>? Rows)
    {
        [JsonIgnore]
        public bool IsAll => Mode switch { null or "all" => true, "good" => false, _ => throw new Invalid("mode", "mode 只能是 all（全部或不保存）或 good（只保存正确的行）。") };

        [JsonIgnore]
        public IReadOnlyList<BulkRow> All => [.. (Rows ?? []).Select(r =>
        {
            if (r is null) throw new Invalid("rows", "行的列表含有空项。");
            var (values, confirmed) = Body(r);
            return new BulkRow(Number(r, "id"), Number(r, "version") ?? 0, values, confirmed);
        })];

        private static long? Number(Dictionary<string, JsonElement> row, string name) =>
            !row.TryGetValue(name, out var v) || v.ValueKind == JsonValueKind.Null ? null : v.ValueKind == JsonValueKind.Number && v.TryGetInt64(out var n) ? n : throw new Invalid(name, $"{name} 必须是整数。");
    }

    /// <summary>Rows by id, with the versions seen where the caller cares.</summary>
    internal record Rows(IReadOnlyList<RowRef>? Items, IReadOnlyList<long>? Ids)
    {
        [JsonIgnore]
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
                case "where": request = request with { Where = text.Length == 0 ? null : Where(text) }; break;
                case "view": request = request with { View = text }; break;
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

    private static ConditionGroup Where(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ConditionGroup>(json, Bodies.Options) ?? throw new Invalid("where", "where 不是有效的条件。");
        }
        catch (JsonException)
        {
            throw new Invalid("where", "where 不是有效的条件，请按说明中的例子给出 JSON。");
        }
    }

    private static int Number(string name, string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max ? n : throw new Invalid(name, $"{name} 须在 {min} 到 {max} 之间。");

    private static (Dictionary<string, object?> Values, IReadOnlyList<string>? Confirmed) Body(Dictionary<string, JsonElement> body) =>
        (body.Where(p => p.Key is not ("version" or "confirmed" or "id")).ToDictionary(p => p.Key, p => (object?)p.Value),
         !body.TryGetValue("confirmed", out var c) || c.ValueKind == JsonValueKind.Null ? null
         : c.ValueKind == JsonValueKind.Array && c.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) ? [.. c.EnumerateArray().Select(e => e.GetString()!)]
         : throw new Invalid("confirmed", "confirmed 是已确认的提醒的 code 的列表。"));

    /// <summary>Whatever stands, as long as something does (RFC 9110).</summary>
    private static bool IsAny(string? match) => match?.Trim() == "*";

    private static long Version(string? match, Dictionary<string, JsonElement> body)
    {
        // Of an entity tag the version counts; the digest behind it is about what was shown.
        if (match is not null) return long.TryParse(match.Trim().TrimStart('W', '/').Trim('"').Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var v) && v > 0 ? v : throw new Invalid("If-Match", "If-Match 不是有效的版本。");
        return body.TryGetValue("version", out var version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt64(out var n) ? n : throw new Invalid("version", "请用 If-Match 或 version 给出所见的版本。");
    }

    private static IResult One(BatchResult result) => result.Problems is [var problem, ..]
        ? Results.Problem(problem.Message, statusCode: problem.Field switch { "id" => 404, "version" => 412, _ => 422 }, title: L("未删除"))
        : Results.Ok(result);
}
