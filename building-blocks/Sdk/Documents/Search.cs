namespace KuaipuCrm.Sdk;

/// <summary>A document found by name, number, initials or phone.</summary>
public sealed record Found(long Id, string Type, string TypeLabel, string Number, string Title, string? Detail, string Url);

/// <summary>One box over all document types the user may see (UI-8).</summary>
/// <param name="Types">Only these types; all by default.</param>
[Action("全局搜索", Permissions.SignedIn, Route = "search", Help = "在所有可见的单据中按名称、编号、拼音首字母、电话查找，最相符的在前。")]
public sealed record SearchDocuments([Label("要找的文字")] string Text, [Label("只找这些单据类型，用逗号隔开")] string? Types = null, [Label("最多几条，1 到 50")] int Take = 20) : IQuery<IReadOnlyList<Found>>;

/// <summary>Documents of one type to choose from in a form: a look-up, cut by the scope.</summary>
/// <param name="TiedTo">Only those that <paramref name="TiedBy"/>, a related tab, ties to this document.</param>
public sealed record FindChoices(string Type, string? Text, int Take = 20, long? TiedTo = null, string? TiedBy = null) : IQuery<IReadOnlyList<Found>>, IOnDocuments
{
    /// <summary>Choosing needs no right to open the list; the rows are cut to those the user may see.</summary>
    public string? Right => null;
}

/// <summary>The document of an id, whatever its type: where a link knows no more than the id.</summary>
[Action("按编号查找单据", Permissions.SignedIn, Route = "documents/{id}", Help = "一个编号在全系统只指一份单据：它的类型、名称和地址。看不到的等于不存在。")]
public sealed record FindDocument([Label("单据的编号")] long Id) : IQuery<Found>;

/// <summary>What the directory of all documents knows, for modules that tie to documents of any type; to be shown to nobody who may not see the document.</summary>
public interface IDocumentDirectory
{
    /// <summary>Those of the ids that are living documents.</summary>
    Task<IReadOnlyList<DirectoryEntry>> Find(IReadOnlyCollection<long> ids, CancellationToken ct = default);
}

/// <summary>What refers to a document, by what is declared: asked before it goes.</summary>
public interface IReferrers
{
    /// <returns>Types and how many of each, those in the recycle bin among them, whoever may see them.</returns>
    Task<IReadOnlyList<Referrers>> Of(string documentType, long id, CancellationToken ct = default);
}

public sealed record Referrers(string Label, long Count);

/// <summary>A document in the directory.</summary>
public sealed record DirectoryEntry(long Id, string Type, string Number, string Title, long? OwnerId, long? DepartmentId);

/// <summary>A query a user keeps under a name (常用查询).</summary>
/// <param name="Shared">For everyone.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="With">Colleagues it is shared with; told to its owner alone.</param>
public sealed record SavedQuery(long Id, string Name, ListRequest Request, bool Shared, bool Mine, string Owner, IReadOnlyList<long> With);

/// <summary>The user's own and the shared saved queries of a type.</summary>
[Action("常用查询", Permissions.SignedIn, Route = "queries/{type}", Help = "一种单据的常用查询：自己的和共享给自己的。各人用时只看得到自己有权看的资料。")]
public sealed record ListSavedQueries([Label("单据类型，如 customer")] string Type) : IQuery<IReadOnlyList<SavedQuery>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Keeps a query under a name; the same name again replaces it.</summary>
[Action("保存常用查询", Permissions.SignedIn, Route = "queries/{type}", Help = "以一个名称保存查询条件，同名的被替换；返回其编号。",
    Example = "{\"name\":\"A 级客户\",\"request\":{\"filters\":[{\"field\":\"level\",\"op\":\"Is\",\"values\":[\"A\"]}]},\"shared\":false}")]
public sealed record SaveQuery([Label("单据类型，如 customer")] string Type, [Label("名称")] string Name, [Label("查询条件")] ListRequest Request, [Label("共享给所有人")] bool Shared, [Label("共享给这些同事，用户的编号")] IReadOnlyList<long>? With = null) : ICommand<long>, IOnDocuments
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
