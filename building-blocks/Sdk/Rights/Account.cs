namespace KuaipuCrm.Sdk;

/// <summary>Who is signed in and what they may do at this moment.</summary>
[Action("当前用户", Permissions.SignedIn, Route = "me", Help = "当前用户、部门、公司，以及此刻拥有的权限；令牌只列出其范围之内的权限。")]
public sealed record WhoAmI : IQuery<SessionInfo>;

/// <param name="SeenBy">The administrator's name while seeing as someone else.</param>
public sealed record SessionInfo(long UserId, string Name, string? Department, string Company, string? SeenBy, bool Everything, IReadOnlySet<string> Permissions, IReadOnlyDictionary<string, IReadOnlySet<string>> Entries)
{
    public bool May(string permission) => permission.Length == 0 || Everything || Permissions.Contains(permission);
}

/// <summary>Changes one's own password; ends all other sessions.</summary>
[Action("修改密码", Permissions.SignedIn, Route = "me/password", Help = "修改自己的密码，其他设备随即退出登录。")]
public sealed record ChangePassword([Label("原密码")] string Old, [Label("新密码")] string New) : ICommand<Done>, IAllowedWhileSeeingAs, IByOwnHand;

/// <summary>Ends all sessions of one's own.</summary>
[Action("在所有设备上退出", Permissions.SignedIn, Route = "me/sign-out-everywhere", Help = "结束自己的所有登录，包括这一个。令牌不受影响。")]
public sealed record SignOutEverywhere : ICommand<Done>, IByOwnHand;

/// <summary>Where one is signed in.</summary>
[Action("登录状态", Permissions.SignedIn, Route = "me/sessions", Help = "自己在哪些设备上登录：地址、浏览器、最近使用。")]
public sealed record ListSessions : IQuery<IReadOnlyList<SessionEntry>>, IByOwnHand;

/// <param name="Key">Names the session when ending it; opens nothing.</param>
/// <param name="Current">The session that asks.</param>
public sealed record SessionEntry(string Key, DateTime SignedInAt, DateTime SeenAt, string Address, string Browser, bool Current);

/// <summary>Ends one session of one's own.</summary>
[Action("结束登录", Permissions.SignedIn, Route = "me/sessions/{key}/end", Help = "结束自己在一个设备上的登录。")]
public sealed record EndSession([Label("登录")] string Key) : ICommand<Done>, IByOwnHand;

/// <summary>Ends all sessions of one's own but the one that asks.</summary>
[Action("退出其他登录", Permissions.SignedIn, Route = "me/sign-out-elsewhere", Help = "结束自己在其他设备上的登录，这一个不受影响。")]
public sealed record EndOtherSessions : ICommand<Done>, IByOwnHand;

/// <summary>Begins to set up the second factor: the secret to be scanned. Nothing is changed yet.</summary>
[Action("开始设置动态验证码", Permissions.SignedIn, Route = "me/totp/begin", Help = "给出新的密钥，供验证器应用扫描；确认之前什么也不改变。")]
public sealed record BeginTotp : IQuery<TotpSetup>, IByOwnHand;

/// <param name="Uri">For the QR code.</param>
public sealed record TotpSetup(string Secret, string Uri);

/// <summary>Turns the second factor on, once the code shows that the app has the secret.</summary>
[Action("开启动态验证码", Permissions.SignedIn, Route = "me/totp/confirm", Help = "用应用显示的六位数字证明密钥已存入，随即开启。")]
public sealed record ConfirmTotp([Label("密钥")] string Secret, [Label("六位数字")] string Code) : ICommand<Done>, IByOwnHand;

/// <summary>Whether the second factor is on.</summary>
[Action("动态验证码是否开启", Permissions.SignedIn, Route = "me/totp", Help = "自己是否开启了动态验证码。")]
public sealed record HasTotp : IQuery<bool>, IByOwnHand;

/// <summary>Turns the second factor off.</summary>
[Action("关闭动态验证码", Permissions.SignedIn, Route = "me/totp/disable", Help = "凭密码关闭自己的动态验证码。")]
public sealed record DisableTotp([Label("密码")] string Password) : ICommand<Done>, IByOwnHand;
