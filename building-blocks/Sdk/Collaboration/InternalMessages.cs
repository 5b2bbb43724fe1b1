namespace KuaipuCrm.Sdk;

/// <summary>Messages inside the CRM (在线短信), from people and from the system.</summary>
public interface IMessages
{
    /// <summary>Sends within the running command: they exist if, and only if, it commits. Whoever sends gets none.</summary>
    /// <param name="kind">Short: <c>user comment task approval reminder system</c> or a module's own.</param>
    /// <param name="documentId">What it is about; who may not see that document gets no message.</param>
    Task Send(IEnumerable<long> to, string kind, string text, long? documentId = null, CancellationToken ct = default);

    /// <summary>The same about a page of the CRM that checks for itself who may open it; the text tells nothing that the receivers may not know.</summary>
    /// <param name="link">A path, such as <c>/approvals/7</c>.</param>
    Task SendTo(IEnumerable<long> to, string kind, string text, string link, CancellationToken ct = default);
}

/// <summary>Rings when something new came for a user, so that pages need not ask all the time. On other hosts it is noticed at the next look.</summary>
public interface IBell
{
    IDisposable Listen(long userId, Action ring);
}

/// <param name="TypeLabel">What kind of document it is about.</param>
/// <param name="Url">Where it leads: the document it is about, where that still is.</param>
public sealed record MessageView(long Id, DateTime At, long FromId, string From, string Kind, string Text, long? DocumentId, string? TypeLabel, string? Url, bool Read)
{
    /// <summary>In the reader's language, unless a person wrote it.</summary>
    public string Text { get => Kind == "user" ? field : Texts.Retell(field); } = Text;
}

/// <summary>The user's messages, newest first.</summary>
[Action("在线短信", Permissions.SignedIn, Route = "messages")]
public sealed record ListMessages(int Take = 50, long? BeforeId = null, bool? UnreadOnly = null) : IQuery<IReadOnlyList<MessageView>>;

/// <summary>What the status bar shows (UI-6).</summary>
[Action("未读短信与在线人数", Permissions.SignedIn, Route = "messages/counts")]
public sealed record CountMessages : IQuery<MessageCounts>;

/// <param name="Online">People with a browser in use during the last quarter of an hour.</param>
public sealed record MessageCounts(int Unread, int Online);

/// <summary>Writes to colleagues.</summary>
[Action("发送短信", Permissions.SignedIn, Route = "messages")]
public sealed record WriteMessage(IReadOnlyList<long> To, string Text, long? DocumentId = null) : ICommand<Done>;

/// <param name="Ids">None: all.</param>
[Action("短信标为已读", Permissions.SignedIn, Route = "messages/read")]
public sealed record ReadMessages(IReadOnlyList<long>? Ids = null) : ICommand<Done>;

[Action("删除短信", Permissions.SignedIn, Route = "messages/delete")]
public sealed record DeleteMessages(IReadOnlyList<long> Ids) : ICommand<Done>;

/// <summary>Who is using the CRM now.</summary>
[Action("在线用户", Permissions.SignedIn, Route = "online")]
public sealed record ListOnline : IQuery<IReadOnlyList<OnlineUser>>;

public sealed record OnlineUser(long Id, string Name, string? Department, DateTime SeenAt);
