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
    /// <summary><c>atLeast:30</c> or <c>lessThan:30</c>: the days ago in place of those of the view.</summary>
    public string? Ago { get; init; }

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
            Ago = One("ago"),
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
        Add("ago", Ago);
        return parts.Count == 0 ? path : $"{path}?{string.Join('&', parts)}";
    }

    /// <summary>As the platform is asked; the named view's conditions are added.</summary>
    public ListRequest Request(DocumentDefinition d, IReadOnlyList<string>? columns)
    {
        // A view of former times, or mistyped, shows all.
        var view = d.Views.FirstOrDefault(v => v.Name == View);
        // Another number of days than the view's own: its conditions are sent one by one.
        var other = Ago is not null && view is { Where: null } && view.Filters.Any(IsAgo);
        return new()
        {
            Text = Text,
            Sort = Sort ?? (other ? view!.Sort : null),
            Descending = Sort is null && other ? view!.Descending : Descending,
            Take = Take,
            Columns = columns,
            Bin = Bin,
            View = other ? null : view?.Name,
            Filters = other ? [.. view!.Filters.Select(f => IsAgo(f) ? f with { Values = [Ago!] } : f), .. Filters] : Filters,
        };
    }

    /// <summary>A condition of "so many days ago", whose number of days a user may choose.</summary>
    public static bool IsAgo(Filter f) => f.Op == FilterOp.Within && f.Values is [var v] && v.Split(':') is ["atLeast" or "lessThan", _];
}
