using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NJsonSchema;

namespace KuaipuCrm.Tests.Api;

/// <summary>An OpenAPI document as a caller reads it: operations with their references followed, and whether an answer keeps to it.</summary>
internal sealed partial class ApiDocument(JsonNode document)
{
    private readonly ConcurrentDictionary<string, Task<JsonSchema>> compiled = new();

    public sealed record Operation(string Method, string Path, string Id, JsonObject Node)
    {
        public override string ToString() => $"{Method} {Path}";
    }

    public JsonNode Root => document;

    public List<Operation> Operations =>
    [
        .. from path in document["paths"]!.AsObject()
           from method in path.Value!.AsObject()
           select new Operation(method.Key.ToUpperInvariant(), path.Key, (string?)method.Value!["operationId"] ?? "", method.Value!.AsObject()),
    ];

    public JsonObject Follow(JsonNode node)
    {
        while ((string?)node["$ref"] is { } reference) node = reference[2..].Split('/').Aggregate(document, (n, part) => n[part]!);
        return node.AsObject();
    }

    public IEnumerable<JsonObject> Parameters(Operation o, string place) => (o.Node["parameters"]?.AsArray() ?? []).Select(p => Follow(p!)).Where(p => (string?)p["in"] == place);

    public JsonObject? Body(Operation o) => o.Node["requestBody"]?["content"]?["application/json"]?.AsObject();

    public JsonObject? Answer(Operation o, int status) => o.Node["responses"]?[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] is { } answer ? Follow(answer) : null;

    /// <summary>What is wrong with an answer by this document; empty where nothing is.</summary>
    public async Task<List<string>> Wrong(Operation o, Running.Answer answer)
    {
        var status = (int)answer.Status;
        if (status >= 500) return [$"{status}"];
        if (Answer(o, status) is not { } declared) return [$"{status} is not declared: {answer.Detail}"];
        var wrong = new List<string>();
        foreach (var header in declared["headers"]?.AsObject().Select(h => h.Key) ?? [])
            if (!answer.Headers.ContainsKey(header)) wrong.Add($"{status} lacks the header {header}");
        var content = declared["content"]?.AsObject();
        if (content is null or { Count: 0 })
        {
            if (answer.Bytes.Length > 0) wrong.Add($"{status} has a body");
            return wrong;
        }
        var type = answer.Headers.GetValueOrDefault("Content-Type")?.Split(';')[0] ?? "";
        if (content[type] is not { } media) return [.. wrong, $"{status} is of type “{type}”"];
        if (!type.EndsWith("json", StringComparison.Ordinal)) return wrong;
        var schema = await Compile(media["schema"]!);
        return [.. wrong, .. schema.Validate(answer.Text).Take(3).Select(e => $"{status}: {e.Kind} at {e.Path}: {(answer.Text.Length > 200 ? answer.Text[..200] : answer.Text)}")];
    }

    /// <summary>Whether a value keeps to a schema of the document.</summary>
    public async Task<bool> Fits(JsonNode schema, JsonNode? value) => (await Compile(schema)).Validate(value?.ToJsonString() ?? "null").Count == 0;

    private Task<JsonSchema> Compile(JsonNode schema) => compiled.GetOrAdd(schema.ToJsonString(), text =>
    {
        // With the definitions it leads to only: all of a module's are read slowly.
        var definitions = new JsonObject();
        var open = new Queue<string>([text]);
        while (open.TryDequeue(out var at))
            foreach (var name in Reference().Matches(at).Select(m => m.Groups[1].Value).Where(n => !definitions.ContainsKey(n)))
            {
                definitions[name] = document["components"]!["schemas"]![name]!.DeepClone();
                open.Enqueue(definitions[name]!.ToJsonString());
            }
        var whole = new JsonObject { ["allOf"] = new JsonArray(JsonNode.Parse(text)), ["definitions"] = definitions };
        return JsonSchema.FromJsonAsync(whole.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal));
    });

    [GeneratedRegex("\"#/components/schemas/([^\"]+)\"")]
    private static partial Regex Reference();
}
