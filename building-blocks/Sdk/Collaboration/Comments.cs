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
