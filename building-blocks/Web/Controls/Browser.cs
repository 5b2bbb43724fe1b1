using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.JSInterop;

namespace KuaipuCrm.Web.Controls;

/// <summary>The functions of kuaipu.js for .NET. A lost connection is no error here: the calls are for a page that is gone.</summary>
public sealed class Browser(IJSRuntime js) : IAsyncDisposable
{
    private Task<IJSObjectReference>? _module;

    /// <summary>Calls an exported function; the default value when the page is gone.</summary>
    public async ValueTask<T?> Call<T>(string function, params object?[] args)
    {
        try
        {
            return await (await Module()).InvokeAsync<T>(function, args);
        }
        catch (Exception e) when (e is JSDisconnectedException or TaskCanceledException or ObjectDisposedException)
        {
            return default;
        }
    }

    /// <summary>Calls an exported function that gives nothing back.</summary>
    public async ValueTask Do(string function, params object?[] args) => await Call<object?>(function, args);

    /// <summary>Puts the focus on an element.</summary>
    public ValueTask Focus(ElementReference element, bool select = false) => Do("focus", element, select);

    /// <summary>Puts the focus on the first element of a CSS selector.</summary>
    public ValueTask Focus(string selector, bool select = false) => Do("focus", selector, select);

    /// <summary>Puts the focus on the first field in error inside an element.</summary>
    public ValueTask FocusError(ElementReference form) => Do("focusError", form);

    /// <summary>Copies text; false when the browser refused.</summary>
    public async ValueTask<bool> Copy(string text) => await Call<bool>("copyText", text);

    /// <summary>Downloads an address of this server.</summary>
    public ValueTask Download(string url, string? name = null) => Do("download", url, name);

    /// <summary>Saves bytes as a file of the user.</summary>
    public async ValueTask Download(string name, Stream content)
    {
        using var reference = new DotNetStreamReference(content);
        await Do("downloadStream", name, reference);
    }

    /// <summary>Keeps the named inputs of a form on the user's machine until <see cref="ClearDraft"/>.</summary>
    public ValueTask KeepDraft(ElementReference form, string key) => Do("drafts.bind", form, key);

    /// <summary>Stops keeping a form; what was kept stays.</summary>
    public ValueTask StopDraft(string key) => Do("drafts.unbind", key);

    /// <summary>What was kept, or null.</summary>
    public ValueTask<Draft?> ReadDraft(string key) => Call<Draft>("drafts.read", key);

    /// <summary>Forgets what was kept: after a save.</summary>
    public ValueTask ClearDraft(string key) => Do("drafts.clear", key);

    /// <summary>The drafts on this machine whose key starts so, newest first.</summary>
    public async ValueTask<IReadOnlyList<DraftInfo>> Drafts(string start = "") => await Call<DraftInfo[]>("drafts.list", start) ?? [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_module is not { IsCompletedSuccessfully: true }) return;
        try
        {
            await (await _module).DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
        }
    }

    private async Task<IJSObjectReference> Module()
    {
        if (_module is null or { IsFaulted: true } or { IsCanceled: true })
            _module = js.InvokeAsync<IJSObjectReference>("import", "./_content/KuaipuCrm.Web/kuaipu.js").AsTask();
        return await _module;
    }
}

/// <summary>Input kept in the browser: when, at which address, and the values by the inputs' names (texts and booleans).</summary>
public sealed record Draft(DateTimeOffset At, string Url, string Title, Dictionary<string, System.Text.Json.JsonElement> Values);

/// <summary>A kept draft without its values.</summary>
public sealed record DraftInfo(string Key, DateTimeOffset At, string Url, string Title);

/// <summary>Registration of what the controls need.</summary>
public static class ControlServices
{
    /// <summary>Adds <see cref="Browser"/>, <see cref="Dialogs"/> and <see cref="Toasts"/>, one of each per circuit.</summary>
    public static IServiceCollection AddKuaipuControls(this IServiceCollection services)
    {
        services.TryAddScoped<Browser>();
        services.TryAddScoped<Dialogs>();
        services.TryAddScoped<Toasts>();
        return services;
    }
}
