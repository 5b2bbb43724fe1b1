using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using OtpNet;

namespace KuaipuCrm.Platform.Security;

/// <summary>What users may do with their own account, and who they are.</summary>
internal sealed class OwnAccount(Db db, Caller me, RightsCache rights, Caches caches, ModuleCatalog catalog, Sessions sessions, TimeProvider clock)
    : IQueryHandler<WhoAmI, SessionInfo>, ICommandHandler<ChangePassword, Done>, ICommandHandler<SignOutEverywhere, Done>,
      IQueryHandler<BeginTotp, TotpSetup>, ICommandHandler<ConfirmTotp, Done>, IQueryHandler<HasTotp, bool>, ICommandHandler<DisableTotp, Done>,
      IQueryHandler<ListSessions, IReadOnlyList<SessionEntry>>, ICommandHandler<EndSession, Done>, ICommandHandler<EndOtherSessions, Done>
{
    public Task<SessionInfo> Handle(WhoAmI query, CancellationToken ct)
    {
        var r = rights.Of(me.Id) ?? throw new NotSignedIn();
        var everything = r.Everything && (me.Token is null || me.Token.Scopes.Count == 0);
        var permissions = everything ? [] : catalog.Permissions.Keys.Where(me.May).ToHashSet();
        var entries = caches.Dictionaries.All.Select(d => (d.Id, Codes: r.Entries(d.Id))).Where(d => d.Codes is not null).ToDictionary(d => d.Id, d => d.Codes!);
        return Task.FromResult(new SessionInfo(me.Id, me.Name, me.DepartmentId is { } d ? caches.Organization.Department(d)?.Name : null, caches.Company.Name,
            me.SeenBy is { } by ? caches.Organization.Person(by)?.Name ?? "管理员" : null, everything, permissions, entries));
    }

    public async Task<Done> Handle(ChangePassword command, CancellationToken ct)
    {
        if (me.SeenBy is not null) throw new RuleBroken("正在以他人视角查看，不能修改密码。");
        var account = await Account(ct);
        if (!Passwords.Verify(account.PasswordHash, command.Old)) throw new Invalid("old", "原密码不正确。");
        if (command.Old == command.New) throw new Invalid("new", "新密码不能与原密码相同。");
        try
        {
            Passwords.Check(account.Login, command.New);
        }
        catch (Invalid e)
        {
            throw new Invalid("new", e.Message);
        }
        await db.Execute($"update platform.account set password_hash = {Passwords.Hash(command.New)}, must_change = {false} where user_id = {me.Id}", ct);
        await db.Execute($"delete from platform.session where user_id = {me.Id} and id <> {me.SessionId ?? ""}", ct);
        db.OnCommit(sessions.ForgetAll);
        return default;
    }

    public async Task<Done> Handle(SignOutEverywhere command, CancellationToken ct)
    {
        await db.Execute($"delete from platform.session where user_id = {me.Id}", ct);
        db.OnCommit(sessions.ForgetAll);
        return default;
    }

    public async Task<IReadOnlyList<SessionEntry>> Handle(ListSessions query, CancellationToken ct)
    {
        var rows = await db.Query<SessionRow>($"select id, created_at, seen_at, address, agent from platform.session where user_id = {me.SeenBy ?? me.Id} and expires_at > {clock.GetUtcNow().UtcDateTime} order by seen_at desc, id", ct);
        return [.. rows.Select(r => new SessionEntry(r.Id[..KeyLength], r.CreatedAt, r.SeenAt, r.Address, r.Agent, r.Id == me.SessionId))];
    }

    public async Task<Done> Handle(EndSession command, CancellationToken ct)
    {
        var ids = await db.Query<string>($"select id from platform.session where user_id = {me.Id}", ct);
        var id = command.Key.Length == KeyLength ? ids.FirstOrDefault(i => i.StartsWith(command.Key, StringComparison.Ordinal)) : null;
        await db.Execute($"delete from platform.session where id = {id ?? throw new NotFound("登录")}", ct);
        db.OnCommit(sessions.ForgetAll);
        return default;
    }

    public async Task<Done> Handle(EndOtherSessions command, CancellationToken ct)
    {
        await db.Execute($"delete from platform.session where user_id = {me.Id} and id <> {me.SessionId ?? ""}", ct);
        db.OnCommit(sessions.ForgetAll);
        return default;
    }

    public async Task<TotpSetup> Handle(BeginTotp query, CancellationToken ct)
    {
        var account = await Account(ct);
        var secret = Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));
        return new(secret, new OtpUri(OtpType.Totp, secret, account.Login, "KuaipuCrm").ToString());
    }

    public async Task<Done> Handle(ConfirmTotp command, CancellationToken ct)
    {
        byte[] key;
        try
        {
            key = Base32Encoding.ToBytes(command.Secret);
        }
        catch (ArgumentException)
        {
            throw new Invalid("code", "设置已失效，请重新开始。");
        }
        if (key.Length < 16 || !new Totp(key).VerifyTotp(clock.GetUtcNow().UtcDateTime, command.Code.Trim(), out var step, VerificationWindow.RfcSpecifiedNetworkDelay))
            throw new Invalid("code", "验证码不正确，请确认手机时间准确后再试。");
        await db.Execute($"update platform.account set totp_secret = {command.Secret}, totp_step = {step} where user_id = {me.Id}", ct);
        return default;
    }

    public async Task<bool> Handle(HasTotp query, CancellationToken ct) => await db.First<string>($"select totp_secret from platform.account where user_id = {me.Id}", ct) is not null;

    public async Task<Done> Handle(DisableTotp command, CancellationToken ct)
    {
        if (!Passwords.Verify((await Account(ct)).PasswordHash, command.Password)) throw new Invalid("password", "密码不正确。");
        await db.Execute($"update platform.account set totp_secret = {(string?)null}, totp_step = 0 where user_id = {me.Id}", ct);
        return default;
    }

    private async Task<Row> Account(CancellationToken ct) => await db.First<Row>($"select login, password_hash from platform.account where user_id = {me.Id}", ct) ?? throw new NotFound("账号");

    /// <summary>Of a session's id, enough to tell one's own sessions apart.</summary>
    private const int KeyLength = 16;

    private sealed record SessionRow(string Id, DateTime CreatedAt, DateTime SeenAt, string Address, string Agent);

    private sealed record Row(string Login, string? PasswordHash);
}
