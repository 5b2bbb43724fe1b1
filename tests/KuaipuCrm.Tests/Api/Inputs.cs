using System.Globalization;
using System.Text.Json.Nodes;

namespace KuaipuCrm.Tests.Api;

/// <summary>Inputs made from an operation's description: as it says, at its edges, beyond them.</summary>
internal static class Inputs
{
    /// <param name="Refused">The description says that this is wrong: it must not be carried out.</param>
    public sealed record Input(string What, string Query, object? Body, bool Refused, params (string, string)[] Headers);

    public static IEnumerable<Input> Of(ApiDocument api, ApiDocument.Operation o, JsonNode? valid, string query)
    {
        foreach (var p in api.Parameters(o, "query"))
            foreach (var (what, value, refused) in Values(api.Follow(p["schema"]!)))
                yield return new($"{p["name"]} {what}", Join(query, $"{p["name"]}={Uri.EscapeDataString(value)}"), valid?.DeepClone(), refused);
        if (api.Parameters(o, "header").Any(p => (string?)p["name"] == "If-Match"))
            foreach (var tag in new[] { "\"999\"", "\"0\"", "unsinn", "\"\"" }) yield return new($"If-Match {tag}", query, valid?.DeepClone(), true, ("If-Match", tag));
        if (api.Parameters(o, "header").Any(p => (string?)p["name"] == "Idempotency-Key")) yield return new("long key", query, valid?.DeepClone(), true, ("Idempotency-Key", new string('k', 101)));
        if (api.Body(o) is not { } body) yield break;
        foreach (var text in new[] { "", "null", "[]", "\"text\"", "{", "17" }) yield return new($"body {text}", query, text, (bool?)o.Node["requestBody"]!["required"] == true);
        yield return new("no JSON", query, new StringContent("a=b", System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"), true);
        if (valid is not JsonObject example) yield break;
        var schema = api.Follow(body["schema"]!);
        foreach (var name in schema["required"]?.AsArray().Select(r => (string)r!) ?? []) yield return new($"without {name}", query, With(example, name, null, remove: true), true);
        if (schema["additionalProperties"] is JsonValue) yield return new("unknown property", query, With(example, "gibtesnicht", "x"), true);
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
            foreach (var (what, value) in Bad(api, property!)) yield return new($"{name} {what}", query, With(example, name, value), false);
    }

    private static string Join(string query, string more) => query.Length == 0 ? "?" + more : query + "&" + more;

    private static JsonObject With(JsonObject example, string name, JsonNode? value, bool remove = false)
    {
        var copy = example.DeepClone().AsObject();
        copy.Remove(name);
        if (!remove) copy[name] = value;
        return copy;
    }

    private static IEnumerable<(string What, string Value, bool Refused)> Values(JsonObject schema)
    {
        var type = Type(schema);
        yield return ("empty", "", false);
        if (schema["enum"] is JsonArray { Count: > 0 } values)
        {
            yield return ("first", values[0]!.ToString(), false);
            yield return ("last", values[^1]!.ToString(), false);
            yield return ("unknown", "gibtesnicht", true);
            yield break;
        }
        switch (type)
        {
            case "integer":
                yield return ("least", ((decimal?)schema["minimum"] ?? 0).ToString(CultureInfo.InvariantCulture), false);
                yield return ("text", "abc", true);
                yield return ("huge", "99999999999999999999", true);
                if ((decimal?)schema["maximum"] is { } max && max < 1_000_000_000) yield return ("too large", (max + 1).ToString(CultureInfo.InvariantCulture), true);
                break;
            case "boolean":
                yield return ("true", "true", false);
                break;
            case "number":
                yield return ("one", "1.5", false);
                yield return ("text", "abc", true);
                break;
            default:
                if ((string?)schema["format"] == "date")
                {
                    yield return ("day", "2026-01-31", false);
                    yield return ("no day", "2026-02-31", true);
                }
                yield return ("sample", schema["examples"]?[0]?.ToString() ?? "示例", false);
                yield return ("long", new string('长', 300), false);
                yield return ("quote", "a'b\"%_;--", false);
                break;
        }
    }

    private static IEnumerable<(string What, JsonNode? Value)> Bad(ApiDocument api, JsonNode property)
    {
        var schema = api.Follow(property);
        yield return ("null", null);
        yield return ("object", new JsonObject { ["a"] = 1 });
        yield return ("list", new JsonArray(new JsonArray()));
        switch (Type(schema))
        {
            case "string":
                yield return ("number", 17);
                if ((int?)schema["maxLength"] is { } max)
                {
                    yield return ("longest", new string('长', max));
                    yield return ("too long", new string('长', max + 1));
                }
                yield return ("unknown", "gibtesnicht");
                yield return ("empty", "");
                break;
            case "integer" or "number":
                yield return ("text", "abc");
                yield return ("negative", -1);
                yield return ("huge", 9.9e20);
                yield return ("broken", 1.23456789m);
                break;
            case "boolean":
                yield return ("text", "abc");
                break;
            case "array":
                yield return ("empty", new JsonArray());
                yield return ("with null", new JsonArray((JsonNode?)null));
                yield return ("of text", new JsonArray("x"));
                break;
        }
    }

    private static string? Type(JsonObject schema) => schema["type"] switch { JsonArray several => several.Select(t => (string)t!).First(t => t != "null"), JsonValue one => (string)one!, _ => null };
}
