namespace KuaipuCrm.Sdk;

/// <summary>A document found by name, number, initials or phone.</summary>
public sealed record Found(long Id, string Type, string TypeLabel, string Number, string Title, string? Detail, string Url);

/// <summary>One box over all document types the user may see (UI-8).</summary>
/// <param name="Types">Only these types; all by default.</param>
[Action("全局搜索", Permissions.SignedIn, Route = "search", Help = "在所有可见的单据中按名称、编号、拼音首字母、电话查找，最相符的在前。")]
public sealed record SearchDocuments([Label("要找的文字")] string Text, [Label("只找这些单据类型，可重复")] IReadOnlyList<string>? Types = null, [Label("最多几条，1 到 50")] int Take = 20) : IQuery<IReadOnlyList<Found>>;

/// <summary>Documents of one type to choose from in a form: a look-up, cut by the scope.</summary>
/// <param name="TiedTo">Only those that <paramref name="TiedBy"/>, a related tab, ties to this document.</param>
public sealed record FindChoices(string Type, string? Text, int Take = 20, long? TiedTo = null, string? TiedBy = null) : IQuery<IReadOnlyList<Found>>, IOnDocuments
{
    /// <summary>Choosing needs no right to open the list; the rows are cut to those the user may see.</summary>
    public string? Right => null;
}

/// <summary>A query a user keeps under a name (常用查询).</summary>
public sealed record SavedQuery(long Id, string Name, ListRequest Request, bool Shared, bool Mine);

/// <summary>The user's own and the shared saved queries of a type.</summary>
[Action("常用查询", Permissions.SignedIn, Route = "queries/{type}", Help = "一种单据的常用查询：自己的和共享的。")]
public sealed record ListSavedQueries([Label("单据类型，如 customer")] string Type) : IQuery<IReadOnlyList<SavedQuery>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Keeps a query under a name; the same name again replaces it.</summary>
[Action("保存常用查询", Permissions.SignedIn, Route = "queries/{type}", Help = "以一个名称保存查询条件，同名的被替换；返回其编号。",
    Example = "{\"name\":\"A 级客户\",\"request\":{\"filters\":[{\"field\":\"level\",\"op\":\"Is\",\"values\":[\"A\"]}]},\"shared\":false}")]
public sealed record SaveQuery([Label("单据类型，如 customer")] string Type, [Label("名称")] string Name, [Label("查询条件")] ListRequest Request, [Label("共享给所有人")] bool Shared) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Forgets a saved query of one's own.</summary>
[Action("删除常用查询", Permissions.SignedIn, Route = "queries/{type}/{id}/delete", Help = "删除自己的一个常用查询。")]
public sealed record DeleteQuery([Label("单据类型，如 customer")] string Type, [Label("常用查询的编号")] long Id) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>A setting of the user's own screen: column choice and widths, pinned menus, open tabs.</summary>
[Action("个人设置", Permissions.SignedIn, Route = "me/preferences/{key}", Help = "自己界面的一项设置（列、宽度、固定的菜单）；没有设置时为 null。")]
public sealed record GetPreference([Label("设置的名称")] string Key) : IQuery<string?>;

/// <summary>Keeps a setting of the user's own screen, at most 8,000 characters.</summary>
[Action("保存个人设置", Permissions.SignedIn, Route = "me/preferences/{key}", Help = "保存自己界面的一项设置，最多 8,000 字。")]
public sealed record SetPreference([Label("设置的名称")] string Key, [Label("值")] string Value) : ICommand<Done>, IAllowedWhileSeeingAs;
