using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security.Tokens;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Security;

/// <summary>Who is asking in this scope. Set once at the door (request, circuit call, job); rights are worked out at each question.</summary>
public sealed class Caller(RightsCache rights, Caches caches) : ICurrentUser
{
    private bool system;

    public long Id { get; private set; }
    public long? SeenBy { get; private set; }
    public string Source { get; private set; } = "job";
    /// <summary>The session the call came with.</summary>
    public string? SessionId { get; private set; }

    /// <summary>The token the call came with; null for people and for the system itself.</summary>
    public Token? Token { get; private set; }

    public string Name => Id == 0 ? "系统" : caches.Organization.Person(Id)?.Name ?? "";
    public long? DepartmentId => Id == 0 ? null : caches.Organization.Person(Id)?.DepartmentId;

    public bool May(string permission) => (system || rights.Of(Id)?.May(permission) == true) && (Token is null || permission.Length == 0 || Token.Allows(permission));

    public IReadOnlySet<string>? EntriesOf(string dictionary) => system ? null : rights.Of(Id)?.Entries(dictionary);

    /// <summary>Whether anyone is known at all; otherwise nothing is answered.</summary>
    public bool Known => system || Id != 0;

    public void SignIn(Session session, string source) => (Id, SeenBy, SessionId, Source) = (session.EffectiveUserId, session.AsUserId is null ? null : session.UserId, session.Id, source);

    /// <summary>A program with a token, as the token's user within the token's scopes.</summary>
    public void SignIn(Token token, string source) => (Id, Token, Source) = (token.UserId, token, source);

    /// <summary>As a user, from within: an import that goes on, a job someone started.</summary>
    public void ActAs(long userId, string source) => (Id, Source) = (userId, source);

    /// <summary>Nobody: a visitor of a page for the public, whatever cookie or token came along.</summary>
    public void Visit(string source) => (Id, SeenBy, SessionId, Token, Source) = (0, null, null, null, source);

    /// <summary>The system itself: start, seeds, jobs.</summary>
    public void ActAsSystem(string source) => (system, Source) = (true, source);

    internal bool IsSystem => system;
}
