using System.Text.Encodings.Web;
using System.Text.Json;

namespace KuaipuCrm.Sdk;

/// <summary>The values of a record's custom fields: one JSON object, read when a value is asked for and written when it is saved. Keys no field has any more are kept.</summary>
internal sealed class CustomValues
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private string? text;
    private SortedDictionary<string, object?>? values;
    private bool changed;

    public string? Text
    {
        get
        {
            if (changed) (text, changed) = (values!.Count == 0 ? null : JsonSerializer.Serialize(values, Json), false);
            return text;
        }
        set => (text, values, changed) = (value, null, false);
    }

    public object? Get(string key) => text is null && values is null ? null : Values.GetValueOrDefault(key);

    public void Set(string key, object? value)
    {
        if (Equals(Get(key), value)) return;
        changed = true;
        if (value is null) Values.Remove(key);
        else Values[key] = value;
    }

    private SortedDictionary<string, object?> Values => values ??= Read(text);

    private static SortedDictionary<string, object?> Read(string? text)
    {
        var read = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(text)) return read;
        using var json = JsonDocument.Parse(text);
        foreach (var p in json.RootElement.EnumerateObject())
            read[p.Name] = p.Value.ValueKind switch
            {
                JsonValueKind.String => p.Value.GetString(),
                JsonValueKind.Number => p.Value.TryGetInt64(out var n) ? n : p.Value.Clone(),
                JsonValueKind.True => 1L,
                JsonValueKind.False or JsonValueKind.Null => null,
                _ => p.Value.Clone(),
            };
        return read;
    }
}
