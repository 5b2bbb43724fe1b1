using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Components;

namespace KuaipuCrm.Web.Workspace;

/// <summary>A tab of the workspace: a page that stays as the user left it.</summary>
public sealed class WorkTab
{
    /// <summary>What makes a tab the same: the path without query; of a new document with it, as one of another customer's is another.</summary>
    public required string Key { get; init; }
    /// <summary>Path and query as they stand now.</summary>
    public required string Url { get; set; }
    public string Title { get; set; } = "…";
    public string Icon { get; set; } = "file";
    /// <summary>Holds input not saved yet.</summary>
    public bool Dirty { get; set; }
    /// <summary>The page drawn; null while the tab was only restored and not opened yet.</summary>
    public RouteData? Route { get; set; }
    /// <summary>The page fills its space and scrolls inside: lists.</summary>
    public bool Fills { get; set; }
    /// <summary>When it was shown last; the longest unseen are put to sleep.</summary>
    public long Seen { get; set; }
    /// <summary>Called when the tab comes to the front again.</summary>
    public Func<Task>? OnShow { get; set; }

    /// <summary>The query of <see cref="Url"/> as pairs.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Query => Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(Url.IndexOf('?') is >= 0 and var i ? Url[i..] : "")
        .ToDictionary(p => p.Key, p => (IReadOnlyList<string>)[.. p.Value.OfType<string>()]);
}

/// <summary>The open tabs of a user's window (UI-3).</summary>
public sealed class WorkTabs(NavigationManager nav)
{
    private readonly List<WorkTab> tabs = [];
    private readonly List<(string Url, string Title)> closed = [];
    private long clock;

    public IReadOnlyList<WorkTab> Tabs => tabs;
    public WorkTab? Active { get; private set; }
    public bool CanReopen => closed.Count > 0;

    /// <summary>Titles, tabs or marks have changed.</summary>
    public event Action? Changed;

    /// <summary>A record of this type was saved: lists of it read themselves anew when they come to the front.</summary>
    public event Action<string>? Saved;

    /// <summary>Brings the tab of an address to the front; makes it if need be.</summary>
    public WorkTab Show(string url, RouteData? route)
    {
        var key = KeyOf(url);
        var tab = tabs.FirstOrDefault(t => t.Key == key);
        if (tab is null) tabs.Add(tab = new WorkTab { Key = key, Url = url });
        tab.Url = url;
        tab.Route ??= route;
        tab.Seen = ++clock;
        Active = tab;
        foreach (var sleepy in tabs.Where(t => t.Route is not null && t != tab && !t.Dirty).OrderByDescending(t => t.Seen).Skip(11).ToList()) sleepy.Route = null;
        return tab;
    }

    /// <summary>Puts back the tabs of an earlier visit; they are drawn when they are opened.</summary>
    public void Restore(IEnumerable<(string Url, string Title, string Icon)> remembered)
    {
        foreach (var (url, title, icon) in remembered)
            if (url.StartsWith('/') && tabs.All(t => t.Key != KeyOf(url))) tabs.Add(new WorkTab { Key = KeyOf(url), Url = url, Title = title, Icon = icon });
        Notify();
    }

    private static string KeyOf(string url) => url.Split('?', '#')[0] is var path && path.EndsWith("/new", StringComparison.Ordinal) ? url.Split('#')[0] : path;

    public void Name(WorkTab tab, string title, string icon)
    {
        if (tab.Title == title && tab.Icon == icon) return;
        (tab.Title, tab.Icon) = (title, icon);
        Notify();
    }

    public void Mark(WorkTab tab, bool dirty)
    {
        if (tab.Dirty == dirty) return;
        tab.Dirty = dirty;
        Notify();
    }

    /// <summary>Keeps the address of the front tab in step with what it shows.</summary>
    public void Replace(WorkTab tab, string url)
    {
        if (tab.Url == url) return;
        tab.Url = url;
        if (tab == Active) nav.NavigateTo(url, replace: true);
    }

    /// <summary>The tab only led somewhere else: it goes without a trace.</summary>
    public void Forward(WorkTab tab, string url)
    {
        tabs.Remove(tab);
        nav.NavigateTo(url, replace: true);
        Notify();
    }

    public void Close(WorkTab tab)
    {
        var at = tabs.IndexOf(tab);
        if (at < 0) return;
        tabs.RemoveAt(at);
        closed.Add((tab.Url, tab.Title));
        if (closed.Count > 20) closed.RemoveAt(0);
        if (tab == Active) nav.NavigateTo(tabs.Count == 0 ? "/" : tabs.OrderByDescending(t => t.Seen).First().Url);
        Notify();
    }

    public void CloseOthers(WorkTab keep)
    {
        foreach (var tab in tabs.Where(t => t != keep && !t.Dirty && t.Key != "/").ToList())
        {
            tabs.Remove(tab);
            closed.Add((tab.Url, tab.Title));
        }
        if (Active != keep) nav.NavigateTo(keep.Url);
        Notify();
    }

    public void Reopen()
    {
        if (closed.Count == 0) return;
        var (url, _) = closed[^1];
        closed.RemoveAt(closed.Count - 1);
        nav.NavigateTo(url);
    }

    /// <summary>Ends a tab whose record now has another address, e.g. after creation.</summary>
    public void Become(WorkTab tab, string url)
    {
        tab.Dirty = false;
        tabs.Remove(tab);
        nav.NavigateTo(url);
        Notify();
    }

    public void RecordSaved(string type) => Saved?.Invoke(type);

    public void Notify() => Changed?.Invoke();
}
