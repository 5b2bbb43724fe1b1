using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>A channel as its page shows it; secrets are never told, only whether there is one.</summary>
/// <param name="Kind">One of <see cref="OutgoingChannel"/>.</param>
/// <param name="Target">Server, gateway or the robot's host: enough to know it by.</param>
/// <param name="LastError">Why the last connection failed; null when it went well.</param>
public sealed record ChannelView(long Id, string Kind, string Name, bool Enabled, string Target, bool HasSecret, string? LastError, DateTime? LastAt, MailSettings? Mail, SmsSettings? Sms)
{
    /// <summary>In the reader's language.</summary>
    public string? LastError { get => field is null ? null : Texts.Retell(field); } = LastError;
}

/// <param name="Security"><c>tls</c>, <c>starttls</c> or <c>none</c>.</param>
/// <param name="PublicUrl">How people outside reach this CRM, e.g. <c>https://crm.example.com</c>; for links in mails and for opting out.</param>
public sealed record MailSettings(
    [property: Label("服务器")] string Host, [property: Label("端口")] int Port, [property: Label("加密")] string Security, [property: Label("用户名")] string? User,
    [property: Label("发件地址")] string From, [property: Label("发件人名称")] string? FromName, [property: Label("系统的外部网址")] string? PublicUrl);

/// <param name="Url">Gets <c>POST {"id","to","text"}</c>, signed; see the channel's page.</param>
public sealed record SmsSettings([property: Label("网关地址")] string Url, [property: Label("签名")] string? Signature);

[Action("发送通道列表", OutgoingRights.Channels, Route = "channels", Help = "邮件服务器、短信网关与群机器人；口令不会给出。")]
public sealed record ListChannels : IQuery<IReadOnlyList<ChannelView>>;

/// <summary>Sets up the mail server. Applies to what waits, too.</summary>
/// <param name="Password">None: the one there was stays. Stored encrypted, never shown.</param>
[Action("设置邮件服务器", OutgoingRights.Channels, Route = "channels/mail", Help = "设置 SMTP 服务器；不给 password 时保留原来的。",
    Example = "{\"settings\":{\"host\":\"smtp.example.com\",\"port\":465,\"security\":\"tls\",\"user\":\"crm@example.com\",\"from\":\"crm@example.com\",\"fromName\":\"示例公司\"},\"password\":\"secret\",\"enabled\":false}")]
public sealed record SetMailChannel(MailSettings Settings, [MaxLength(500)] string? Password, bool Enabled) : ICommand<Done>;

/// <summary>Sets up the SMS gateway.</summary>
/// <param name="Secret">Signs each request (HMAC-SHA256). None: the one there was stays.</param>
[Action("设置短信网关", OutgoingRights.Channels, Route = "channels/sms", Help = "设置短信网关；每次请求用 secret 以 HMAC-SHA256 签名。",
    Example = "{\"settings\":{\"url\":\"https://sms.example.com/send\",\"signature\":\"示例公司\"},\"secret\":\"0123456789abcdef\",\"enabled\":false}")]
public sealed record SetSmsChannel(SmsSettings Settings, [MaxLength(500)] string? Secret, bool Enabled) : ICommand<Done>;

/// <summary>Creates or changes a group robot.</summary>
/// <param name="Id">None to create.</param>
/// <param name="Url">The robot's address from WeCom, DingTalk or Feishu; holds its key and is kept encrypted. None: stays.</param>
/// <param name="Secret">For signing (加签), where the robot asks for it. None: stays.</param>
[Action("保存群机器人", OutgoingRights.Channels, Route = "channels/robots", Help = "企业微信、钉钉或飞书的群机器人；地址和密钥加密保存，不再显示。",
    Example = "{\"kind\":\"wecom\",\"name\":\"销售群\",\"url\":\"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0\",\"enabled\":false}")]
public sealed record SaveRobot(long? Id, string Kind, [Label("名称"), MaxLength(60)] string Name, [MaxLength(500)] string? Url, [MaxLength(200)] string? Secret, bool Enabled) : ICommand<long>;

[Action("删除群机器人", OutgoingRights.Channels, Route = "channels/{id}/delete")]
public sealed record DeleteChannel(long Id) : ICommand<Done>;

/// <summary>Sends a test; how it went is told by <see cref="GetOutgoing"/> and, where the channel is down, by the channel.</summary>
/// <param name="To">An address or number; none for robots.</param>
/// <returns>The delivery's id.</returns>
[Action("试发", OutgoingRights.Channels, Route = "channels/{id}/test", Help = "试发一条；结果看 outgoing/{id} 的 state，通道不通时看通道的 lastError。")]
public sealed record TestChannel(long Id, [MaxLength(200)] string? To) : ICommand<long>;
