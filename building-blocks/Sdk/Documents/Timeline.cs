namespace KuaipuCrm.Sdk;

/// <summary>Something that happened about a document (CUS-17).</summary>
/// <param name="Kind">A document type, or <c>change comment attachment approval</c>.</param>
/// <param name="At">UTC.</param>
/// <param name="Detail">Status of the document, or what was said; null for nothing to tell.</param>
/// <param name="Url">Where it is found; null for what lies beside the document itself.</param>
public sealed record TimelineEntry(string Kind, long Id, DateTime At, string Who, string Title, string? Detail, string? Url);

/// <param name="Label">Chinese.</param>
public sealed record TimelineKind(string Code, string Label)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.L(field); } = Label;
}

/// <param name="Next">For the entries before these; null where there are none.</param>
/// <param name="Kinds">What there may be, for the filter: what the user may read.</param>
public sealed record TimelinePage(IReadOnlyList<TimelineEntry> Entries, string? Next, IReadOnlyList<TimelineKind> Kinds);

/// <summary>All that is tied to a document by date, newest first, as far as the user may see it: documents of every module that refer to it, changes, comments, files, approvals (360° 时间线).</summary>
/// <param name="Kinds">Only these; all by default.</param>
/// <param name="Cursor">From <see cref="TimelinePage.Next"/>.</param>
[Action("时间线", Permissions.SignedIn, Route = "documents/{type}/{id}/timeline", Help = "与一份单据有关的一切，新的在前：各模块中关联它的单据、修改、点评、附件、审核，只含可见的。")]
public sealed record GetTimeline([Label("单据类型，如 customer")] string Type, [Label("单据")] long Id, [Label("只要这些种类，可重复：单据类型、change、comment、attachment、approval")] IReadOnlyList<string>? Kinds = null,
    [Label("上一个回答中的 next")] string? Cursor = null, [Label("最多几条，1 到 100")] int Take = 30) : IQuery<TimelinePage>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}
