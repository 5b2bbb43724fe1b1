using System.ComponentModel.DataAnnotations;
using System.Reflection;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>Describes the endpoints of commands and queries, from their declarations.</summary>
internal sealed class MessageDescriber(ModuleCatalog catalog)
{
    /// <summary>What parameters are called that carry no label of their own.</summary>
    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["id"] = "编号",
        ["userId"] = "用户的编号",
        ["roleId"] = "角色的编号",
        ["customerId"] = "客户的编号",
        ["contactId"] = "联系人的编号",
        ["operation"] = "操作的编号",
        ["type"] = "单据类型，如 customer",
        ["dictionary"] = "字典的代码，如 industry",
        ["take"] = "最多几条",
        ["before"] = "只要比这一条更早的",
        ["beforeId"] = "只要比这一条更早的",
        ["afterId"] = "只要这一条之后的",
        ["everyone"] = "true 查看所有人的（须有权）",
        ["unmask"] = "true 查看完整内容，须有权，并记录",
        ["text"] = "要找的文字",
        ["file"] = "上传时得到的 file",
        ["sheet"] = "第几个工作表，从 0 起",
        ["name"] = "名称",
        ["kind"] = "登录日志 signin、操作日志 operation、审计日志 audit",
        ["from"] = "从哪一天起",
        ["to"] = "到哪一天止",
        ["result"] = "结果，如 成功",
        ["If-Match"] = "所见的版本：GET 回答中的 ETag；* 为现有的任何版本",
        ["creditCode"] = "统一社会信用代码",
        ["phone"] = "电话",
        ["email"] = "邮箱",
        ["key"] = "名称",
        ["website"] = "网址",
        ["comment"] = "点评的编号",
        ["attachment"] = "附件的编号",
        ["versionsOf"] = "只要这个附件的各个版本",
        ["replaces"] = "作为这个附件的新版本",
        ["confirmed"] = "已确认的提示的代码，逗号分隔",
        ["inline"] = "true 在浏览器中直接显示",
        ["taskId"] = "审核任务的编号",
        ["list"] = "哪一个列表",
        ["rule"] = "提醒的编号",
        ["ruleId"] = "规则的编号",
        ["poolId"] = "公海的编号",
        ["state"] = "状态",
        ["unreadOnly"] = "true 只要未读的",
        ["except"] = "不算这一份（编号）",
    };

    public void Describe(OpenApiOperation o, MessageOperation on, OpenApiDocument document)
    {
        var permission = on.Action.Permission.Length == 0 ? "登录即可" : $"`{on.Action.Permission}`（{catalog.Permissions.GetValueOrDefault(on.Action.Permission, on.Action.Label)}）";
        (o.Summary, o.Description) = (on.Action.Label, $"{on.Action.Help ?? on.Action.Label + "。"}\n\n权限：{permission}。{(typeof(IByOwnHand).IsAssignableFrom(on.Message) ? "令牌不能调用，须登录。" : "")}");
        if (o.RequestBody is not null) o.RequestBody = Body(on.Message, o, document) is { } body
            ? new OpenApiRequestBody { Required = body.Required?.Count > 0, Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = Shape.Json(body.In(document, on.Message.Name)) } }
            : null;
        if (on.Action.Example is { } example && o.RequestBody?.Content?["application/json"] is { } media) media.Example = System.Text.Json.Nodes.JsonNode.Parse(example);
        // A text may be missing; of a query's result the framework doesn't see it.
        foreach (var answer in o.Responses?.Values.OfType<OpenApiResponse>() ?? [])
            if (answer.Content?.Values.FirstOrDefault()?.Schema is OpenApiSchema { Type: JsonSchemaType.String } text) text.OrNull();
            else if (on.Action.OrNothing && answer.Content?.Values.FirstOrDefault() is { Schema: { } some } nothing) nothing.Schema = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, some] };
        ProblemAnswers.Add(o, document, 400, 401, 403, 404, 422, 429, 503);
        if (typeof(MediatR.IBaseRequest).IsAssignableFrom(on.Message) && on.Message.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICommand<>))) ProblemAnswers.Add(o, document, 409, 413, 415);
    }

    /// <summary>Names every parameter, in the case of the API.</summary>
    public static void Parameters(OpenApiOperation o, Type? message)
    {
        foreach (var p in o.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (p.In is ParameterLocation.Query && p.Name is { } name) p.Name = char.ToLowerInvariant(name[0]) + name[1..];
            p.Description ??= Label(message, p.Name!) ?? Known.GetValueOrDefault(p.Name!);
        }
    }

    private static string? Label(Type? message, string parameter) =>
        message?.GetConstructors().SelectMany(c => c.GetParameters()).FirstOrDefault(p => string.Equals(p.Name, parameter, StringComparison.OrdinalIgnoreCase))?.GetCustomAttribute<LabelAttribute>()?.Text;

    /// <summary>The message less what the path names; null where nothing is left.</summary>
    private static OpenApiSchema? Body(Type message, OpenApiOperation o, OpenApiDocument document)
    {
        var nullable = new NullabilityInfoContext();
        var (properties, required) = (new Dictionary<string, IOpenApiSchema>(), new List<string>());
        if (document.Components?.Schemas?.TryGetValue(message.Name, out var component) != true || component is not OpenApiSchema { Properties: { } whole } known) return null;
        foreach (var p in message.GetConstructors()[0].GetParameters())
        {
            var name = char.ToLowerInvariant(p.Name![0]) + p.Name[1..];
            if (o.Parameters?.Any(x => x.In == ParameterLocation.Path && string.Equals(x.Name, name, StringComparison.OrdinalIgnoreCase)) == true || !whole.TryGetValue(name, out var schema)) continue;
            if (schema is OpenApiSchema own)
            {
                own.Description ??= p.GetCustomAttribute<LabelAttribute>()?.Text ?? Known.GetValueOrDefault(name);
                if (p.GetCustomAttribute<MaxLengthAttribute>() is { } max) own.MaxLength = max.Length;
            }
            properties[name] = schema;
            if (!p.HasDefaultValue && !p.ParameterType.IsValueType && nullable.Create(p).WriteState == NullabilityState.NotNull) required.Add(name);
        }
        (known.Properties, known.Required) = (properties, required.ToHashSet());
        return properties.Count == 0 ? null : known;
    }
}
