using System.Text.Json.Nodes;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>Schemas made from a document type's declaration: what is answered, what may be sent.</summary>
internal sealed class FieldShapes(Caches caches)
{
    private const int MostEntriesTold = 20;

    /// <summary>The schema's name of a type: <c>customer</c> is <c>Customer</c>.</summary>
    public static string Name(DocumentDefinition d) => char.ToUpperInvariant(d.Type[0]) + d.Type[1..];

    /// <summary>One document with all its fields.</summary>
    public OpenApiSchemaReference Whole(DocumentDefinition d, OpenApiDocument document)
    {
        var shown = d.Fields.Where(f => !f.Hidden).ToList();
        var properties = Head();
        properties["type"] = Shape.Text().Says("单据类型").Like(d.Type);
        Add(properties, shown);
        properties["masked"] = Shape.List(Shape.Text()).Says("被掩码的字段");
        properties["deletedAt"] = Shape.Moment().Says("在回收站中时：删除的时间");
        return Shape.Record(properties, ["id", "version", "type", .. shown.Select(f => f.Name)]).Says(d.Label).In(document, Name(d));
    }

    /// <summary>A page of a list; the columns asked for stand in each item.</summary>
    public OpenApiSchemaReference Page(DocumentDefinition d, OpenApiDocument document)
    {
        var properties = Head();
        Add(properties, d.Fields.Where(f => !f.Hidden));
        var item = Shape.Record(properties, ["id", "version"]).Says($"列表中的一行{d.Label}：只含所要的列").In(document, Name(d) + "Row");
        return Shape.Record(new()
        {
            ["items"] = Shape.List(item),
            ["next"] = Shape.Text().OrNull().Says("下一页的 cursor；没有下一页时为 null"),
            ["previous"] = Shape.Text().OrNull().Says("上一页的 cursor"),
        }, ["items", "next", "previous"]).Says($"{d.Label}列表的一页").In(document, Name(d) + "Page");
    }

    /// <summary>What may be sent to create one.</summary>
    public OpenApiSchemaReference New(DocumentDefinition d, OpenApiDocument document) =>
        Shape.Record(Sent(d, f => true, Confirmed()), Needed(d)).Says($"新建{d.Label}的值").Like(Example(d, creating: true)).In(document, Name(d) + "New");

    /// <summary>What may be sent to change one: fields left out stay as they are.</summary>
    public OpenApiSchemaReference Change(DocumentDefinition d, OpenApiDocument document)
    {
        var properties = Sent(d, f => !f.Fixed, Confirmed());
        properties["version"] = Shape.Id().Says("所见的版本，代替 If-Match");
        return Shape.Record(properties, []).Says($"修改{d.Label}的值：没有给出的字段保持不变").Like(Example(d, creating: false)).In(document, Name(d) + "Change");
    }

    /// <summary>A row of a bulk save: either of the two.</summary>
    public OpenApiSchemaReference BulkRow(DocumentDefinition d, OpenApiDocument document)
    {
        var properties = Sent(d, f => true, Confirmed());
        properties["id"] = Shape.Id().Says("要修改的一份；没有则新建");
        properties["version"] = Shape.Id().Says("修改时所见的版本");
        return Shape.Record(properties, []).Says("一行：没有 id 是新建，有 id 和 version 是修改").Like(Example(d, creating: true)).In(document, Name(d) + "BulkRow");
    }

    /// <summary>Values that may be set for many rows at once.</summary>
    public OpenApiSchemaReference Batch(DocumentDefinition d, OpenApiDocument document) =>
        Shape.Record(Sent(d, f => f.Batch || f.Name == "ownerId", null), []).Says("要设为的值")
            .Like(Writable(d).Where(f => f.Batch || f.Name == "ownerId").MinBy(f => f.Kind == FieldKind.Reference) is { } f ? new JsonObject { [f.Name] = ExampleOf(f) } : new JsonObject()).In(document, Name(d) + "Batch");

    private static Dictionary<string, IOpenApiSchema> Head() => new() { ["id"] = Shape.Id().Says("编号，全系统唯一"), ["version"] = Shape.Id().Says("版本，每次保存加一") };

    private static OpenApiSchema Confirmed() => Shape.List(Shape.Text()).OrNull().Says("已看过并确认的提醒的 code，如 duplicate").Like(new JsonArray());

    /// <summary>Fields a caller may set.</summary>
    public static IEnumerable<FieldDefinition> Writable(DocumentDefinition d) => d.Fields.Where(f => !f.Hidden && !f.ReadOnly && (!f.System || f.Name == "ownerId"));

    private static IEnumerable<string> Needed(DocumentDefinition d) => Writable(d).Where(f => f is { Required: true, Default: null, VisibleWhen: null, StartsNow: false, System: false }).Select(f => f.Name);

    private Dictionary<string, IOpenApiSchema> Sent(DocumentDefinition d, Func<FieldDefinition, bool> which, OpenApiSchema? confirmed)
    {
        var properties = Writable(d).Where(which).ToDictionary(f => f.Name, f => (IOpenApiSchema)(f.Required ? Of(f, sent: true) : Of(f, sent: true).OrNull()));
        if (confirmed is not null) properties["confirmed"] = confirmed;
        return properties;
    }

    private void Add(Dictionary<string, IOpenApiSchema> properties, IEnumerable<FieldDefinition> fields)
    {
        foreach (var f in fields)
        {
            properties[f.Name] = f.Name is "number" or "createdAt" or "updatedAt" or "createdBy" or "updatedBy" ? Of(f, sent: false) : Of(f, sent: false).OrNull();
            if (f.Kind == FieldKind.Reference) properties[f.Name + "Name"] = Shape.Text().Says($"{f.Label}的名称");
        }
    }

    private OpenApiSchema Of(FieldDefinition f, bool sent)
    {
        var schema = f.Kind switch
        {
            FieldKind.Number => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
            FieldKind.Money => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "decimal", MultipleOf = sent ? 0.01m : null },
            FieldKind.Quantity => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "decimal", MultipleOf = sent ? 0.0001m : null },
            FieldKind.Date => Shape.Day(),
            FieldKind.Instant => Shape.Moment(),
            FieldKind.Flag => Shape.Flag(),
            FieldKind.Reference => Shape.Id(),
            FieldKind.Fixed => Shape.OneOf([.. f.Values.Select(v => v.Code)]),
            _ => Shape.Text(sent ? f.MaxLength : null),
        };
        if (sent && f.Min is { } min) schema.Minimum = min.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (sent && f.Max is { } max) schema.Maximum = max.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Dictionary<string, IOpenApiExtension> more = [];
        if (f.Dictionary is { } dictionary) more["x-dictionary"] = new JsonNodeExtension(dictionary);
        if (f.RefersTo is { } type) more["x-refers-to"] = new JsonNodeExtension(type);
        if (f.Masked) more["x-masked"] = new JsonNodeExtension(true);
        if (more.Count > 0) schema.Extensions = more;
        return schema.Says(Words(f, sent)).Like(ExampleOf(f));
    }

    private string Words(FieldDefinition f, bool sent)
    {
        var words = new List<string> { f.Label };
        if (f.Help is not null) words.Add(f.Help);
        if (f.Kind == FieldKind.Fixed) words.Add(string.Join("，", f.Values.Select(v => $"{v.Code} {v.Label}")));
        if (f.Dictionary is { } dictionary && caches.Dictionaries.Find(dictionary) is { } found)
        {
            var entries = found.Entries.Where(e => !e.Disabled).ToList();
            words.Add($"字典 {dictionary} 的代码：{string.Join("，", entries.Take(MostEntriesTold).Select(e => $"{e.Code} {e.Label}"))}{(entries.Count > MostEntriesTold ? $" 等 {entries.Count} 项" : "")}");
        }
        if (f.RefersTo is { } type) words.Add(type == FieldDefinition.AnyType ? "任何一种单据的编号" : $"{type} 的编号");
        if (f.Masked && !sent) words.Add("别人名下的只显示一部分，除非有权并用 unmask=true 查看");
        if (f.Kind is FieldKind.Money) words.Add($"{(caches.Company.Currency is var code && code == "CNY" ? "元" : code)}，最多两位小数");
        return string.Join("。", words);
    }

    private JsonNode? ExampleOf(FieldDefinition f) => f.Example is { } own ? own : f.Kind switch
    {
        FieldKind.Choice => caches.Dictionaries.Find(f.Dictionary!)?.Entries.FirstOrDefault(e => !e.Disabled)?.Code,
        FieldKind.Fixed => f.Values.FirstOrDefault()?.Code,
        FieldKind.Phone => "13800138000",
        FieldKind.Email => "li.ming@example.com",
        FieldKind.Url => "https://www.example.com",
        FieldKind.Number => 3,
        FieldKind.Money or FieldKind.Quantity => 1280.5m,
        FieldKind.Date => "2026-01-31",
        FieldKind.Instant => "2026-01-31T01:30:00Z",
        FieldKind.Flag => true,
        FieldKind.Reference => 1024,
        _ => f.Check is not null ? null : f.MaxLength < 12 ? "示例" : f.Required ? $"示例{f.Label}" : f.Label,
    };

    /// <summary>A body that is accepted as it stands.</summary>
    private JsonObject Example(DocumentDefinition d, bool creating)
    {
        var example = new JsonObject();
        foreach (var f in Writable(d).Where(f => f.Kind == FieldKind.Reference ? creating && f.Required : (creating ? f.Required && !f.Fixed || f.Listed && f.Kind == FieldKind.Choice : f.Kind is FieldKind.LongText || f.Listed && f.Kind == FieldKind.Choice)))
            if (ExampleOf(f) is { } value) example[f.Name] = value;
        return example;
    }
}
