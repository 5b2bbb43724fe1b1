using KuaipuCrm.Sdk;

namespace KuaipuCrm.Web.Workspace;

/// <summary>Who is signed in, for menus and buttons; read anew when it is older than a few seconds. What may really be done is decided at each call.</summary>
public sealed class CurrentSession(ISend send, TimeProvider clock)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(5);
    private SessionInfo? info;
    private DateTimeOffset at;

    /// <summary>The last known; null before the first look.</summary>
    public SessionInfo? Info => info;

    public async Task<SessionInfo> Get()
    {
        if (info is null || clock.GetUtcNow() - at > Believed) (info, at) = (await send.Ask(new WhoAmI()), clock.GetUtcNow());
        return info;
    }

    public bool May(string permission) => info?.May(permission) == true;

    public bool May(DocumentDefinition d, string right) => (d.FiguresOf is null || right is DocumentRight.Read or DocumentRight.Export) && (info is { SeenBy: null } or null || right is DocumentRight.Read) && May(d.Permission(right));
}
