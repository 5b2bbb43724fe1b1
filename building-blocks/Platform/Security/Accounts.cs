using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using OtpNet;

namespace KuaipuCrm.Platform.Security;

/// <summary>The accounts people sign in with.</summary>
internal sealed class Accounts(Db db, Sessions sessions, Tokens.TokenKeys tokens, Approvals.ApprovalEngine approvals, TimeProvider clock) : IAccounts
{
    public async Task Put(long userId, string login, bool enabled, CancellationToken ct = default)
    {
        login = login.Trim();
        if (await db.First<long?>($"select user_id from platform.account where login = {login.ToLowerInvariant()} and user_id <> {userId}", ct) is not null)
            throw new Invalid("login", $"登录名“{login}”已被使用。");
        if (await db.Execute($"update platform.account set login = {login.ToLowerInvariant()}, enabled = {enabled} where user_id = {userId}", ct) == 0)
            await db.Insert("platform.account", ["user_id", "login", "enabled", "must_change", "failures", "totp_step"], [[userId, login.ToLowerInvariant(), enabled, true, 0L, 0L]], ct);
        if (enabled) return;
        await EndSessions(userId, ct);
        // For good: an account that is opened again later begins without programs.
        await db.Execute($"update platform.token set revoked_at = {clock.GetUtcNow().UtcDateTime} where user_id = {userId} and revoked_at is null", ct);
        db.OnCommit(tokens.ForgetAll);
        await approvals.Gone(userId, ct);
    }

    // The row stays, without anything that could be signed in with: who was first is told by it (IsFirstStart). No login holds a "#".
    public Task Remove(long userId, CancellationToken ct = default)
    {
        var nobodys = "#" + userId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return db.Execute($"update platform.account set login = {nobodys}, enabled = {false}, totp_secret = {(string?)null} where user_id = {userId}", ct);
    }

    public async Task SetPassword(long userId, string password, bool mustChange, CancellationToken ct = default)
    {
        var login = await db.First<string>($"select login from platform.account where user_id = {userId}", ct) ?? throw new NotFound("账号");
        Passwords.Check(login, password);
        await db.Execute($"update platform.account set password_hash = {Passwords.Hash(password)}, must_change = {mustChange}, failures = 0, locked_until = {(DateTime?)null} where user_id = {userId}", ct);
        await EndSessions(userId, ct);
    }

    public async Task EndSessions(long userId, CancellationToken ct = default)
    {
        await db.Execute($"delete from platform.session where user_id = {userId} or as_user_id = {userId}", ct);
        db.OnCommit(sessions.ForgetAll);
    }

    public Task RemoveTotp(long userId, CancellationToken ct = default) =>
        db.Execute($"update platform.account set totp_secret = {(string?)null}, totp_step = 0 where user_id = {userId}", ct);

    public Task Unlock(long userId, CancellationToken ct = default) =>
        db.Execute($"update platform.account set failures = 0, locked_until = {(DateTime?)null} where user_id = {userId}", ct);
}

/// <summary>How a try to sign in ended.</summary>
public enum SignInOutcome
{
    SignedIn,
    /// <summary>The password was right; now the six digits.</summary>
    CodeNeeded,
    MustChangePassword,
    Refused,
}

/// <param name="Secret">For the cookie.</param>
/// <param name="Message">Chinese, where refused.</param>
public sealed record SignInResult(SignInOutcome Outcome, string? Secret, string? Message)
{
    /// <summary>The language the user has chosen, where there was a choice.</summary>
    public string? Language { get; init; }
}

/// <summary>The door: passwords, lockout, second factor, first start.</summary>
public sealed class SignInDesk(Engine engine, Sessions sessions, AuditLog log, TimeProvider clock)
{
    /// <summary>The personal setting that keeps the user's language.</summary>
    public const string Language = "language";
    private const int MostFailures = 5;
    private static readonly TimeSpan Lockout = TimeSpan.FromMinutes(15);

    /// <summary>Printed at first start; whoever sets the administrator's password from another machine must know it.</summary>
    public string SetupCode { get; } = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4));

    /// <summary>The first account, the administrator's, has no password yet: the first visitor sets it.</summary>
    public async Task<bool> IsFirstStart(CancellationToken ct) =>
        await new Db(engine).First<long>($"select count(*) from platform.account where password_hash is null and user_id = (select min(f.user_id) from platform.account f)", ct) == 1;

    /// <param name="newPassword">Where the password must be changed at once.</param>
    public async Task<SignInResult> SignIn(string login, string password, string? code, string? newPassword, string address, string agent, CancellationToken ct)
    {
        login = login.Trim().ToLowerInvariant();
        if (login.Length > 60 || password.Length > 200) return Refuse("登录名或密码不正确。");
        var db = new Db(engine);
        var now = clock.GetUtcNow().UtcDateTime;
        var account = await db.First<Account>($"select user_id, login, password_hash, enabled, must_change, failures, locked_until, totp_secret, totp_step from platform.account where login = {login}", ct);
        if (account?.LockedUntil > now)
        {
            await Log(account, login, address, "锁定中", ct);
            return Refuse($"连续输错次数过多，账号已锁定，请在 {Math.Ceiling((account.LockedUntil.Value - now).TotalMinutes):0} 分钟后再试，或联系管理员解锁。");
        }
        if (!Passwords.Verify(account?.PasswordHash, password) || account is null)
        {
            if (account is not null) await Failed(db, account, now, ct);
            await Log(account, login, address, "密码错误", ct);
            return Refuse("登录名或密码不正确。");
        }
        if (!account.Enabled)
        {
            await Log(account, login, address, "已停用", ct);
            return Refuse("账号已停用，请联系管理员。");
        }
        long? step = null;
        if (account.TotpSecret is { } secret)
        {
            if (string.IsNullOrWhiteSpace(code)) return new(SignInOutcome.CodeNeeded, null, null);
            if (!new Totp(Base32Encoding.ToBytes(secret)).VerifyTotp(now, code.Trim(), out var matched, VerificationWindow.RfcSpecifiedNetworkDelay) || matched <= account.TotpStep)
                return await WrongCode(db, account, login, address, now, ct);
            step = matched;
        }
        var hash = account.PasswordHash;
        if (account.MustChange)
        {
            if (string.IsNullOrEmpty(newPassword)) return new(SignInOutcome.MustChangePassword, null, null);
            try
            {
                if (newPassword == password) throw new Invalid("password", "新密码不能与原密码相同。");
                Passwords.Check(login, newPassword);
            }
            catch (Invalid e)
            {
                return new(SignInOutcome.MustChangePassword, null, e.Message);
            }
            hash = Passwords.Hash(newPassword);
        }
        // All that was checked above is claimed in one statement: a code counts once, a lock set meanwhile by parallel guesses holds, a password changed meanwhile doesn't pass.
        var spent = step ?? account.TotpStep;
        var claimed = await db.Unit(() => db.Execute($"""
            update platform.account set failures = 0, locked_until = {(DateTime?)null}, totp_step = {spent}, password_hash = {hash}, must_change = {false}
            where user_id = {account.UserId} and enabled = {true} and password_hash = {account.PasswordHash} and (locked_until is null or locked_until <= {now})
                and (totp_step < {spent} or totp_secret is null)
            """, ct), ct);
        if (claimed == 0)
        {
            await Log(account, login, address, "未通过", ct);
            return Refuse("登录未通过，请稍后再试。");
        }
        await Log(account, login, address, "成功", ct);
        return new(SignInOutcome.SignedIn, await sessions.Start(account.UserId, address, agent, ct), null)
        {
            Language = await db.First<string>($"select value from platform.preference where user_id = {account.UserId} and name = {Language}", ct),
        };
    }

    /// <summary>Sets the first administrator's password; works once.</summary>
    /// <param name="local">The visitor sits at this machine; otherwise the code from the console is asked for.</param>
    public async Task<SignInResult> SetUp(string password, string? code, bool local, string address, string agent, CancellationToken ct)
    {
        if (!local && !string.Equals(code?.Trim(), SetupCode, StringComparison.OrdinalIgnoreCase)) return Refuse("安装码不正确。安装码显示在服务器启动时的控制台上。");
        try
        {
            Passwords.Check("admin", password);
        }
        catch (Invalid e)
        {
            return Refuse(e.Message);
        }
        var db = new Db(engine);
        var admin = await db.First<long>($"select min(user_id) from platform.account", ct);
        var set = await db.Unit(() => db.Execute($"""
            update platform.account set password_hash = {Passwords.Hash(password)}, must_change = {false}
            where user_id = {admin} and password_hash is null
            """, ct), ct);
        if (set == 0) return Refuse("管理员密码已经设置过，请直接登录。");
        await log.Write("signin", "设置管理员密码", admin, null, "admin", address, "成功", null, ct);
        return new(SignInOutcome.SignedIn, await sessions.Start(admin, address, agent, ct), null);
    }

    private async Task<SignInResult> WrongCode(Db db, Account account, string login, string address, DateTime now, CancellationToken ct)
    {
        await Failed(db, account, now, ct);
        await Log(account, login, address, "验证码错误", ct);
        return Refuse("动态验证码不正确。") with { Outcome = SignInOutcome.CodeNeeded };
    }

    private static SignInResult Refuse(string message) => new(SignInOutcome.Refused, null, message);

    private static Task Failed(Db db, Account account, DateTime now, CancellationToken ct)
    {
        // Counted by the database, so that many tries at once count as many.
        var until = now + Lockout;
        return db.Unit(() => db.Execute($"""
            update platform.account set locked_until = case when failures + 1 >= {MostFailures} then {until} else locked_until end,
                failures = case when failures + 1 >= {MostFailures} then 0 else failures + 1 end
            where user_id = {account.UserId}
            """, ct), ct);
    }

    private Task Log(Account? account, string login, string address, string result, CancellationToken ct) => log.Write("signin", "登录", account?.UserId, null, login, address, result, null, ct);

    private sealed record Account(long UserId, string Login, string? PasswordHash, bool Enabled, bool MustChange, long Failures, DateTime? LockedUntil, string? TotpSecret, long TotpStep);
}
