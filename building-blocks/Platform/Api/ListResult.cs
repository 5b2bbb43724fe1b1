using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Http;

namespace KuaipuCrm.Platform.Api;

/// <summary>A page of a list as JSON, written straight to the response: a dictionary for each row would cost more than the query.</summary>
internal sealed class ListResult(DocumentDefinition d, ListPage page) : IResult
{
    // Chinese stays as it is: the answer is JSON and never part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public async Task ExecuteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, Options);
        var columns = page.Columns.Select(c => (Name: JsonEncodedText.Encode(c), NameOf: d.Find(c)?.Kind == FieldKind.Reference ? JsonEncodedText.Encode(c + "Name") : (JsonEncodedText?)null)).ToArray();
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var row in page.Rows)
        {
            json.WriteStartObject();
            json.WriteNumber("id", row.Id);
            json.WriteNumber("version", row.Version);
            for (var i = 0; i < columns.Length; i++)
            {
                json.WritePropertyName(columns[i].Name);
                Write(json, row.Values[i]);
                if (columns[i].NameOf is { } nameOf && row.Values[i] is long id && page.Names.TryGetValue(id, out var name)) json.WriteString(nameOf, name);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("next", page.Next);
        json.WriteString("previous", page.Previous);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string s: json.WriteStringValue(s); break;
            case long l: json.WriteNumberValue(l); break;
            case decimal m: json.WriteNumberValue(m); break;
            case bool b: json.WriteBooleanValue(b); break;
            case DateTime t: json.WriteStringValue(t); break;
            case DateOnly day: json.WriteStringValue(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
            default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}
