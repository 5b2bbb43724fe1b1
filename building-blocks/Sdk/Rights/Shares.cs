namespace KuaipuCrm.Sdk;

/// <summary>A share of a document (共享, CUS-15): who it is opened to, how far and how long.</summary>
/// <param name="Name">The user's or the department's name.</param>
/// <param name="Department">Opened to all people of a department and those below it, not to one person.</param>
/// <param name="Write">The document itself may be changed; what is tied to it stays for reading.</param>
/// <param name="Until">Last day, in the account set's zone; null: until it is ended.</param>
/// <param name="Kinds">Chinese names of what is opened with it.</param>
public sealed record ShareInfo(long Id, string Name, bool Department, bool Write, DateOnly? Until, IReadOnlyList<string> Kinds, string By, DateTime At);

/// <param name="Possible">What can be opened along with the document: code and Chinese name.</param>
/// <param name="MayShare">Whether the user may share the document and end its shares.</param>
public sealed record SharePage(IReadOnlyList<ShareInfo> Shares, IReadOnlyList<ShareKind> Possible, bool MayShare);

/// <param name="Code">A document type, or <c>attachments</c>.</param>
public sealed record ShareKind(string Code, string Label)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.L(field); } = Label;
}

/// <summary>With whom a document is shared at this moment.</summary>
[Action("共享", Permissions.SignedIn, Route = "documents/{type}/{id}/shares", Help = "一份单据此刻共享给了谁、可读还是可改、到哪一天、带上哪些关联单据；以及可以带上的种类。")]
public sealed record ListShares([Label("单据类型，如 customer")] string Type, [Label("单据")] long Id) : IQuery<SharePage>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Opens a document to people and departments. Whom it is shared with already gets the new terms.</summary>
/// <param name="Kinds">What is opened along: document types that are tied to it, <c>attachments</c>.</param>
/// <exception cref="RuleBroken">It is only shared with the user, or belongs to nobody.</exception>
[Action("共享给同事", Permissions.SignedIn, Route = "documents/{type}/{id}/shares", Help = "把一份单据共享给用户或部门（含下级部门），只读或可修改，可设截止日和一起开放的关联单据；已共享的按新的条件。",
    Example = "{\"users\":[1024],\"departments\":[],\"write\":false,\"until\":null,\"kinds\":[\"attachments\"]}")]
public sealed record ShareDocument([Label("单据类型，如 customer")] string Type, [Label("单据")] long Id, [Label("用户")] IReadOnlyList<long> Users, [Label("部门")] IReadOnlyList<long> Departments,
    [Label("可修改")] bool Write = false, [Label("截止日，当天有效")] DateOnly? Until = null, [Label("一起开放的：单据类型，附件为 attachments")] IReadOnlyList<string>? Kinds = null) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Share;
}

/// <summary>Ends one share at once.</summary>
[Action("结束共享", Permissions.SignedIn, Route = "documents/{type}/{id}/shares/{shareId}/end", Help = "立即结束一项共享。")]
public sealed record EndShare([Label("单据类型，如 customer")] string Type, [Label("单据")] long Id, [Label("共享的编号")] long ShareId) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Share;
}
