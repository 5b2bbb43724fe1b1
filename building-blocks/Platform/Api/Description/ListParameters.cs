using System.Text.Json.Nodes;
using KuaipuCrm.Sdk;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>The query parameters of a list, its count and its export: the declared filters, sorts, columns and paging.</summary>
internal static class ListParameters
{
    public const string Words = "按声明的字段筛选：`字段=值`（重复给出表示任一），`字段.op=值`，op 为 is、isNot、in（逗号分隔）、contains、startsWith、from、to、within、empty、notEmpty；`@me` 表示自己。未声明的参数名会被拒绝。";

    public static IEnumerable<OpenApiParameter> Of(DocumentDefinition d, bool paged)
    {
        var shown = d.Fields.Where(f => !f.Hidden).ToList();
        yield return Query("text", Shape.Text(200), "快速查找：名称、编号、拼音首字母、电话");
        if (paged)
        {
            var sortable = shown.Where(f => f.Kind != FieldKind.LongText && !f.Masked).Select(f => f.Name).ToList();
            yield return Query("sort", Shape.OneOf([.. sortable, .. sortable.Select(s => "-" + s)]), "按哪个字段排序，前面加 - 为降序；默认 -updatedAt");
            yield return Query("take", Shape.Whole(1, 500), "每页几行，默认 50");
            yield return Query("cursor", Shape.Text(), "上一个回答中的 next 或 previous");
            yield return Query("page", Shape.Whole(1, 5_000_000), "跳到第几页，不与 cursor 同用");
        }
        yield return Query("columns", Shape.Text().Like(string.Join(',', shown.Where(f => f.Listed).Take(3).Select(f => f.Name))), $"要哪些列，逗号分隔：{string.Join("、", shown.Select(f => f.Name))}");
        if (d.Views.Count > 0) yield return Query("view", Shape.OneOf([.. d.Views.Select(v => v.Name)]), $"列表：{string.Join("、", d.Views.Select(v => $"{v.Name} {v.Label}"))}");
        yield return Query("bin", Shape.Flag(), "true 查看回收站");
        yield return Query("where", Shape.Text().Like(new System.Text.Json.Nodes.JsonObject
        {
            ["any"] = true,
            ["filters"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["field"] = d.Title.Name, ["op"] = "Contains", ["values"] = new System.Text.Json.Nodes.JsonArray("科技") }, new System.Text.Json.Nodes.JsonObject { ["field"] = "updatedAt", ["op"] = "Within", ["values"] = new System.Text.Json.Nodes.JsonArray("thisMonth") }),
        }.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })), "高级查询，JSON：any 为 true 时满足任一，否则全部满足；filters 是条件；groups 是其中的组，最多 4 层、50 个条件。引用的单据的字段写作 引用字段.字段");
        yield return Query("tiedTo", Shape.Id(), "只要与这份单据关联的，与 tiedBy 同用");
        yield return Query("tiedBy", Shape.Text(), "关联页签的名称");
        foreach (var f in shown)
            foreach (var (op, words) in Ops(f))
                yield return Query(op.Length == 0 ? f.Name : $"{f.Name}.{op}", Value(f, op), f.Label + words);
    }

    public static OpenApiParameter Query(string name, OpenApiSchema schema, string words) => new() { Name = name, In = ParameterLocation.Query, Schema = schema, Description = words };

    private static (string Op, string Words)[] Ops(FieldDefinition f) => f.Kind switch
    {
        FieldKind.Choice or FieldKind.Fixed or FieldKind.Reference => [("", "等于"), ("in", "属于，逗号分隔")],
        FieldKind.Date or FieldKind.Instant => [("from", "不早于"), ("to", "不晚于"), ("within", "在一段时间内")],
        FieldKind.Number or FieldKind.Money or FieldKind.Quantity => [("from", "不小于"), ("to", "不大于")],
        FieldKind.Flag => [("", "是否")],
        _ when f.Masked => [("", "等于，须给出完整内容")],
        FieldKind.LongText => [("contains", "包含")],
        _ => [("", "等于"), ("contains", "包含")],
    };

    private static OpenApiSchema Value(FieldDefinition f, string op) => (f.Kind, op) switch
    {
        (_, "in") => Shape.Text(),
        (_, "within") => Shape.OneOf("today", "yesterday", "thisWeek", "lastWeek", "thisMonth", "lastMonth", "thisYear", "last7Days", "last30Days", "last90Days", "next7Days", "beforeToday", "untilToday"),
        (FieldKind.Date or FieldKind.Instant, _) => Shape.Day(),
        (FieldKind.Flag, _) => Shape.Flag(),
        (FieldKind.Reference, _) => Shape.Id(),
        (FieldKind.Fixed, _) => Shape.OneOf([.. f.Values.Select(v => v.Code)]),
        (FieldKind.Number, _) => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        (FieldKind.Money or FieldKind.Quantity, _) => new OpenApiSchema { Type = JsonSchemaType.Number },
        _ => Shape.Text(),
    };
}
