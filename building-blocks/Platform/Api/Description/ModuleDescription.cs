using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>The OpenAPI 3.1 document of a module, made from the same declarations as the module's endpoints (API-1).</summary>
public static class ModuleDescription
{
    public static void AddModuleDescription(this IServiceCollection services, string module, string name) => services.AddOpenApi(module, o =>
    {
        o.ShouldInclude = d => d.GroupName == module && d.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        // Numbers are sent and answered as numbers.
        o.AddSchemaTransformer((schema, _, _) =>
        {
            if (schema.Type is { } type && type.HasFlag(JsonSchemaType.String) && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0) (schema.Type, schema.Pattern) = (type & ~JsonSchemaType.String, null);
            if (schema is { Enum.Count: > 0, Type: null }) schema.Type = JsonSchemaType.String;
            return Task.CompletedTask;
        });
        o.AddDocumentTransformer((document, context, _) =>
        {
            Whole(document, module, name);
            var describers = (Documents: new DocumentDescriber(new FieldShapes(context.ApplicationServices.GetRequiredService<Caches>())), Messages: new MessageDescriber(context.ApplicationServices.GetRequiredService<ModuleCatalog>()));
            foreach (var description in context.DescriptionGroups.SelectMany(g => g.Items).Where(d => o.ShouldInclude(d)))
            {
                var path = "/" + System.Text.RegularExpressions.Regex.Replace(description.RelativePath!, @"\{([^}:]+)(:[^}]*)?\}", "{$1}");
                if (document.Paths.TryGetValue(path, out var item) && item.Operations?.GetValueOrDefault(new HttpMethod(description.HttpMethod!)) is { } operation)
                    One(operation, description.RelativePath!, description.ActionDescriptor.EndpointMetadata, description.HttpMethod!, describers.Documents, describers.Messages, document);
            }
            foreach (var replaced in new[] { "BulkBody", "ChangeRows", "Rows", "RowRef", "ImportPlan" }) document.Components?.Schemas?.Remove(replaced);
            Examples.Fill(document);
            return Task.CompletedTask;
        });
    });

    private static void Whole(OpenApiDocument document, string module, string name)
    {
        document.Info = new()
        {
            Title = $"KuaipuCrm {name}",
            Version = typeof(ModuleDescription).Assembly.GetName().Version?.ToString(3) ?? "0",
            Description = $"{name}的接口（/api/{module}）：与界面用同样的命令、同样的权限、同样的检查。时间都是 UTC；出错都是 application/problem+json。",
        };
        // Called by its own address, whatever stands in front.
        document.Servers = [new() { Url = "/" }];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "kpc_…", Description = "API 令牌：在“我的账号 → API 令牌”或“系统设置 → API 令牌”新建，放进 Authorization: Bearer kpc_…" },
            ["session"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = Security.SessionAuthentication.Cookie, Description = "浏览器的登录" },
        };
        document.Security = [Needs("token", document), Needs("session", document)];
    }

    /// <summary>An endpoint mapped by hand: what may be null in its body need not be sent.</summary>
    private static void Plain(OpenApiOperation operation, OpenApiDocument document, string method)
    {
        if (operation.RequestBody?.Content?.Values.FirstOrDefault()?.Schema is OpenApiSchemaReference { Reference.Id: { } id } && document.Components?.Schemas?.TryGetValue(id, out var named) == true && named is OpenApiSchema { Properties: { } properties } body)
            body.Required = body.Required?.Where(r => properties.TryGetValue(r, out var p) && p.Type?.HasFlag(JsonSchemaType.Null) != true).ToHashSet();
        ProblemAnswers.Add(operation, document, method == "GET" ? [400, 401, 403, 404, 422, 429, 503] : [400, 401, 403, 404, 409, 413, 415, 422, 429, 503]);
    }

    /// <summary>What the address names of a command is put into it by name and so unknown to the framework.</summary>
    private static void Path(OpenApiOperation operation, string path)
    {
        operation.Parameters ??= [];
        foreach (var name in System.Text.RegularExpressions.Regex.Matches(path, @"\{([^}:]+)").Select(m => m.Groups[1].Value).Where(n => operation.Parameters.All(p => p.Name != n)))
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = name.EndsWith("id", StringComparison.OrdinalIgnoreCase) ? Shape.Id() : Shape.Text() });
    }

    private static OpenApiSecurityRequirement Needs(string scheme, OpenApiDocument document) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };

    private static void One(OpenApiOperation operation, string path, IList<object> metadata, string method, DocumentDescriber documents, MessageDescriber messages, OpenApiDocument document)
    {
        operation.Responses ??= [];
        Path(operation, path);
        var message = metadata.OfType<MessageOperation>().FirstOrDefault();
        if (metadata.OfType<DocumentOperation>().FirstOrDefault() is { } on) documents.Describe(operation, on, document);
        else if (message is not null) messages.Describe(operation, message, document);
        else Plain(operation, document, method);
        operation.Description ??= $"{operation.Summary}。";
        MessageDescriber.Parameters(operation, message?.Message);
        var own = message is not null && typeof(IByOwnHand).IsAssignableFrom(message.Message);
        if (own) operation.Security = [Needs("session", document)];
        if (method == "POST" && !own && operation.RequestBody?.Content?.ContainsKey("application/octet-stream") != true)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = "Idempotency-Key", In = ParameterLocation.Header, Schema = Shape.Text(100), Description = "自选的键，如 UUID：24 小时内以同样的键和内容再发，只做一次，回答相同（带 Idempotency-Replayed: true）" });
        }
        foreach (var (status, response) in operation.Responses)
        {
            if (status[0] != '2' || response is not OpenApiResponse answer) continue;
            if (answer.Description is "OK" or "Created") answer.Description = "成功";
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>();
            foreach (var (header, words) in new[] { ("RateLimit-Limit", "每分钟最多几个请求"), ("RateLimit-Remaining", "这一分钟还剩几个"), ("RateLimit-Reset", "几秒后重新计数") })
                answer.Headers[header] = new OpenApiHeader { Description = words, Schema = Shape.Whole(0) };
        }
    }
}
