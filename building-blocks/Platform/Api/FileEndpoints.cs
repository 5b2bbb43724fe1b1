using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Import;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace KuaipuCrm.Platform.Api;

/// <summary>Files in and out: uploads for imports, error files, exports. The same for browser and integrators.</summary>
internal static class FileEndpoints
{
    public const string Excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <param name="File">To be named when inspecting and importing.</param>
    internal sealed record Uploaded(string File);

    public static void Map(RouteGroupBuilder group, DocumentDefinition d)
    {
        var (type, path) = (d.Type, "/" + d.Plural);
        group.Get(path + "/export", (HttpContext http, Exporter exporter, [FromQuery] string? format, [FromQuery] string? ids, [FromQuery] string? request, [FromQuery] bool? unmask, CancellationToken ct) =>
        {
            var query = new QueryCollection(http.Request.Query.Where(q => q.Key is not ("format" or "ids" or "request" or "unmask")).ToDictionary());
            return Export(exporter, d, request is { Length: > 0 } json ? Parse(json) : DocumentEndpoints.Request(d, query), ids, format, unmask == true, ct);
        }).Is(d, DocumentVerb.Export);
        if (!d.Importable) return;
        group.Post(path + "/import/files", async (HttpRequest http, IMediator mediator, [FromQuery] string? name, CancellationToken ct) =>
            new Uploaded(await mediator.Send(new TakeImportFile(type, name ?? "上传的文件", http.Body), ct)))
                .Accepts<byte[]>("application/octet-stream").WithMetadata(new RequestSizeLimitAttribute(ImportFiles.Limits.MaxFileBytes + 1024)).Is(d, DocumentVerb.UploadImport);
        group.Get(path + "/import/files/{file}", (string file, [FromQuery] int? sheet, IMediator mediator, CancellationToken ct) => mediator.Send(new InspectImport(type, file, sheet ?? 0), ct))
            .Is(d, DocumentVerb.InspectImport);
        group.Post(path + "/import", (ImportPlan plan, IMediator mediator, CancellationToken ct) => mediator.Send(new StartImport(type, plan), ct)).Is(d, DocumentVerb.StartImport);
        group.Get(path + "/import/{operation:long}", (long operation, IMediator mediator, CancellationToken ct) => mediator.Send(new GetImport(operation), ct)).Is(d, DocumentVerb.GetImport);
    }

    /// <summary>The logs, and what a filter shows of them as a file.</summary>
    public static void MapLog(RouteGroupBuilder group)
    {
        group.Get("/log", ([AsParameters] ListLog query, IMediator mediator, CancellationToken ct) => mediator.Send(query, ct)).WithName("ListLog").WithSummary("日志").WithDescription("登录日志、操作日志、审计日志，新的在前；beforeId 给出上一页最后一条的编号。权限：`settings.log.read`。");
        group.Get("/log/export", async ([AsParameters] ListLog query, IMediator mediator, IFormat format, ICurrentUser me, Security.AuditLog log, HttpContext http, CancellationToken ct) =>
        {
            var page = await mediator.Send(query with { Take = 1000 }, ct);
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = "attachment; filename=log.csv";
            await using var writer = Sheets.SheetWriter.CreateCsv(http.Response.Body, [new(L("时间"), Sheets.SheetColumnKind.DateTime), new(L("用户")), new(L("代看人")), new(L("登录名")), new(L("来源")), new(L("内容")), new(L("结果")), new(L("对象"))]);
            while (page.Count > 0)
            {
                foreach (var e in page) await writer.WriteRow([TimeZoneInfo.ConvertTimeFromUtc(e.At, format.Zone), e.Who, e.SeenBy, e.Login, e.Address, e.Label, e.Result, e.Details], ct);
                page = page.Count < 1000 ? [] : await mediator.Send(query with { Take = 1000, BeforeId = page[^1].Id }, ct);
            }
            await log.Write("audit", "导出日志", me.Id, me.SeenBy, null, me.Source, "成功", null, ct);
        }).WithName("ExportLog").WithSummary("导出日志").WithDescription("符合条件的日志写成 CSV 文件。权限：`settings.log.read`。").Produces<string>(200, "text/csv");
    }

    /// <summary>What belongs to operations rather than to a type.</summary>
    public static void MapOperations(RouteGroupBuilder group)
    {
        group.Get("/operations", (int? take, bool? everyone, IMediator mediator, CancellationToken ct) => mediator.Send(new ListOperations(take ?? 50, everyone == true), ct)).WithName("ListOperations").WithSummary("批量操作记录").WithDescription("导入、批量修改、删除、交接等操作，新的在前：谁、何时、做了多少、能否撤销。默认只有自己的。");
        group.Get("/operations/{id:long}", (long id, IMediator mediator, CancellationToken ct) => mediator.Send(new GetOperation(id), ct)).WithName("GetOperation").WithSummary("一次批量操作").WithDescription("一次操作的进度与结果。");
        group.Post("/operations/{id:long}/cancel", (long id, IMediator mediator, CancellationToken ct) => mediator.Send(new CancelOperation(id), ct)).WithName("CancelOperation").WithSummary("取消进行中的操作").WithDescription("请进行中的操作停下：已做的保留，可以撤销。");
        group.Post("/operations/{id:long}/undo", (long id, IMediator mediator, CancellationToken ct) => mediator.Send(new UndoOperation(id), ct)).WithName("UndoOperation").WithSummary("撤销整个操作").WithDescription("把一次操作做过的全部退回；其后又改过的行保持现状，在 problems 中列出。");
        group.Get("/operations/{id:long}/errors", async (long id, IMediator mediator, ImportFiles files, CancellationToken ct) =>
        {
            await mediator.Send(new GetOperation(id), ct);
            var file = files.ErrorFile(id);
            if (!File.Exists(file)) throw new NotFound("错误文件");
            var name = L($"未导入的行-{id.ToString(CultureInfo.InvariantCulture)}.xlsx");
            if (Texts.Chinese) return Results.File(file, Excel, name);
            var content = new MemoryStream();
            await ErrorFile.Retell(file, content, ct);
            return Results.File(content.ToArray(), Excel, name);
        }).WithName("OperationErrors").WithSummary("未导入的行").WithDescription("未导入的行连同原因，写成 Excel 文件，改正后可再次导入。").Produces<byte[]>(200, Excel);
    }

    internal static ListRequest Parse(string json)
    {
        try
        {
            var request = JsonSerializer.Deserialize<ListRequest>(json, Bodies.Options) ?? new();
            if (request.Filters.Any(f => f is null || f.Values.Any(v => v is null)) || request.Columns?.Any(c => c is null) == true) throw new Invalid("request", "查询条件含有空项。");
            return request;
        }
        catch (JsonException)
        {
            throw new Invalid("request", "查询条件不是有效的 JSON。");
        }
    }

    private static async Task<IResult> Export(Exporter exporter, DocumentDefinition d, ListRequest request, string? ids, string? format, bool unmask, CancellationToken ct)
    {
        if (format is not (null or "" or "xlsx" or "csv")) throw new Invalid("format", "导出格式只能是 xlsx 或 csv。");
        var csv = format == "csv";
        var chosen = string.IsNullOrEmpty(ids) ? null : ids.Split(',').Select(i => long.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new Invalid("ids", "编号不正确。")).ToList();
        // Into a file first: a failure half-way is an error, not half a file that looks whole.
        var file = Path.GetTempFileName();
        try
        {
            await using (var stream = File.Create(file)) await exporter.Write(d, request, chosen, csv, unmask, stream, ct);
            var name = $"{d.Labels}-{DateTime.UtcNow.AddHours(8).ToString("yyyyMMdd-HHmm", CultureInfo.InvariantCulture)}.{(csv ? "csv" : "xlsx")}";
            return Results.File(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose), csv ? "text/csv; charset=utf-8" : Excel, name);
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }
}
