using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Webhooks;

/// <summary>The events of all modules by the names the outside knows: <c>customers.customer-created</c>. Found in the assemblies; nothing is listed.</summary>
internal sealed class WebhookEvents
{
    public const string Ping = "ping";
    private readonly FrozenDictionary<Type, (string Name, string Module)> names;

    public WebhookEvents(ModuleCatalog catalog)
    {
        var published = catalog.Modules.SelectMany(m => m.Assembly.GetReferencedAssemblies().Select(a => a.Name)).Any(n => n == "KuaipuCrm.Published") ? [System.Reflection.Assembly.Load("KuaipuCrm.Published")] : Array.Empty<System.Reflection.Assembly>();
        var own = catalog.Modules.SelectMany(m => m.Assembly.GetTypes().Select(t => (Type: t, m.Id)));
        // What built-in modules publish stands in one assembly, a folder a module.
        var language = published.SelectMany(a => a.GetTypes()).Select(t => (Type: t, Id: t.Namespace?.Split('.')[^1].ToLowerInvariant() ?? ""));
        var platform = typeof(IIntegrationEvent).Assembly.GetTypes().Select(t => (Type: t, Id: "platform"));
        names = own.Concat(language).Concat(platform).Where(t => t.Type is { IsAbstract: false, IsInterface: false, IsVisible: true } && typeof(IIntegrationEvent).IsAssignableFrom(t.Type))
            .ToFrozenDictionary(t => t.Type, t => ($"{t.Id}.{Kebab(t.Type.Name)}", t.Id));
    }

    /// <summary>Null for what no module shows to others.</summary>
    public string? NameOf(Type fact) => names.TryGetValue(fact, out var n) ? n.Name : null;

    public IEnumerable<WebhookEvent> All => names.OrderBy(n => n.Value.Name, StringComparer.Ordinal).Select(n => new WebhookEvent(n.Value.Name, n.Value.Module, Body(n.Value.Name, Example(n.Key), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc))));

    public bool Knows(string name) => name == "*" || names.Values.Any(n => n.Name == name);

    /// <summary>What is sent: type, time, data.</summary>
    public static string Body(string name, object data, DateTime at) =>
        JsonSerializer.Serialize(new { type = name, timestamp = at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), data }, Json);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Dictionary<string, object?> Example(Type t) => t.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First().GetParameters()
        .ToDictionary(p => char.ToLowerInvariant(p.Name![0]) + p.Name[1..], p => Sample(Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType));

    private static object? Sample(Type t) => t == typeof(string) ? "示例" : t == typeof(long) || t == typeof(int) ? 1024 : t == typeof(decimal) ? 1000 : t == typeof(bool) ? true : t == typeof(DateOnly) ? "2026-01-31" : t == typeof(DateTime) ? "2026-01-31T08:00:00Z"
        : typeof(System.Collections.IEnumerable).IsAssignableFrom(t) ? Array.Empty<object>() : null;

    private static string Kebab(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}

/// <summary>Who subscribes to what, kept in memory.</summary>
internal sealed record WebhookSubscription(long Id, IReadOnlySet<string> Events)
{
    public bool Wants(string name) => Events.Contains("*") || Events.Contains(name);
}
