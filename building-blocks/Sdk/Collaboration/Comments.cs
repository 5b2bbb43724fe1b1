namespace KuaipuCrm.Sdk;

/// <summary>A review comment (点评) on a document (DOC-6).</summary>
/// <param name="ReplyTo">Who is answered; null where nobody.</param>
/// <param name="Text">Null once withdrawn.</param>
public sealed record CommentView(long Id, DateTime At, long UserId, string Who, string? ReplyTo, string? Text, bool Mine);

/// <param name="MayComment">Whether the user may add one.</param>
/// <param name="More">Whether there are older ones.</param>
public sealed record CommentPage(IReadOnlyList<CommentView> Comments, bool MayComment, bool More);

/// <summary>A document's comments, newest first.</summary>
public sealed record ListComments(string Type, long Id, int Take = 50, long? BeforeId = null) : IQuery<CommentPage>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Comments on a document. The owner and whoever is answered get a message. Allowed to the owner, the owner's superiors, and holders of <see cref="DocumentRight.Comment"/>.</summary>
/// <param name="ReplyTo">The comment that is answered.</param>
/// <returns>The comment's id.</returns>
public sealed record AddComment(string Type, long Id, string Text, long? ReplyTo = null) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Takes one's own comment back; that there was one stays visible.</summary>
public sealed record WithdrawComment(string Type, long Id, long CommentId) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>How much lies beside a document: numbers on its tabs.</summary>
public sealed record CountBeside(string Type, long Id) : IQuery<BesideCounts>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

public sealed record BesideCounts(int Comments, int Attachments);

/// <summary>Comments between superiors and their people, newest first, over all documents the user may see (TRK-6).</summary>
/// <param name="Given">Those the user gave to subordinates; otherwise those superiors gave the user.</param>
/// <param name="Type">Only on documents of this type.</param>
[Action("点评箱", Permissions.SignedIn, Route = "comments", Help = "上级给我的点评；given=true 时为我给下属的点评。新的在前，只含看得到的单据；beforeId 给出上一页最后一条的编号。")]
public sealed record ListCommentInbox([Label("我给下属的，默认上级给我的")] bool Given = false, [Label("只看这种单据，如 contactrecord")] string? Type = null, [Label("最多几条，1 到 200")] int Take = 50, [Label("早于这一条")] long? BeforeId = null) : IQuery<IReadOnlyList<InboxComment>>;

/// <param name="Who">Who commented.</param>
/// <param name="Owner">Whose document it is.</param>
/// <param name="Title">The document's title.</param>
public sealed record InboxComment(long Id, DateTime At, string Who, string Owner, string Type, string TypeLabel, long DocumentId, string Title, string Url, string Text);
