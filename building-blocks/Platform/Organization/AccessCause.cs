namespace KuaipuCrm.Platform.Organization;

/// <summary>Why a row of <c>platform.access</c> opens a document.</summary>
internal static class AccessCause
{
    /// <summary>A module tied it to a document of another owner.</summary>
    public const string Tie = "tie";
    /// <summary>It refers to a document of another owner, by a field or a table declared so.</summary>
    public const string Owner = "owner";
    /// <summary>Shared for reading.</summary>
    public const string Share = "share";
    /// <summary>Shared for changing.</summary>
    public const string Edit = "edit";
    /// <summary>Tied to a document that was shared together with its kind.</summary>
    public const string Shared = "shared";

    /// <summary>Opens to whoever sees the owner of the other end, so to superiors too.</summary>
    public static bool IsTie(string cause) => cause is Tie or Owner;
}

/// <summary>How far a row is open to someone.</summary>
internal enum RowRight
{
    See,
    /// <summary>Its values may be changed.</summary>
    Change,
    /// <summary>It may be given away, shared, deleted.</summary>
    Dispose,
}
