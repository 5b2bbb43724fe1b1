using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Security.Tokens;

/// <summary>Makes, shows and ends tokens; each turn is in the audit log (SET-14).</summary>
internal sealed class TokenHandlers(Db db, Caller me, IIds ids, IStanding standing, Caches caches, ModuleCatalog catalog, TokenKeys keys, AuditLog log, TimeProvider clock)
    : IQueryHandler<ListTokens, IReadOnlyList<TokenInfo>>, ICommandHandler<CreateToken, NewToken>, ICommandHandler<RevokeToken, Done>,
      IQueryHandler<ListAllTokens, IReadOnlyList<TokenInfo>>, ICommandHandler<CreateServiceToken, NewToken>, ICommandHandler<RevokeAnyToken, Done>
{
    private const int MostPerUser = 50;
    private static readonly string[] Columns = ["id", "user_id", "name", "service", "hash", "hint", "scopes", "read_only", "created_by", "created_at", "expires_at"];

    public Task<IReadOnlyList<TokenInfo>> Handle(ListTokens query, CancellationToken ct) => List($"user_id = {me.Id}", ct);

    public Task<IReadOnlyList<TokenInfo>> Handle(ListAllTokens query, CancellationToken ct) => List($"1 = 1", ct);

    public Task<NewToken> Handle(CreateToken command, CancellationToken ct) => Make(me.Id, command, service: false, ct);

    public Task<NewToken> Handle(CreateServiceToken command, CancellationToken ct)
    {
        if (caches.Organization.Person(command.UserId) is not { Enabled: true }) throw new Invalid("userId", "账号不存在或已停用。");
        if (standing.WhyAbove(command.UserId) is { } why) throw new RuleBroken(why);
        return Make(command.UserId, command, service: true, ct);
    }

    public Task<Done> Handle(RevokeToken command, CancellationToken ct) => Revoke($"id = {command.Id} and user_id = {me.Id}", ct);

    public Task<Done> Handle(RevokeAnyToken command, CancellationToken ct) => Revoke($"id = {command.Id}", ct);

    private async Task<NewToken> Make(long userId, ITokenWish wish, bool service, CancellationToken ct)
    {
        var name = TextNorm.Clean(wish.Name);
        if (name.Length is 0 or > 60) throw new Invalid("name", name.Length == 0 ? "请填写令牌的名称，如使用它的程序。" : "名称最多 60 个字。");
        if (wish.Days is < 1 or > 366) throw new Invalid("days", "有效天数须在 1 到 366 之间。");
        var scopes = (wish.Scopes ?? []).Select(s => s?.Trim() ?? "").Distinct(StringComparer.Ordinal).ToList();
        if (scopes.FirstOrDefault(s => !IsScope(s)) is { } odd) throw new Invalid("scopes", $"没有名为“{(odd.Length > 60 ? odd[..60] : odd)}”的范围。范围是权限或权限的开头，如 customers.customers.read。");
        var now = clock.GetUtcNow().UtcDateTime;
        if (await db.First<long>($"select count(*) from platform.token where user_id = {userId} and revoked_at is null and expires_at > {now}", ct) >= MostPerUser)
            throw new RuleBroken($"一个账号最多有 {MostPerUser} 个有效令牌，请先撤销不用的。");
        var (id, secret, expires) = (ids.Next(), TokenKeys.NewSecret(), now.AddDays(wish.Days));
        await db.Insert("platform.token", Columns,
            [[id, userId, name, service, TokenKeys.Hash(secret), $"{secret[..8]}…{secret[^4..]}", string.Join(' ', scopes), wish.ReadOnly, me.Id, now, expires]], ct);
        await Audit($"新建{(service ? "服务" : "")}令牌“{name}”（{caches.Organization.Person(userId)?.Name}）",
            $"范围：{(scopes.Count == 0 ? "不限" : string.Join("、", scopes))}；{(wish.ReadOnly ? "只读；" : "")}到期：{expires:yyyy-MM-dd}", ct);
        return new(id, secret, expires);
    }

    private bool IsScope(string scope) => scope == Token.Platform || catalog.Permissions.Keys.Any(p => p == scope || p.StartsWith(scope + ".", StringComparison.Ordinal) && scope.Length > 0);

    private async Task<Done> Revoke(Sql which, CancellationToken ct)
    {
        var row = await db.First<Row>($"select id, name, user_id, service, hint, scopes, read_only, created_by, created_at, expires_at, used_at, used_from, revoked_at from platform.token where {which}", ct) ?? throw new NotFound("令牌");
        if (row.RevokedAt is not null) throw new RuleBroken("该令牌已经撤销过。");
        await db.Execute($"update platform.token set revoked_at = {clock.GetUtcNow().UtcDateTime} where id = {row.Id}", ct);
        db.OnCommit(keys.ForgetAll);
        await Audit($"撤销令牌“{row.Name}”（{caches.Organization.Person(row.UserId)?.Name}）", null, ct);
        return default;
    }

    private Task Audit(string what, string? details, CancellationToken ct) => log.Write(db, "audit", "token", what, me.Id, me.SeenBy, null, me.Source, "成功", details, ct);

    private async Task<IReadOnlyList<TokenInfo>> List(Sql which, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var rows = await db.Query<Row>($"""
            select id, name, user_id, service, hint, scopes, read_only, created_by, created_at, expires_at, used_at, used_from, revoked_at from platform.token
            where {which} order by id desc {db.Dialect.Page(1000)}
            """, ct);
        return [.. rows.Select(r => new TokenInfo(r.Id, r.Name, r.UserId, Who(r.UserId), r.Service, r.Hint, r.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), r.ReadOnly,
            Who(r.CreatedBy), r.CreatedAt, r.ExpiresAt, r.UsedAt, r.UsedFrom, r.RevokedAt is not null ? "revoked" : r.ExpiresAt <= now ? "expired" : "active"))];
    }

    private string Who(long id) => caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Row(long Id, string Name, long UserId, bool Service, string Hint, string Scopes, bool ReadOnly, long CreatedBy, DateTime CreatedAt, DateTime ExpiresAt, DateTime? UsedAt, string? UsedFrom, DateTime? RevokedAt);
}
