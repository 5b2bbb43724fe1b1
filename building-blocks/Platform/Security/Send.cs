using Autofac;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Components.Authorization;

namespace KuaipuCrm.Platform.Security;

/// <summary>Carries each call of a page in a scope of its own, as the session's user of this moment: a session that has ended gets nothing.</summary>
internal sealed class Send(ILifetimeScope circuit, AuthenticationStateProvider state, Sessions sessions) : ISend
{
    /// <summary>The claim that holds the session's id.</summary>
    public const string SessionClaim = "sid";

    Task<T> ISend.Send<T>(ICommand<T> command, CancellationToken ct) => InOwnScope(command, ct);
    Task<T> ISend.Ask<T>(IQuery<T> query, CancellationToken ct) => InOwnScope(query, ct);

    private async Task<T> InOwnScope<T>(IRequest<T> message, CancellationToken ct)
    {
        var id = (await state.GetAuthenticationStateAsync()).User.FindFirst(SessionClaim)?.Value ?? throw new NotSignedIn();
        var session = await sessions.ById(id, ct) ?? throw new NotSignedIn();
        await using var scope = circuit.BeginLifetimeScope();
        scope.Resolve<Caller>().SignIn(session, $"ui {session.Address}");
        // Beside the page: it goes on drawing meanwhile, and nothing that the database's turn or lock hangs on waits for the page.
        return await Task.Run(() => scope.Resolve<IMediator>().Send(message, ct), ct);
    }
}
