using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform;

/// <summary>
/// What a command was about, for the log: the ids it names as <c>#123</c>, and of settings the name it gives. Nothing else it carries: that would keep people's data in the log.
/// Who reads the log is told the names of the ids then, as far as they may be seen.
/// </summary>
internal static partial class Objects
{
    private const int Most = 20;
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    /// <param name="command">What was carried out.</param>
    /// <param name="answer">What it answered.</param>
    /// <param name="settings">It changes settings: their names are no people's, and whoever reads the log may know them.</param>
    public static string? Of(object command, object? answer, bool settings)
    {
        var ids = Ids(command).ToList();
        // What has just been made has its id from the answer.
        if (ids.Count == 0 && answer is Saved saved) ids.Add(saved.Id);
        var parts = ids.Take(Most).Select(id => $"#{id.ToString(CultureInfo.InvariantCulture)}").ToList();
        if (ids.Count > Most) parts.Add($"+{ids.Count - Most}");
        if (settings && Names(command) is { } name && TextNorm.Clean(name) is { Length: > 0 } clean) parts.Add($"“{Cut(clean)}”");
        return parts.Count == 0 ? null : string.Join(' ', parts);
    }

    /// <summary>The text with each <c>#id</c> named.</summary>
    public static string Named(string text, Func<long, string?> name) =>
        Mark().Replace(text, m => name(long.Parse(m.ValueSpan[1..], CultureInfo.InvariantCulture)) ?? m.Value);

    public static IEnumerable<long> Marked(string? text) => text is null ? [] : Mark().Matches(text).Select(m => long.Parse(m.ValueSpan[1..], CultureInfo.InvariantCulture));

    /// <summary>No half of a character; and nothing that would be read as a mark.</summary>
    private static string Cut(string name) => (name.Length <= 60 ? name : name[..(char.IsHighSurrogate(name[59]) ? 59 : 60)]).Replace('#', '＃');

    private static IEnumerable<long> Ids(object command)
    {
        foreach (var p in Of(command.GetType()))
            switch (p.GetValue(command))
            {
                case long id and > 0:
                    yield return id;
                    break;
                case IEnumerable<long> several:
                    foreach (var id in several) yield return id;
                    break;
                case IEnumerable<RowRef> rows:
                    foreach (var row in rows) yield return row.Id;
                    break;
            }
    }

    private static string? Names(object command) => Of(command.GetType()).Select(p => p.GetValue(command)).OfType<string>().FirstOrDefault(s => s.Length > 0);

    /// <summary>The command's own, by what they are called.</summary>
    private static PropertyInfo[] Of(Type command) => Known.GetOrAdd(command, t =>
    [
        .. t.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0 && (
            p.PropertyType == typeof(string) ? p.Name is "Name" or "Label" or "Title"
            : p.Name.EndsWith("Id", StringComparison.Ordinal) || p.Name.EndsWith("Ids", StringComparison.Ordinal) || p.PropertyType.IsAssignableTo(typeof(IEnumerable<RowRef>)))),
    ]);

    [GeneratedRegex(@"#[1-9][0-9]{0,17}\b")]
    private static partial Regex Mark();
}
