using System.Globalization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Web.Documents;

/// <summary>What a list shows, as it stands in the tab's address: can be bookmarked, shared, reloaded.</summary>
public sealed record ListState
{
    public string? View { get; init; }
    public string? Text { get; init; }
    public IReadOnlyList<Filter> Filters { get; init; } = [];
    public string? Sort { get; init; }
    public bool Descending { get; init; } = true;
    public int Page { get; init; } = 1;
    public int Take { get; init; } = 50;
    public bool Bin { get; init; }

    public static ListState Parse(IReadOnlyDictionary<string, IReadOnlyList<string>> query)
    {
        string? One(string name) => query.TryGetValue(name, out var v) && v.Count > 0 && v[0].Length > 0 ? v[0] : null;
        return new ListState
        {
            View = One("view"),
            Text = One("text"),
            Sort = One("sort")?.TrimStart('-'),
            Descending = One("sort")?.StartsWith('-') ?? true,
            Page = int.TryParse(One("page"), out var page) && page > 0 ? page : 1,
            Take = int.TryParse(One("take"), out var take) && take is > 0 and <= 500 ? take : 50,
            Bin = One("bin") == "true",
            Filters = [.. (query.GetValueOrDefault("f") ?? []).Select(f => f.Split('~', 3)).Where(p => p.Length == 3 && Enum.TryParse<FilterOp>(p[1], out _))
                .Select(p => new Filter(p[0], Enum.Parse<FilterOp>(p[1]), p[2].Split('|')))],
        };
    }

    public string ToUrl(string path)
    {
        var parts = new List<string>();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
        Add("view", View);
        Add("text", Text);
        foreach (var f in Filters) Add("f", $"{f.Field}~{f.Op}~{string.Join('|', f.Values)}");
        if (Sort is not null) Add("sort", (Descending ? "-" : "") + Sort);
        if (Page > 1) Add("page", Page.ToString(CultureInfo.InvariantCulture));
        if (Take != 50) Add("take", Take.ToString(CultureInfo.InvariantCulture));
        if (Bin) Add("bin", "true");
        return parts.Count == 0 ? path : $"{path}?{string.Join('&', parts)}";
    }

    /// <summary>As the platform is asked; the named view's conditions are added.</summary>
    public ListRequest Request(DocumentDefinition d, IReadOnlyList<string>? columns) => new()
    {
        Text = Text,
        Sort = Sort,
        Descending = Descending,
        Take = Take,
        Columns = columns,
        Bin = Bin,
        // A view of former times, or mistyped, shows all.
        View = d.Views.Any(v => v.Name == View) ? View : null,
        Filters = Filters,
    };
}
