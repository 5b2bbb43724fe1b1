using KuaipuCrm.Sdk;
using KuaipuCrm.Web.Controls;
using KuaipuCrm.Web.Workspace;
using Microsoft.AspNetCore.Components;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Web.Documents;

public partial class DocumentForm
{
    private readonly Dictionary<string, object?> values = [];
    private readonly Dictionary<string, string> errors = [];
    private readonly string once = Guid.NewGuid().ToString("n");
    private Dictionary<long, string> names = [];
    private IReadOnlyList<Warning>? warnings;
    private IReadOnlyList<string> likely = [];
    private Conflict? conflict;
    private DateTimeOffset? restored;
    private ElementReference form;
    private string? general;
    private Proposal? proposed;
    private long version;
    private int generation;
    private bool saving, dirty, bound;

    [Parameter, EditorRequired] public DocumentDefinition Definition { get; set; } = null!;
    /// <summary>The document changed; none for a new one.</summary>
    [Parameter] public DocumentView? View { get; set; }
    /// <summary>Values a new document starts with, as texts.</summary>
    [Parameter] public IReadOnlyDictionary<string, string> Start { get; set; } = new Dictionary<string, string>();
    [Parameter] public EventCallback<Saved> OnSaved { get; set; }
    [Parameter] public EventCallback OnCancel { get; set; }
    [CascadingParameter] public WorkTab? WorkTab { get; set; }

    private string DraftKey => $"{Session.Info?.UserId}:{Definition.Type}:{(View is null ? "new" + string.Concat(Start.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $":{s.Key}={s.Value}")) : View.Id)}";

    private string Heading => values.GetValueOrDefault(Definition.Title.Name) as string is { Length: > 0 } t ? t : View is null ? L($"新建{Definition.Label}") : View.Title;

    /// <summary>The fields as they were when the form was opened: custom ones may come and go meanwhile.</summary>
    private IReadOnlyList<FieldDefinition> fields = [];

    private IEnumerable<FieldDefinition> Editable => fields.Where(f => !f.ReadOnly && !f.Hidden && (f.Name != "ownerId" || Definition.Owned && Session.May(Definition, DocumentRight.Assign)));

    private IEnumerable<string> Sections => Editable.Where(Visible).Select(f => f.Section).Distinct();

    protected override async Task OnInitializedAsync()
    {
        Begin();
        if (View is not null) return;
        await Titles();
        await Propose();
    }

    /// <summary>What is still empty, or stands as it was proposed, is proposed anew.</summary>
    private async Task Propose()
    {
        if (View is not null || Definition.Propose?.Invoke(values) is not { } ask || (await Calls.Ask(ask)).Result is not { } found) return;
        var mine = proposed is not null && Equals(values.GetValueOrDefault(proposed.Field), proposed.Value);
        if (values.GetValueOrDefault(found.Field) is not null && !mine) return;
        (values[found.Field], proposed) = (found.Value, found);
        if (Definition.Find(found.Field) is not { Kind: FieldKind.Reference }) return;
        // Another document brings proposals of its own.
        await Titles();
        await Propose();
    }

    private void Begin()
    {
        values.Clear();
        fields = Definition.Fields;
        version = View?.Version ?? 0;
        foreach (var f in Editable) values[f.Name] = View is not null ? View.Values.GetValueOrDefault(f.Name) : null;
        if (View is not null) names = View.Names.ToDictionary();
        else
        {
            var me = new Me(Session.Info!);
            foreach (var f in Editable)
            {
                if (f.Default is { } start) values[f.Name] = start(me);
                if (f.StartsNow) values[f.Name] = Clock.GetUtcNow().UtcDateTime;
            }
            if (Session.Info is { } info) names[info.UserId] = info.Name;
            foreach (var (name, text) in Start)
                if (Definition.Find(name) is { } f) values[name] = f.Kind == FieldKind.Reference && long.TryParse(text, out var id) ? id : text;
        }
    }

    /// <summary>Titles of what a new document refers to from the start.</summary>
    private async Task Titles()
    {
        foreach (var f in Editable.Where(f => f.Kind == FieldKind.Reference))
            if (f.RefersTo == FieldDefinition.AnyType)
            {
                if (values[f.Name] is long any && (await Calls.Ask(new FindDocument(any))).Result is { } found) names[any] = found.Title;
            }
            else if (values[f.Name] is long id && !names.ContainsKey(id) && (await Calls.Ask(new GetDocument(f.RefersTo!, id))).Result is { } other) names[id] = other.Title;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (bound) return;
        bound = true;
        if (await Browser.ReadDraft(DraftKey) is { } draft && Restore(draft))
        {
            (restored, dirty) = (draft.At, true);
            generation++;
            if (WorkTab is not null) Work.Mark(WorkTab, true);
        }
        await Browser.KeepDraft(form, DraftKey);
        StateHasChanged();
    }

    /// <returns>Whether the draft holds anything that differs.</returns>
    private bool Restore(Draft draft)
    {
        var any = false;
        foreach (var f in Editable)
        {
            if (!draft.Values.TryGetValue(f.Name, out var kept)) continue;
            var value = DraftValue.Read(f, kept, Format.Zone);
            if (f.Kind == FieldKind.Reference && value is long id && draft.Values.TryGetValue(f.Name + ".text", out var text) && text.GetString() is { Length: > 0 } title) names[id] = title;
            if (Equals(value, values[f.Name])) continue;
            values[f.Name] = value;
            any = true;
        }
        return any;
    }

    /// <summary>The document whose tied ones are to be chosen from.</summary>
    private long? Tied(FieldDefinition f) => f.Among is { } among ? values.GetValueOrDefault(among.Field) as long? : null;

    private bool Visible(FieldDefinition f) => f.VisibleWhen is null || f.VisibleWhen(values);

    private void Touched(ChangeEventArgs _)
    {
        if (dirty) return;
        dirty = true;
        if (WorkTab is not null) Work.Mark(WorkTab, true);
    }

    private async Task Set(FieldDefinition f, object? value)
    {
        values[f.Name] = value;
        errors.Remove(f.Name);
        Touched(new());
        if (Definition.Propose is not null && f.Kind is (FieldKind.Reference or FieldKind.Choice or FieldKind.Instant) && f.Name != proposed?.Field) await Propose();
        if (Definition.Likely is { } ask && f.Kind is (FieldKind.Text or FieldKind.Phone or FieldKind.Url) && (await Calls.Ask(ask(values, View?.Id))).Result is { } found) likely = found;
    }

    private Task Save() => Save([]);

    private async Task Save(IReadOnlyList<string> confirmed)
    {
        if (saving) return;
        (saving, general) = (true, null);
        errors.Clear();
        try
        {
            var changed = values.Where(v => View is null ? v.Value is not null : !Equals(v.Value, View.Values.GetValueOrDefault(v.Key))).ToDictionary(v => v.Key, v => v.Value);
            if (View is not null && changed.Count == 0)
            {
                await Done(new Saved(View.Id, View.Version, ""));
                return;
            }
            await Done(await Send.Send(new SaveDocument(Definition.Type, View?.Id, version, changed, confirmed) { OnceKey = View is null ? once : null }));
        }
        catch (Invalid e)
        {
            foreach (var error in e.Errors)
                if (Editable.Any(f => f.Name == error.Field && Visible(f))) errors.TryAdd(error.Field, error.Message);
                else general = general is null ? error.Message : general + error.Message;
            StateHasChanged();
            await Browser.FocusError(form);
        }
        catch (Unconfirmed e)
        {
            warnings = e.Warnings;
        }
        catch (Conflict e)
        {
            conflict = e;
        }
        catch (NotSignedIn)
        {
            Calls.SignIn();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            general = Problems.Message(e);
        }
        finally
        {
            saving = false;
        }
    }

    private async Task Confirm()
    {
        var codes = warnings!.Select(w => w.Code).ToList();
        warnings = null;
        await Save(codes);
    }

    /// <summary>The user has looked at both versions: the values chosen are saved over the version that stands now.</summary>
    private async Task Merge(IReadOnlyDictionary<string, object?>? chosen)
    {
        var theirs = conflict!;
        conflict = null;
        if (chosen is null) return;
        View = View! with { Version = theirs.CurrentVersion, Values = theirs.Current };
        version = theirs.CurrentVersion;
        foreach (var f in Editable) values[f.Name] = chosen.TryGetValue(f.Name, out var mine) ? mine : theirs.Current.GetValueOrDefault(f.Name);
        generation++;
        await Save();
    }

    private async Task Done(Saved saved)
    {
        await Browser.ClearDraft(DraftKey);
        dirty = false;
        if (WorkTab is not null) Work.Mark(WorkTab, false);
        Work.RecordSaved(Definition.Type);
        Toasts.Success(View is null ? L($"已新建{Definition.Label} {saved.Number}") : L("已保存"));
        await OnSaved.InvokeAsync(saved);
    }

    private async Task Cancel()
    {
        if (dirty && !await Dialogs.Confirm(L("放弃未保存的输入？"), L("您输入的内容还没有保存。"), L("放弃"), danger: true)) return;
        await Browser.ClearDraft(DraftKey);
        if (WorkTab is not null) Work.Mark(WorkTab, false);
        await OnCancel.InvokeAsync();
    }

    private async Task Discard()
    {
        await Browser.ClearDraft(DraftKey);
        (restored, dirty) = (null, false);
        if (WorkTab is not null) Work.Mark(WorkTab, false);
        Begin();
        generation++;
    }

    public async ValueTask DisposeAsync() => await Browser.StopDraft(DraftKey);

    /// <summary>The user as defaults of fields see it.</summary>
    private sealed class Me(SessionInfo info) : ICurrentUser
    {
        public long Id => info.UserId;
        public string Name => info.Name;
        public long? DepartmentId => null;
        public bool May(string permission) => info.May(permission);
        public long? SeenBy => null;
        public string Source => "ui";
        public IReadOnlySet<string>? EntriesOf(string dictionary) => info.Entries.GetValueOrDefault(dictionary);
    }
}
