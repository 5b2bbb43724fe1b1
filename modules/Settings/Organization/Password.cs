using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Organization;

/// <summary>Gives a user a new password, to be changed at the next sign-in; ends the user's sessions (SEC-5).</summary>
[Action("重置密码", SettingsModule.ManageAccounts, Route = "users/{userId}/password", On = "user", Icon = "key", Help = "给用户设一个新密码，下次登录时须更改；其所有登录随即结束。",
    Example = "{\"password\":\"Xin-Mima-2026\"}")]
public sealed record ResetPassword(long UserId, [Label("新密码"), Required, MaxLength(128)] string Password) : ICommand<Done>;

internal sealed class ResetPasswordHandler(IAccounts accounts, IStanding standing) : ICommandHandler<ResetPassword, Done>
{
    public async Task<Done> Handle(ResetPassword command, CancellationToken ct)
    {
        AccountRules.MustNotBeAbove(standing, command.UserId);
        await accounts.SetPassword(command.UserId, command.Password, mustChange: true, ct);
        return default;
    }
}

/// <summary>Signs a user out everywhere.</summary>
[Action("强制下线", SettingsModule.ManageAccounts, Route = "users/{userId}/sign-out", On = "user", Icon = "right-from-bracket", Confirm = "确定让该用户在所有设备上退出登录？", Help = "结束用户在所有设备上的登录。令牌须另行撤销。")]
public sealed record SignOutUser(long UserId) : ICommand<Done>;

internal sealed class SignOutUserHandler(IAccounts accounts, IStanding standing) : ICommandHandler<SignOutUser, Done>
{
    public async Task<Done> Handle(SignOutUser command, CancellationToken ct)
    {
        AccountRules.MustNotBeAbove(standing, command.UserId);
        await accounts.EndSessions(command.UserId, ct);
        return default;
    }
}

/// <summary>Lifts the lock after too many wrong passwords, and takes a lost second factor away.</summary>
[Action("解除锁定", SettingsModule.ManageAccounts, Route = "users/{userId}/unlock", On = "user", Icon = "lock-open", Confirm = "确定解除该用户的登录锁定？", Help = "解除因连续输错密码造成的锁定。")]
public sealed record UnlockUser(long UserId) : ICommand<Done>;

internal sealed class UnlockUserHandler(IAccounts accounts, IStanding standing) : ICommandHandler<UnlockUser, Done>
{
    public async Task<Done> Handle(UnlockUser command, CancellationToken ct)
    {
        AccountRules.MustNotBeAbove(standing, command.UserId);
        await accounts.Unlock(command.UserId, ct);
        return default;
    }
}

/// <summary>Takes the second factor away from a user who has lost it.</summary>
[Action("取消动态验证码", SettingsModule.ManageAccounts, Route = "users/{userId}/remove-totp", On = "user", Icon = "mobile-screen", Confirm = "确定取消该用户的动态验证码？", Help = "用户丢失手机时，取消其动态验证码。")]
public sealed record RemoveTotp(long UserId) : ICommand<Done>;

internal sealed class RemoveTotpHandler(IAccounts accounts, IStanding standing) : ICommandHandler<RemoveTotp, Done>
{
    public async Task<Done> Handle(RemoveTotp command, CancellationToken ct)
    {
        AccountRules.MustNotBeAbove(standing, command.UserId);
        await accounts.RemoveTotp(command.UserId, ct);
        return default;
    }
}

internal static class AccountRules
{
    /// <summary>Whoever manages accounts must not take over one that may do or see more than they.</summary>
    public static void MustNotBeAbove(IStanding standing, long userId)
    {
        if (standing.WhyAbove(userId) is { } why) throw new RuleBroken(why);
    }

    /// <summary>Nobody gives away what they don't see, least of all to themselves.</summary>
    public static void MustBeGiven(IStanding standing, long userId, IEnumerable<string> types)
    {
        if (types.Select(t => standing.WhyNotGiven(userId, t)).FirstOrDefault(why => why is not null) is { } why) throw new RuleBroken(why);
    }
}
