using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>An example for each body and each answer that has none of its own, made from its schema.</summary>
internal static class Examples
{
    public static void Fill(OpenApiDocument document)
    {
        foreach (var operation in document.Paths.Values.SelectMany(p => p.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>()))
        {
            var contents = new[] { operation.RequestBody?.Content }.Concat(operation.Responses?.Values.OfType<OpenApiResponse>().Select(r => r.Content) ?? []);
            foreach (var (type, content) in contents.OfType<IDictionary<string, OpenApiMediaType>>().SelectMany(c => c))
                if (type.EndsWith("json", StringComparison.Ordinal) && content is OpenApiMediaType { Example: null, Schema: { } schema } media) media.Example = Of(schema, document, 0);
        }
    }

    private static JsonNode? Of(IOpenApiSchema schema, OpenApiDocument document, int depth)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } id } && document.Components?.Schemas?.TryGetValue(id, out var named) == true) schema = named;
        if (schema.Examples is [{ } own, ..]) return own.DeepClone();
        if (schema.Enum is [{ } first, ..]) return first.DeepClone();
        if (schema.OneOf?.LastOrDefault() is { } last) return Of(last, document, depth);
        if (depth > 10) return null;
        var type = schema.Type & ~JsonSchemaType.Null;
        if (schema.Properties is { Count: > 0 } properties)
        {
            var example = new JsonObject();
            foreach (var (name, property) in properties)
                if (Of(property, document, depth + 1) is { } value) example[name] = value;
            return example;
        }
        return type switch
        {
            JsonSchemaType.Array => schema.Items is { } items && Of(items, document, depth + 1) is { } item ? new JsonArray(item) : new JsonArray(),
            JsonSchemaType.Integer => 1,
            JsonSchemaType.Number => 1.5m,
            JsonSchemaType.Boolean => true,
            JsonSchemaType.String when schema.Format == "date-time" => "2026-01-31T01:30:00Z",
            JsonSchemaType.String when schema.Format == "date" => "2026-01-31",
            JsonSchemaType.String => "示例",
            _ => new JsonObject(),
        };
    }
}
