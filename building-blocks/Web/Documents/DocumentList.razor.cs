using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Web.Controls;
using KuaipuCrm.Web.Workspace;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace KuaipuCrm.Web.Documents;

public partial class DocumentList
{
    private static readonly Dictionary<long, string> NoNames = [];
    private readonly Dictionary<long, long> picked = [];
    private DotNetObjectReference<DocumentList>? self;
    private CancellationTokenSource? loading;
    private ElementReference root, table;
    private DocumentDefinition d = null!;
    private ListState state = new();
    private ActionInfo? acting;
    private ListPage? page;
    private ListCount? count;
    private ListTotals? totals;
    private IReadOnlyList<string>? columns;
    private IReadOnlyList<FieldDefinition> shown = [];
    private IReadOnlyList<SavedQuery> saved = [];
    private Dictionary<string, int> widths = [];
    private string? error;
    private long? current, took;
    private bool changing, linking, stale, resizable;

    [Parameter, EditorRequired] public DocumentDefinition Definition { get; set; } = null!;

    /// <summary>The document whose related tab this is.</summary>
    [Parameter] public long? TiedTo { get; set; }

    /// <summary>The related tab.</summary>
    [Parameter] public RelatedTab? Tab { get; set; }

    [CascadingParameter] public WorkTab? WorkTab { get; set; }

    /// <summary>The type whose documents the rows are: another one's where the list shows figures of it.</summary>
    private DocumentDefinition whole = null!;

    private ListView? View => d.Views.FirstOrDefault(v => v.Name == state.View);

    /// <summary>Rows outside the scope are only read: what changes rows does not stand above them.</summary>
    private bool IsOpening => View?.Opening is not null;

    private IEnumerable<ActionInfo> ManyActions => state.Bin || TiedTo is not null ? [] : Catalog.ActionsOnMany(whole.Type).Where(a => Session.May(a.Action.Permission) && Session.Info?.SeenBy is null && a.Where.InList(state.View));

    private void Entitle()
    {
        if (TiedTo is null && WorkTab is { } tab) Work.Name(tab, View?.Label ?? d.MenuText ?? d.Labels, d.Icon);
    }

    private IReadOnlyList<RowRef> Refs => [.. picked.Select(p => new RowRef(p.Key, whole == d ? p.Value : 0))];

    private bool IsFiltered => state.Text is { Length: > 0 } || state.Filters.Count > 0 || state.Where is not null || state.View is not null;

    private bool AllPicked => page is { Rows.Count: > 0 } && page.Rows.All(r => picked.ContainsKey(r.Id));

    private bool Unlinks => Tab?.Unlink is not null;

    protected override async Task OnInitializedAsync()
    {
        d = Definition;
        whole = d.FiguresOf is { } of && Catalog.FindDocument(of) is { } figured ? figured : d;
        if (TiedTo is null && WorkTab is { } tab)
        {
            state = ListState.Parse(tab.Query);
            Entitle();
            tab.Fills = true;
            tab.OnShow = Shown;
        }
        else
        {
            state = state with { Take = 15 };
        }
        Work.Saved += RecordSaved;
        shown = Default;
        var (kept, _) = await Calls.Ask(new GetPreference(PreferenceKey));
        if (kept is not null) Read(kept);
        await LoadSaved();
        await Load();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (resizable || page is not { Rows.Count: > 0 }) return;
        resizable = true;
        self ??= DotNetObjectReference.Create(this);
        await Browser.Do("resizeColumns", table, self);
    }

    private IReadOnlyList<FieldDefinition> Default => [.. Ordered(d.Fields.Where(f => f.Listed && !f.Hidden))];

    /// <summary>The title first: it is what people look for.</summary>
    private IEnumerable<FieldDefinition> Ordered(IEnumerable<FieldDefinition> fields) => fields.OrderBy(f => f == d.Title ? 0 : 1);

    private string PreferenceKey => $"list.{d.Type}";

    private int Width(FieldDefinition f) => widths.GetValueOrDefault(f.Name, f.Width);

    private static string? Align(FieldDefinition f) => f.Kind is FieldKind.Number or FieldKind.Money or FieldKind.Quantity ? "num" : f.Kind == FieldKind.Flag ? "center" : null;

    private async Task Load()
    {
        loading?.Cancel();
        var mine = loading = new CancellationTokenSource();
        var began = Stopwatch.GetTimestamp();
        var request = Request with { Page = state.Page };
        await Show(request, began, mine.Token);
        if (mine.IsCancellationRequested) return;
        (count, totals) = (null, null);
        _ = Count(mine.Token);
    }

    private ListRequest Request => state.Request(d, [.. shown.Select(f => f.Name)]) with { TiedTo = TiedTo, TiedBy = Tab?.Name };

    private async Task Show(ListRequest request, long began, CancellationToken ct)
    {
        try
        {
            var (found, wrong) = await Calls.Ask(new ListDocuments(d.Type, request), ct);
            if (ct.IsCancellationRequested) return;
            (error, stale) = (wrong, false);
            if (found is null) return;
            page = found;
            // A column may have gone meanwhile (a custom field that was switched off): what is shown goes by what came.
            if (!found.Columns.SequenceEqual(shown.Select(f => f.Name))) shown = [.. found.Columns.Select(d.Find).OfType<FieldDefinition>()];
            took = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (current is { } c && found.Rows.All(r => r.Id != c)) current = null;
        }
        catch (OperationCanceledException)
        {
            // A newer load is on its way.
        }
    }

    private async Task Count(CancellationToken ct)
    {
        try
        {
            var (counted, _) = await Calls.Ask(new CountDocuments(d.Type, Request), ct);
            if (ct.IsCancellationRequested) return;
            count = counted;
            await InvokeAsync(StateHasChanged);
            // Of a very long list only when asked for: each of its rows is read.
            if (HasTotals && counted is { More: false, Count: > 0 }) await Sum(ct);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // A newer load counts anew.
        }
    }

    private bool HasTotals => shown.Any(f => f.Totalled);

    private async Task Sum(CancellationToken ct)
    {
        var (summed, _) = await Calls.Ask(new SumDocuments(d.Type, Request), ct);
        if (ct.IsCancellationRequested) return;
        totals = summed;
        await InvokeAsync(StateHasChanged);
    }

    /// <summary>Another query, sort or page size: begins at page one unless told otherwise.</summary>
    private async Task Go(ListState next)
    {
        state = next;
        picked.Clear();
        Remember();
        Entitle();
        await Load();
    }

    /// <summary>The next and the previous page by cursor, any other by number.</summary>
    private async Task GoToPage(int number)
    {
        var cursor = number == state.Page + 1 ? page?.Next : number == state.Page - 1 ? page?.Previous : null;
        state = state with { Page = Math.Max(1, number) };
        Remember();
        loading?.Cancel();
        var mine = loading = new CancellationTokenSource();
        await Show(cursor is null ? Request with { Page = state.Page } : Request with { Cursor = cursor }, Stopwatch.GetTimestamp(), mine.Token);
        if (count is null) _ = Count(mine.Token);
    }

    private void Remember()
    {
        if (TiedTo is null && WorkTab is { } tab) Work.Replace(tab, state.ToUrl(tab.Key));
    }

    private Task SortBy(FieldDefinition f) => Go(state with { Sort = f.Name, Descending = state.Sort == f.Name && !state.Descending, Page = 1 });

    private void Pick((ListRow Row, bool On) p)
    {
        if (p.On) picked[p.Row.Id] = p.Row.Version;
        else picked.Remove(p.Row.Id);
    }

    private void PickAll(ChangeEventArgs e)
    {
        foreach (var row in page!.Rows) Pick((row, e.Value is true));
    }

    private void Select(long id) => current = id;

    private void Open(long id) => Nav.NavigateTo($"{whole.Path}/{id.ToString(CultureInfo.InvariantCulture)}");

    private void Key(KeyboardEventArgs e)
    {
        if (page is not { Rows.Count: > 0 } || e.Key is not ("ArrowDown" or "ArrowUp" or "Enter")) return;
        var at = page.Rows.ToList().FindIndex(r => r.Id == current);
        if (e.Key == "Enter")
        {
            if (current is { } id && !e.CtrlKey) Open(id);
            return;
        }
        current = page.Rows[Math.Clamp(at + (e.Key == "ArrowDown" ? 1 : -1), 0, page.Rows.Count - 1)].Id;
    }

    private void New() => Nav.NavigateTo(Tab?.NewValues is { } values && TiedTo is { } id
        ? $"{d.Path}/new?{string.Join('&', values(id).Select(v => $"{v.Key}={Uri.EscapeDataString(Convert.ToString(v.Value, CultureInfo.InvariantCulture) ?? "")}"))}"
        : $"{d.Path}/new");

    private async Task SetColumns(IReadOnlyList<string>? chosen)
    {
        columns = chosen;
        shown = chosen is null ? Default : [.. chosen.Select(d.Find).OfType<FieldDefinition>().Where(f => !f.Hidden)];
        if (shown.Count == 0) shown = Default;
        resizable = false;
        await Keep();
        await Load();
    }

    /// <summary>Called by the browser once a column's width was dragged.</summary>
    [JSInvokable]
    public async Task ColumnResized(string name, int width)
    {
        widths[name] = Math.Clamp(width, 48, 800);
        await Keep();
    }

    private async Task Keep() => await Calls.Send(new SetPreference(PreferenceKey, JsonSerializer.Serialize(new Kept(columns, widths))));

    private void Read(string kept)
    {
        try
        {
            var k = JsonSerializer.Deserialize<Kept>(kept);
            (columns, widths) = (k?.Columns, k?.Widths ?? []);
            if (columns is { Count: > 0 } chosen && chosen.Select(d.Find).OfType<FieldDefinition>().Where(f => !f.Hidden).ToList() is { Count: > 0 } fields) shown = fields;
        }
        catch (JsonException)
        {
            // Of a former version: the default stands.
        }
    }

    private async Task LoadSaved()
    {
        if (TiedTo is null) saved = (await Calls.Ask(new ListSavedQueries(d.Type))).Result ?? [];
    }

    private void RecordSaved(string type)
    {
        // Figures change with whatever they are counted from.
        if (type == d.Type || d.FiguresOf is not null) stale = true;
        if (stale && (TiedTo is not null || Work.Active == WorkTab)) _ = InvokeAsync(async () => { await Load(); StateHasChanged(); });
    }

    private async Task Shown()
    {
        // A link to the list with another query, or an entry of the menu, brings the open list to that query.
        if (TiedTo is null && WorkTab is { } tab && ListState.Parse(tab.Query) is var asked && asked.ToUrl(tab.Key) != state.ToUrl(tab.Key))
        {
            (state, stale) = (asked, true);
            picked.Clear();
            Entitle();
        }
        if (!stale) return;
        await Load();
        await InvokeAsync(StateHasChanged);
    }

    private string TitleOf(ListRow row)
    {
        var at = page!.Columns.ToList().IndexOf(d.Title.Name);
        return at >= 0 ? row.Values[at] as string ?? "" : d.Label;
    }

    public void Dispose()
    {
        Work.Saved -= RecordSaved;
        loading?.Cancel();
        self?.Dispose();
    }

    private sealed record Kept(IReadOnlyList<string>? Columns, Dictionary<string, int> Widths);
}
