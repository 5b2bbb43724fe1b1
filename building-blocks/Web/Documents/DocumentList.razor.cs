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
            Work.Name(tab, d.Labels, d.Icon);
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

    private async Task Delete()
    {
        if (await Dialogs.Confirm(L($"删除 {picked.Count} 条{d.Label}？"), L("删除后可在回收站中恢复。"), L("删除"), danger: true)) await Batch(new DeleteDocuments(d.Type, Refs), L("删除"));
    }

    private async Task Purge()
    {
        if (await Dialogs.Confirm(L($"彻底删除 {picked.Count} 条{d.Label}？"), L("彻底删除后无法恢复，只在历史中留下记录。"), L("彻底删除"), danger: true)) await Batch(new PurgeDocuments(d.Type, Refs), L("彻底删除"));
    }

    private async Task Batch(ICommand<BatchResult> command, string verb)
    {
        var (done, result) = await Calls.Send(command);
        if (!done || result is null) return;
        picked.Clear();
        Tell(result, verb);
        await Load();
    }

    private void Tell(BatchResult result, string verb)
    {
        if (result.Problems.Count > 0)
            Toasts.Warn(L($"已{verb} {result.Done} 条，{result.Problems.Count} 条未处理：{string.Join(L("；"), result.Problems.Take(3).Select(p => p.Title.Length > 0 ? L($"{p.Title}：{p.Message}") : p.Message))}"));
        else if (verb is "彻底删除")
            Toasts.Success(L($"已{verb} {result.Done} 条{d.Label}。"));
        else
            Toasts.Success(L($"已{verb} {result.Done} 条{d.Label}。"), L("撤销"), () => Undo(result.OperationId));
    }

    private async Task Undo(long operation)
    {
        var (done, result) = await Calls.Send(new UndoOperation(operation));
        if (done && result is not null) Toasts.Success(L($"已撤销，恢复 {result.Done} 条。{(result.Problems.Count > 0 ? L($"{result.Problems.Count} 条此后有改动，保持现状。") : "")}"));
        await InvokeAsync(async () => { await Load(); StateHasChanged(); });
    }

    private async Task Unlink()
    {
        if (!await Dialogs.Confirm(L($"取消 {picked.Count} 条{d.Label}的关联？"), L("只取消关联，不删除资料。"))) return;
        foreach (var id in picked.Keys.ToList())
            if (!(await Calls.Send(Tab!.Unlink!(TiedTo!.Value, id))).Done) break;
        picked.Clear();
        await Load();
    }

    private async Task Export(bool onlyPicked, string format = "xlsx", bool unmask = false)
    {
        var request = state.Request(d, null);
        var ids = onlyPicked ? $"&ids={string.Join(',', picked.Keys)}" : "";
        var filter = JsonSerializer.Serialize((onlyPicked ? new ListRequest { Sort = request.Sort, Descending = request.Descending, Bin = request.Bin } : request) with { Columns = [.. shown.Select(f => f.Name)] });
        await Browser.Download($"/api/{d.Module}/{d.Plural}/export?format={format}{ids}{(unmask ? "&unmask=true" : "")}&request={Uri.EscapeDataString(filter)}");
    }

    private string PrintUrl => $"/api/{d.Module}/{d.Plural}/print?now=true&request={Uri.EscapeDataString(JsonSerializer.Serialize(Request with { Take = 50 }))}";

    private async Task BatchClosed(BatchResult? result)
    {
        changing = false;
        if (result is null) return;
        picked.Clear();
        Tell(result, L("修改"));
        await Load();
    }

    private async Task ActionClosed(bool done)
    {
        acting = null;
        if (!done) return;
        picked.Clear();
        Work.RecordSaved(d.Type);
        await Load();
    }

    private async Task LinkClosed(bool linked)
    {
        linking = false;
        if (linked) await Load();
    }

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
        // A link to the list with another query brings the open list to that query.
        if (TiedTo is null && WorkTab is { } tab && ListState.Parse(tab.Query) is var asked && asked.ToUrl(tab.Key) != state.ToUrl(tab.Key))
        {
            (state, stale) = (asked, true);
            picked.Clear();
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
