using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KuaipuCrm.Platform.Transfer;

/// <summary>A row as a line of JSON, the same whichever engine it came from: whole numbers, texts, times as texts that sort, bytes in an array.</summary>
internal sealed class RowText : IDisposable
{
    private readonly ArrayBufferWriter<byte> buffer = new(4096);
    private readonly Utf8JsonWriter json;

    // Chinese as it is, so that a dump can be read and searched.
    public RowText() => json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The line without its end; good until the next call.</summary>
    /// <exception cref="NotSupportedException">A value of a kind the columns of the house don't have.</exception>
    public ReadOnlySpan<byte> Write(object?[] row)
    {
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        json.WriteStartArray();
        foreach (var value in row)
            switch (value)
            {
                case null: json.WriteNullValue(); break;
                case long l: json.WriteNumberValue(l); break;
                case string s: json.WriteStringValue(s); break;
                case double d: json.WriteStartObject(); json.WriteNumber("real", d); json.WriteEndObject(); break;
                case byte[] b: json.WriteStartObject(); json.WriteBase64String("bytes", b); json.WriteEndObject(); break;
                default: throw new NotSupportedException($"{value.GetType()} is no value of a row.");
            }
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan;
    }

    /// <exception cref="JsonException">The line is none of ours.</exception>
    public static object?[] Read(string line)
    {
        using var parsed = JsonDocument.Parse(line);
        if (parsed.RootElement.ValueKind != JsonValueKind.Array) throw new JsonException("A row is an array.");
        return [.. parsed.RootElement.EnumerateArray().Select(Value)];
    }

    private static object? Value(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => e.GetInt64(),
        JsonValueKind.String => e.GetString(),
        JsonValueKind.Object when e.TryGetProperty("real", out var real) => real.GetDouble(),
        JsonValueKind.Object when e.TryGetProperty("bytes", out var bytes) => bytes.GetBytesFromBase64(),
        _ => throw new JsonException($"{e.ValueKind} is no value of a row."),
    };

    public void Dispose() => json.Dispose();
}
