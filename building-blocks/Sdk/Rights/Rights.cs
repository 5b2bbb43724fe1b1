namespace KuaipuCrm.Sdk;

/// <summary>Publishes a command or a query: its label, the permission it needs, its place in the API and on the screen.</summary>
/// <param name="label">The Chinese label, as on the button.</param>
/// <param name="permission">The permission it needs; see <see cref="Permissions.SignedIn"/> for none.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ActionAttribute(string label, string permission) : Attribute
{
    /// <summary>The label, as on the button, in the reader's language.</summary>
    public string Label { get => Texts.L(field); } = label;

    /// <summary>The permission it needs.</summary>
    public string Permission { get; } = permission;

    /// <summary>Path below <c>/api/{module}</c>, e.g. <c>customers/{id}/release</c>. None: no endpoint.</summary>
    public string? Route { get; init; }

    /// <summary>The document type on whose page the action stands as a button with a dialog made from the record. The record's first parameter is the document's id.</summary>
    public string? On { get; init; }

    /// <summary>Where the button stands: <c>status=assigned|doing</c>, a field and its values, or <c>approval!=review</c>; several with <c>;</c> between. None: always. What the handler refuses is refused all the same.</summary>
    public string? When { get; init; }

    /// <summary>Whether the button stands on the page of a document with these values.</summary>
    public bool Stands(IReadOnlyDictionary<string, object?> values) =>
        When is null || When.Split(';').All(when => when.Split('=', 2) is [var field, var codes] && codes.Split('|').Contains(values.GetValueOrDefault(field.TrimEnd('!')) as string ?? "") != field.EndsWith('!'));

    /// <summary>On the page it stands in the menu 更多 instead of as a button: what is done rarely.</summary>
    public bool InMenu { get; init; }

    /// <summary>The document type in whose list the action stands as a button for the chosen rows. The record's first parameter is the list of their ids.</summary>
    public string? OnMany { get; init; }

    /// <summary>An <see cref="IActionWhere"/>: where the button stands; everywhere by default.</summary>
    public Type? Where { get; init; }

    /// <summary>FontAwesome name of the button's icon.</summary>
    public string Icon { get; init; } = "bolt";

    /// <summary>Asked before it is carried out, where it has no other parameters.</summary>
    public string? Confirm { get => field is null ? null : Texts.L(field); init; }

    /// <summary>What it does, in Chinese, for who calls it through the API.</summary>
    public string? Help { get; init; }

    /// <summary>The answer may be nothing: <c>null</c>.</summary>
    public bool OrNothing { get; init; }

    /// <summary>A body that is accepted, as JSON, where one made from the parameters' kinds would not be.</summary>
    public string? Example { get; init; }
}

/// <summary>Where the button of an action makes sense. What may really be done is decided by its handler. Public parameterless constructor.</summary>
public interface IActionWhere
{
    /// <summary>On the page of a document with these values.</summary>
    bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => true;

    /// <summary>In the list, in one of its named views.</summary>
    bool InList(string? view) => true;
}

/// <summary>The Chinese label of a parameter in an action's dialog.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class LabelAttribute(string text) : Attribute
{
    /// <summary>The label, in the reader's language.</summary>
    public string Text { get => Texts.L(field); } = text;

    /// <summary>For ids: the document type to choose from.</summary>
    public string? Of { get; init; }

    /// <summary>For codes: the dictionary to choose from.</summary>
    public string? Dictionary { get; init; }
}

/// <summary>A message whose permission hangs on the document type it names.</summary>
public interface IOnDocuments
{
    /// <summary>The document type.</summary>
    string Type { get; }

    /// <summary>One of <see cref="DocumentRight"/>, or null where being signed in is enough because the handler cuts its answer to what may be seen.</summary>
    string? Right { get; }
}

/// <summary>Permissions with a meaning of their own.</summary>
public static class Permissions
{
    /// <summary>Being signed in is enough.</summary>
    public const string SignedIn = "";

    /// <summary>Holds every permission and sees every row.</summary>
    public const string Everything = "*";
}

/// <summary>The rights every document type has; a permission is <c>module.plural.right</c>.</summary>
public static class DocumentRight
{
    public const string Read = "read";
    public const string Create = "create";
    public const string Update = "update";
    public const string Delete = "delete";
    public const string Restore = "restore";
    public const string Purge = "purge";
    public const string Batch = "batch";
    public const string Import = "import";
    public const string Export = "export";
    /// <summary>See phone, mobile and ID numbers of rows owned by others in full; each time is logged.</summary>
    public const string Unmask = "unmask";
    /// <summary>Comment on rows of others; owners and their superiors may without it.</summary>
    public const string Comment = "comment";
    /// <summary>Give a row another owner.</summary>
    public const string Assign = "assign";
    /// <summary>Share a row with others.</summary>
    public const string Share = "share";
}

/// <summary>Who is asking, at this moment.</summary>
public interface ICurrentUser
{
    /// <summary>The user's id; 0 where nobody is signed in.</summary>
    long Id { get; }
    string Name { get; }
    long? DepartmentId { get; }
    bool May(string permission);

    /// <summary>Set while an administrator sees as another user: the administrator's id. Such a session only reads.</summary>
    long? SeenBy { get; }

    /// <summary>Where the call comes from: <c>ui</c>, <c>api</c>, <c>import</c>, <c>job</c>; with the address, for the history.</summary>
    string Source { get; }

    /// <summary>Dictionary entries the user may see and choose (SEC-8); null where all.</summary>
    IReadOnlySet<string>? EntriesOf(string dictionary);
}

/// <summary>Row rights: the condition that keeps the rows of a document type which the user may see.</summary>
/// <remarks>A statement that names a document's table without its scope doesn't run: forgetting is an error, not a leak.</remarks>
public interface IScope
{
    /// <summary>The user's rows; to be put after <c>where</c> or <c>and</c>.</summary>
    /// <param name="documentType">The type, e.g. <c>customer</c>.</param>
    /// <param name="alias">The table's alias in the statement.</param>
    Sql Of(string documentType, string alias);

    /// <summary>The rows the user may change: those seen, without those shared for reading only.</summary>
    Sql ToChange(string documentType, string alias);

    /// <summary>The rows that are wholly the user's, to be given away or done away with: those seen, without all that is only shared.</summary>
    Sql ToDispose(string documentType, string alias);

    /// <summary>All rows, on purpose. The reason is for the reader of the code.</summary>
    Sql All(string documentType, string reason);
}

/// <summary>A command that may be carried out while an administrator sees as someone else: it changes nothing of the company's.</summary>
public interface IAllowedWhileSeeingAs;

/// <summary>Opens a row to someone beyond its owner: <paramref name="DocumentId"/> is seen by whoever owns <paramref name="SourceId"/>, or by whom it was shared with.</summary>
public sealed record AccessGrant(long DocumentId, long SourceId, long? UserId, long? DepartmentId, DateTime? Until = null);

/// <summary>Rows seen beyond ownership; part of every scope.</summary>
public interface IAccess
{
    /// <summary>Sets, for these documents, all grants of one cause.</summary>
    /// <param name="cause">Short, e.g. <c>tie</c>, <c>share</c>.</param>
    Task Replace(string documentType, string cause, IReadOnlyCollection<long> documents, IEnumerable<AccessGrant> grants, CancellationToken ct = default);

    /// <summary>Works out anew who sees these documents through the owners and shares of what they are tied to. The store does so itself when records change; a module calls it after changing rows of a declared <see cref="DocumentTie"/>.</summary>
    Task Follow(string documentType, IReadOnlyCollection<long> documents, CancellationToken ct = default);

    /// <summary>Works out anew who sees what is tied to these documents. The store does so itself when their owner changes; a module calls it where it changed owners by statements of its own.</summary>
    Task FollowFrom(string documentType, IReadOnlyCollection<long> documents, CancellationToken ct = default);
}

/// <summary>A message only a person who has signed in may send: about passwords, the second factor, sessions and tokens. No token opens it, whatever its scopes.</summary>
public interface IByOwnHand;

/// <summary>A message that anyone may send, known or not: what a page for the public asks (<see cref="ModuleDefinition.PublicPages"/>). Carried out without any rights; its handler believes nothing of it and tells nothing that is not meant for everyone.</summary>
public interface IOpenToAnyone;
