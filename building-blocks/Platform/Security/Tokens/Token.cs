namespace KuaipuCrm.Platform.Security.Tokens;

/// <summary>A living token: whose it is, and what it leaves of its user's rights.</summary>
/// <param name="Scopes">Permissions or beginnings of permissions; none leaves all.</param>
public sealed record Token(long Id, long UserId, IReadOnlyList<string> Scopes, bool ReadOnly, DateTime ExpiresAt)
{
    /// <summary>The scope of what needs no permission of its own: global search, operations, saved queries, preferences.</summary>
    public const string Platform = "platform";

    /// <summary>Whether any of the permissions below a name is within the scopes.</summary>
    public bool Touches(string name) => Allows(name) || Scopes.Any(s => s.StartsWith(name + ".", StringComparison.Ordinal));

    /// <summary>Whether the token leaves this permission; whether its user holds it is another question.</summary>
    public bool Allows(string permission) => Scopes.Count == 0 || Scopes.Any(s => permission == s || permission.Length > s.Length && permission[s.Length] == '.' && permission.StartsWith(s, StringComparison.Ordinal));
}
