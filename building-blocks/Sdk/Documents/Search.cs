namespace KuaipuCrm.Sdk;

/// <summary>A document found by name, number, initials or phone.</summary>
public sealed record Found(long Id, string Type, string TypeLabel, string Number, string Title, string? Detail, string Url);

/// <summary>One box over all document types the user may see (UI-8).</summary>
/// <param name="Types">Only these types; all by default.</param>
[Action("全局搜索", Permissions.SignedIn, Route = "search")]
public sealed record SearchDocuments(string Text, IReadOnlyList<string>? Types = null, int Take = 20) : IQuery<IReadOnlyList<Found>>;

/// <summary>Documents of one type to choose from in a form: a look-up, cut by the scope.</summary>
public sealed record FindChoices(string Type, string? Text, int Take = 20) : IQuery<IReadOnlyList<Found>>, IOnDocuments
{
    /// <summary>Choosing needs no right to open the list; the rows are cut to those the user may see.</summary>
    public string? Right => null;
}

/// <summary>A query a user keeps under a name (常用查询).</summary>
public sealed record SavedQuery(long Id, string Name, ListRequest Request, bool Shared, bool Mine);

/// <summary>The user's own and the shared saved queries of a type.</summary>
public sealed record ListSavedQueries(string Type) : IQuery<IReadOnlyList<SavedQuery>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Keeps a query under a name; the same name again replaces it.</summary>
public sealed record SaveQuery(string Type, string Name, ListRequest Request, bool Shared) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Forgets a saved query of one's own.</summary>
public sealed record DeleteQuery(string Type, long Id) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>A setting of the user's own screen: column choice and widths, pinned menus, open tabs.</summary>
public sealed record GetPreference(string Key) : IQuery<string?>;

/// <summary>Keeps a setting of the user's own screen, at most 8,000 characters.</summary>
public sealed record SetPreference(string Key, string Value) : ICommand<Done>, IAllowedWhileSeeingAs;
