using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>The ways out of the CRM (SET-12).</summary>
public static class OutgoingChannel
{
    public const string Mail = "mail", Sms = "sms", WeCom = "wecom", DingTalk = "dingtalk", Feishu = "feishu";

    /// <summary>Robots post into a group chat; the address is the robot's, not a person's.</summary>
    public static bool IsRobot(string channel) => channel is WeCom or DingTalk or Feishu;
}

/// <summary>Whom something is sent to.</summary>
/// <param name="Address">An e-mail address or a mobile number, as the channel wants it.</param>
/// <param name="UserId">Where it is one of the CRM's users.</param>
public sealed record Receiver(string Address, string? Name = null, long? UserId = null);

/// <summary>Something to be sent to one receiver.</summary>
public sealed record Letter
{
    /// <summary>One of <see cref="OutgoingChannel"/>.</summary>
    public string Channel { get; init; } = OutgoingChannel.Mail;
    public required Receiver To { get; init; }
    /// <summary>For mail; at most 200 characters.</summary>
    public string? Subject { get; init; }
    public string Body { get; init; } = "";
    /// <summary>The body is HTML; it is sanitized.</summary>
    public bool Html { get; init; }
    /// <summary>Filled in instead of <see cref="Subject"/> and <see cref="Body"/>.</summary>
    public long? TemplateId { get; init; }
    /// <summary>What it is about: it stands among the document's mails (邮件记录), and templates read its fields.</summary>
    public long? DocumentId { get; init; }
    /// <summary>Under one key a letter is sent once, however often it is asked for; begin it with the module's id.</summary>
    public string? OnceKey { get; init; }
    /// <summary>Advertising: not sent to who has opted out, and carries a way to opt out.</summary>
    public bool Promotional { get; init; }
}

/// <summary>A receiver of a mailing and the document whose fields the receiver's copy is filled with.</summary>
/// <param name="Key">Within the mailing, sent once under it; the address where there is none.</param>
public sealed record MailingTarget(Receiver To, long? DocumentId = null, string? Key = null);

/// <summary>One text to many receivers, one delivery each.</summary>
public sealed record Mailing
{
    public string Channel { get; init; } = OutgoingChannel.Mail;
    /// <summary>What people know it by, e.g. the campaign's name.</summary>
    public required string Label { get; init; }
    /// <summary>A saved template; or <see cref="Subject"/> and <see cref="Body"/>, in which fields may stand as in a template.</summary>
    public long? TemplateId { get; init; }
    public string? Subject { get; init; }
    public string? Body { get; init; }
    /// <summary>The type of the targets' documents.</summary>
    public string? DocumentType { get; init; }
    public required IReadOnlyList<MailingTarget> Targets { get; init; }
    /// <summary>Under one key a mailing is made once; the second time its id is given again and only targets that are new are added.</summary>
    public string? OnceKey { get; init; }
    public bool Promotional { get; init; } = true;
}

/// <summary>Sends mail and text messages: a row in the running command's transaction, carried out afterwards, again and again until it went out (SET-12).</summary>
/// <remarks>
/// Nothing is lost while the channel is down. A letter goes out once; only if the process dies in the moment between the server's yes and our note of it, it goes out again, with the same Message-ID.
/// </remarks>
public interface IOutgoing
{
    /// <summary>Whether the channel is set up and switched on; what is sent meanwhile waits for it.</summary>
    Task<bool> IsOn(string channel, CancellationToken ct = default);

    /// <summary>Sends one letter with the running command.</summary>
    /// <returns>Its id; the earlier one's where <see cref="Letter.OnceKey"/> was used before.</returns>
    /// <exception cref="Invalid">The address is none, or the template is broken.</exception>
    Task<long> Send(Letter letter, CancellationToken ct = default);

    /// <summary>Mail from a template about a document: the usual case of <see cref="Send(Letter,CancellationToken)"/>.</summary>
    Task<long> Mail(Receiver to, long templateId, long documentId, string? onceKey = null, CancellationToken ct = default) =>
        Send(new Letter { To = to, TemplateId = templateId, DocumentId = documentId, OnceKey = onceKey }, ct);

    /// <summary>
    /// Sends to many with the running command: rows at once, texts filled in later, in batches, under the sender's rights. Who has opted out, who is named twice and whose address is none is left out and counted.
    /// </summary>
    /// <exception cref="Invalid">The text is broken, or nobody is left.</exception>
    Task<MailingResult> SendMany(Mailing mailing, CancellationToken ct = default);

    /// <summary>How a mailing stands.</summary>
    Task<MailingState> StateOf(long mailingId, CancellationToken ct = default);

    /// <summary>Stops what has not gone out.</summary>
    /// <returns>How many were stopped.</returns>
    Task<int> Stop(long mailingId, CancellationToken ct = default);
}

/// <param name="Rows">How many deliveries were made.</param>
public sealed record MailingResult(long MailingId, int Rows, int OptedOut, int Repeated, IReadOnlyList<string> BadAddresses);

/// <param name="Parked">Failed for good until someone sends them again.</param>
public sealed record MailingState(long Waiting, long Sent, long Parked, long Skipped);

/// <summary>One delivery, as the log shows it.</summary>
/// <param name="State"><c>waiting sent parked skipped cancelled</c>; parked: failed too often or refused for good; skipped: the receiver has opted out.</param>
/// <param name="Address">Masked for who neither sent it nor may see the log.</param>
/// <param name="Body">Null for who neither sent it nor may see the log.</param>
public sealed record OutgoingView(
    long Id, string Channel, string Address, string? Name, string? Subject, string? Body, bool Html, string State, int Attempts, DateTime At, DateTime? SentAt, DateTime? NextAt, string? Error,
    string Sender, long? DocumentId, string? DocumentTitle, string? Url, string? Mailing)
{
    /// <summary>In the reader's language.</summary>
    public string? Error { get => field is null ? null : Texts.Retell(field); } = Error;
}

/// <summary>The delivery log, newest first.</summary>
[Action("发送记录", OutgoingRights.Manage, Route = "outgoing", Help = "邮件、短信和机器人消息的发送记录，新的在前。")]
public sealed record ListOutgoing(
    [Label("状态：waiting、sent、parked、skipped、cancelled")] string? State = null, [Label("通道：mail、sms、wecom、dingtalk、feishu")] string? Channel = null,
    [Label("地址或主题包含")] string? Text = null, int Take = 50, long? BeforeId = null) : IQuery<IReadOnlyList<OutgoingView>>;

/// <summary>One delivery.</summary>
[Action("一条发送记录", OutgoingRights.Manage, Route = "outgoing/{id}")]
public sealed record GetOutgoing(long Id) : IQuery<OutgoingView>;

/// <summary>Sends again what has failed.</summary>
/// <param name="Ids">None: all that failed.</param>
[Action("重新发送", OutgoingRights.Manage, Route = "outgoing/retry", Help = "重新发送失败的；不给 ids 时是全部失败的。")]
public sealed record RetryOutgoing(IReadOnlyList<long>? Ids = null) : ICommand<int>;

/// <summary>Stops what has not gone out yet.</summary>
[Action("取消发送", OutgoingRights.Manage, Route = "outgoing/cancel")]
public sealed record CancelOutgoing(IReadOnlyList<long> Ids) : ICommand<int>;

/// <summary>What was sent about a document (邮件记录), newest first.</summary>
public sealed record ListDocumentOutgoing(string Type, long Id, int Take = 50, long? BeforeId = null) : IQuery<IReadOnlyList<OutgoingView>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Sends mail or a text message about a document.</summary>
/// <param name="Channel"><c>mail</c> or <c>sms</c>.</param>
/// <returns>The delivery's id.</returns>
public sealed record SendAboutDocument(string Type, long Id, string To, string? Name, [MaxLength(200)] string? Subject, [MaxLength(100_000)] string? Body, long? TemplateId = null, string Channel = OutgoingChannel.Mail) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Whom one could write to about a document: its own addresses, its owner's.</summary>
public sealed record SuggestReceivers(string Type, long Id, string Channel) : IQuery<IReadOnlyList<Receiver>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Addresses that want no advertising.</summary>
[Action("退订名单", OutgoingRights.Manage, Route = "opt-outs")]
public sealed record ListOptOuts([Label("地址包含")] string? Text = null, int Take = 100) : IQuery<IReadOnlyList<OptOut>>;

public sealed record OptOut(string Address, DateTime At, string By);

/// <summary>Puts an address on the list of those that want no advertising, or takes it off.</summary>
[Action("登记或取消退订", OutgoingRights.Manage, Route = "opt-outs", Help = "out 为 true 时，此地址不再收到宣传邮件和短信。", Example = "{\"address\":\"someone@example.com\",\"out\":true}")]
public sealed record SetOptOut([Label("邮箱或手机"), MaxLength(200)] string Address, bool Out) : ICommand<Done>;

/// <summary>Rights over what goes out.</summary>
public static class OutgoingRights
{
    /// <summary>See the log of all, send again, stop.</summary>
    public const string Manage = "settings.outgoing.manage";
    /// <summary>Write mail and text messages about documents.</summary>
    public const string Send = "settings.outgoing.send";
    /// <summary>Set up the channels.</summary>
    public const string Channels = "settings.channels.manage";
}

/// <summary>Asked by the platform, answered by the module that keeps people: where users are reached outside the CRM.</summary>
public sealed record FindAddresses(IReadOnlyList<long> Users) : IQuery<IReadOnlyList<UserAddress>>;

public sealed record UserAddress(long Id, string? Email, string? Mobile);
