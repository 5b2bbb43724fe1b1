using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>The refusals of the API, described once and named by each operation.</summary>
internal static class ProblemAnswers
{
    private static readonly IReadOnlyDictionary<int, (string Title, string Detail, string What)> All = new Dictionary<int, (string, string, string)>
    {
        [400] = ("填写有误", "请填写客户名称。", "填写有误：errors 按字段给出原因；或请求的格式不正确"),
        [401] = ("尚未登录", "令牌无效、已过期或已撤销。", "没有登录，或令牌无效、已过期、已撤销"),
        [403] = ("没有权限", "您没有“客户：新建”权限，请联系管理员。", "没有权限，或超出令牌的范围"),
        [404] = ("找不到", "客户不存在，或您无权查看。", "不存在，或无权查看：不告知是哪一种"),
        [409] = ("版本冲突", "这份资料已被李明修改，请核对两个版本后再保存。", "内容中给出的 version 已过时（currentVersion、changedBy、changedAt、current 给出现状）；或有提醒要确认（warnings：把 code 放进 confirmed 再发）；或内容重复"),
        [412] = ("版本冲突", "这份资料已被李明修改，请核对两个版本后再保存。", "If-Match 给出的版本已过时；内容同 409"),
        [413] = ("内容过大", "上传的内容过大。", "内容过大"),
        [415] = ("不支持的内容类型", "请用 Content-Type: application/json 发送内容。", "内容类型不对"),
        [422] = ("不符合业务规则", "客户“示例公司”还有下级客户，不能删除。", "不符合业务规则；批量保存时 rows 给出每一行的结果；或 Idempotency-Key 已用于另一个请求"),
        [429] = ("请求过多", "每分钟最多 6,000 个请求，请在 Retry-After 给出的秒数之后再试。", "请求过多，Retry-After 给出要等的秒数"),
        [503] = ("数据库暂不可用", "数据库暂时不可用，请稍后再试。", "数据库暂不可用，稍后再试"),
    };

    public static void Add(OpenApiOperation operation, OpenApiDocument document, params int[] statuses)
    {
        operation.Responses ??= [];
        foreach (var status in statuses) operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = Answer(status, document);
    }

    private static OpenApiResponseReference Answer(int status, OpenApiDocument document)
    {
        var name = "Problem" + status.ToString(CultureInfo.InvariantCulture);
        document.Components ??= new();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        if (!document.Components.Responses.ContainsKey(name))
        {
            var (title, detail, what) = All[status];
            var example = new JsonObject { ["type"] = $"https://tools.ietf.org/html/rfc9110", ["title"] = title, ["status"] = status, ["detail"] = detail };
            if (status == 400) example["errors"] = new JsonObject { ["name"] = new JsonArray(detail) };
            if (status is 409 or 412) (example["currentVersion"], example["changedBy"], example["changedAt"]) = (3, "李明", "2026-01-31T01:30:00Z");
            var response = new OpenApiResponse
            {
                Description = what,
                Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new OpenApiMediaType { Schema = Problem(document), Example = example } },
            };
            if (status == 429) response.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = new OpenApiHeader { Description = "要等的秒数", Schema = Shape.Whole(0) } };
            document.AddComponent(name, response);
        }
        return new(name, document);
    }

    private static OpenApiSchemaReference Problem(OpenApiDocument document)
    {
        var warning = Shape.Record(new()
        {
            ["code"] = Shape.Text().Says("确认时放进 confirmed"),
            ["field"] = Shape.Text(),
            ["message"] = Shape.Text(),
            ["details"] = Shape.List(Shape.Text()),
        }, ["code", "field", "message", "details"]).Says("要确认的提醒").In(document, "ProblemWarning");
        return Shape.Record(new()
        {
            ["type"] = Shape.Text(),
            ["title"] = Shape.Text().Says("哪一类问题"),
            ["status"] = Shape.Whole(400, 599),
            ["detail"] = Shape.Text().Says("给用户看的一句话"),
            ["traceId"] = Shape.Text().Says("查日志用"),
            ["errors"] = new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Shape.List(Shape.Text()), Description = "字段到原因；空的字段名是针对整体的" },
            ["warnings"] = Shape.List(warning),
            ["currentVersion"] = Shape.Id().Says("现在的版本"),
            ["changedBy"] = Shape.Text().Says("谁改的"),
            ["changedAt"] = Shape.Moment().Says("何时改的"),
            ["current"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "现在的值" },
            ["rows"] = Shape.List(new OpenApiSchema { Type = JsonSchemaType.Object }).Says("批量保存：每一行的结果"),
        }, ["title", "status", "detail"], open: true).Says("RFC 9457 问题说明").In(document, "Problem");
    }
}
