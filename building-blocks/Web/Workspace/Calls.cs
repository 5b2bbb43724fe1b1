using KuaipuCrm.Sdk;
using KuaipuCrm.Web.Controls;
using Microsoft.AspNetCore.Components;

namespace KuaipuCrm.Web.Workspace;

/// <summary>Calls from pages, with failures told in one way: an ended session leads to sign-in, all else is a sentence for the user.</summary>
public sealed class Calls(ISend send, IProblems problems, Toasts toasts, NavigationManager nav)
{
    /// <summary>Asks; the error is the page's to show.</summary>
    public async Task<(T? Result, string? Error)> Ask<T>(IQuery<T> query, CancellationToken ct = default)
    {
        try
        {
            return (await send.Ask(query, ct), null);
        }
        catch (NotSignedIn)
        {
            SignIn();
            return (default, L("正在转到登录页…"));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return (default, problems.Message(e));
        }
    }

    /// <summary>Carries a command out; a failure is shown as a toast.</summary>
    /// <returns>Whether it was carried out.</returns>
    public async Task<(bool Done, T? Result)> Send<T>(ICommand<T> command, CancellationToken ct = default)
    {
        try
        {
            return (true, await send.Send(command, ct));
        }
        catch (Exception e) when (Tell(e))
        {
            return (false, default);
        }
    }

    /// <summary>Tells a failure; an ended session leads to sign-in.</summary>
    public bool Tell(Exception e)
    {
        if (e is OperationCanceledException) return true;
        if (e is NotSignedIn) SignIn();
        else toasts.Error(problems.Message(e));
        return true;
    }

    /// <summary>To the sign-in page and back; typed input is kept in the browser.</summary>
    public void SignIn() => nav.NavigateTo($"/sign-in?to={Uri.EscapeDataString("/" + nav.ToBaseRelativePath(nav.Uri))}", forceLoad: true);
}
