using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace KuaipuCrm.Platform.Api.Description;

/// <summary>Short words for schemas.</summary>
internal static class Shape
{
    public static OpenApiSchema Text(int? max = null) => new() { Type = JsonSchemaType.String, MaxLength = max };
    public static OpenApiSchema Id() => new() { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "0", Maximum = "9007199254740991" };
    public static OpenApiSchema Whole(int? min = null, int? max = null) => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = min?.ToString(System.Globalization.CultureInfo.InvariantCulture), Maximum = max?.ToString(System.Globalization.CultureInfo.InvariantCulture) };
    public static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean };
    public static OpenApiSchema Moment() => new() { Type = JsonSchemaType.String, Format = "date-time" };
    public static OpenApiSchema Day() => new() { Type = JsonSchemaType.String, Format = "date" };
    public static OpenApiSchema List(IOpenApiSchema of, int? max = null) => new() { Type = JsonSchemaType.Array, Items = of, MaxItems = max };
    public static OpenApiSchema OneOf(params string[] values) => new() { Type = JsonSchemaType.String, Enum = [.. values.Select(v => (JsonNode)v)] };

    /// <summary>An object of these properties and no others; closed by the keyword itself, as the library leaves a <c>false</c> out.</summary>
    public static OpenApiSchema Record(Dictionary<string, IOpenApiSchema> properties, IEnumerable<string> required, bool open = false) =>
        new() { Type = JsonSchemaType.Object, Properties = properties, Required = required.ToHashSet(), UnrecognizedKeywords = open ? null : new Dictionary<string, JsonNode> { ["additionalProperties"] = false } };

    public static OpenApiSchema OrNull(this OpenApiSchema schema)
    {
        schema.Type |= JsonSchemaType.Null;
        if (schema.Enum is { } values && values.All(v => v is not null)) schema.Enum = [.. values, JsonNullSentinel.JsonNull];
        return schema;
    }

    public static OpenApiSchema Says(this OpenApiSchema schema, string? description)
    {
        schema.Description = description;
        return schema;
    }

    public static OpenApiSchema Like(this OpenApiSchema schema, JsonNode? example)
    {
        if (example is not null) schema.Examples = [example];
        return schema;
    }

    /// <summary>Puts the schema among the document's components, once, and names it.</summary>
    public static OpenApiSchemaReference In(this OpenApiSchema schema, OpenApiDocument document, string name)
    {
        document.Components ??= new();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        if (!document.Components.Schemas.ContainsKey(name)) document.AddComponent(name, schema);
        return new(name, document);
    }

    public static OpenApiMediaType Json(IOpenApiSchema schema) => new() { Schema = schema };
}
