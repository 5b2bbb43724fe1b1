namespace KuaipuCrm.Sdk;

/// <summary>Where a kind of message goes besides the CRM.</summary>
/// <param name="Robots">Channels of group robots that get it, too; never for letters between people.</param>
/// <param name="MayRobots">Whether this kind may go to groups at all.</param>
public sealed record MessageRoute(string Kind, string Label, bool Mail, bool Sms, IReadOnlyList<long> Robots, bool MayRobots)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.L(field); } = Label;
}

/// <summary>What the company has set for all.</summary>
[Action("消息去向", MessageRouteRights.Manage, Route = "message-routes", Help = "每类消息除在线短信外是否也发邮件、短信和群机器人。")]
public sealed record ListMessageRoutes : IQuery<IReadOnlyList<MessageRoute>>;

[Action("设置消息去向", MessageRouteRights.Manage, Route = "message-routes/{kind}", Help = "设置一类消息的去向；个人可以改自己的邮件和短信。", Example = "{\"mail\":true,\"sms\":false,\"robots\":[]}")]
public sealed record SetMessageRoute(string Kind, bool Mail, bool Sms, IReadOnlyList<long> Robots) : ICommand<Done>;

/// <param name="Mail">The user's own choice; null: as the company has set.</param>
public sealed record OwnMessageRoute(string Kind, string Label, bool CompanyMail, bool CompanySms, bool? Mail, bool? Sms)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.L(field); } = Label;
}

/// <summary>The user's own choices.</summary>
[Action("我的消息去向", Permissions.SignedIn, Route = "me/message-routes")]
public sealed record ListOwnMessageRoutes : IQuery<IReadOnlyList<OwnMessageRoute>>;

/// <param name="Mail">Null: as the company has set.</param>
[Action("设置我的消息去向", Permissions.SignedIn, Route = "me/message-routes/{kind}", Help = "一类消息是否也发到自己的邮箱和手机；null 为按公司设置。", Example = "{\"mail\":true,\"sms\":null}")]
public sealed record SetOwnMessageRoute(string Kind, bool? Mail, bool? Sms) : ICommand<Done>;

public static class MessageRouteRights
{
    public const string Manage = "settings.message-routes.manage";
}
