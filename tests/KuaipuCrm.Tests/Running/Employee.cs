using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace KuaipuCrm.Tests.Running;

/// <summary>Someone with a browser of their own.</summary>
public sealed class Employee(Crm crm, long id, string login, string name, HttpClient http)
{
    /// <summary>All that the role needs to work with customers and contacts.</summary>
    public static readonly string[] Sales = [.. from type in new[] { "customers", "contacts" } from right in new[] { "read", "create", "update", "delete", "export" } select $"customers.{type}.{right}"];

    public Crm Crm => crm;
    public long Id => id;
    public string Login => login;
    public string Name => name;
    public HttpClient Http => http;

    public Task<Answer> Get(string url) => Send(HttpMethod.Get, url);
    public Task<Answer> Post(string url, object body, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, url, body, headers);
    public Task<Answer> Patch(string url, object body, params (string Name, string Value)[] headers) => Send(HttpMethod.Patch, url, body, headers);
    public Task<Answer> Delete(string url) => Send(HttpMethod.Delete, url);

    /// <summary>Creates a document and gives its id; warnings such as possible duplicates are confirmed.</summary>
    public async Task<long> Create(string url, object values) => (await Post(url, values)).Ok().Json.GetProperty("id").GetInt64();

    public Task<long> Customer(string name, object? more = null) => Create("/api/customers/customers", Merge(new { name, confirmed = new[] { "duplicate" } }, more));
    public Task<long> Contact(string name, object? more = null) => Create("/api/customers/contacts", Merge(new { name, confirmed = new[] { "same-name" } }, more));

    public async Task<JsonElement> View(string type, long document) => (await Get($"/api/customers/{type}/{document}")).Ok().Json;

    /// <summary>Ids of a whole list, page by page.</summary>
    public async Task<List<long>> List(string url, string cursor = "next")
    {
        var ids = new List<long>();
        for (var at = url; at is not null;)
        {
            var page = (await Get(at)).Ok().Json;
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64()));
            at = page.GetProperty(cursor).GetString() is { } next ? $"{url}{(url.Contains('?') ? '&' : '?')}cursor={Uri.EscapeDataString(next)}" : null;
        }
        return ids;
    }

    public async Task<Answer> Send(HttpMethod method, string url, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is HttpContent content) request.Content = content;
        else if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        foreach (var (key, value) in headers) request.Headers.TryAddWithoutValidation(key, value);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        return new(response.StatusCode, bytes, response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase), $"{method} {url}");
    }

    private static Dictionary<string, object?> Merge(params object?[] parts)
    {
        var merged = new Dictionary<string, object?>();
        foreach (var part in parts.OfType<object>())
            foreach (var p in part.GetType().GetProperties()) merged[p.Name] = p.GetValue(part);
        return merged;
    }
}

/// <summary>What came back.</summary>
public sealed record Answer(HttpStatusCode Status, byte[] Bytes, IReadOnlyDictionary<string, string> Headers, string Asked)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => Bytes.Length == 0 ? default : JsonDocument.Parse(Bytes).RootElement;

    /// <summary>The problem's sentence for the user.</summary>
    public string Detail => Bytes.Length > 0 && Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("detail", out var d) ? d.GetString() ?? "" : "";

    public Answer Ok() => Is((int)Status is >= 200 and < 300 ? (int)Status : 200);

    /// <summary>Fails with what the host said.</summary>
    public Answer Is(int status)
    {
        Assert.True((int)Status == status, $"{Asked}: {(int)Status} instead of {status}: {(Text.Length > 600 ? Text[..600] : Text)}{((int)Status == 503 ? Engines.Health() : null)}");
        return this;
    }

    /// <summary>A clear refusal in Chinese.</summary>
    public Answer Refused(int status)
    {
        Is(status);
        Assert.Contains(Detail, c => c is >= '\u4e00' and <= '\u9fff');
        return this;
    }
}
