namespace KuaipuCrm.Sdk;

/// <summary>A token by which a program signs in as a user (API-2). It may what its user may at that moment, and of that only what its scopes name.</summary>
/// <param name="Service">Made by an administrator for an account that programs use.</param>
/// <param name="Hint">Its first and last characters; the token itself is shown once and kept nowhere.</param>
/// <param name="Scopes">Permissions or beginnings of permissions, e.g. <c>customers.customers</c>; none: all that the user may.</param>
/// <param name="State"><c>active expired revoked</c>.</param>
public sealed record TokenInfo(
    long Id, string Name, long UserId, string Person, bool Service, string Hint, IReadOnlyList<string> Scopes, bool ReadOnly,
    string CreatedBy, DateTime CreatedAt, DateTime ExpiresAt, DateTime? UsedAt, string? UsedFrom, string State);

/// <summary>A new token; <paramref name="Secret"/> is told this once.</summary>
public sealed record NewToken(long Id, string Secret, DateTime ExpiresAt);

/// <summary>What a new token shall be.</summary>
public interface ITokenWish
{
    string Name { get; }
    /// <summary>See <see cref="TokenInfo"/>.</summary>
    IReadOnlyList<string>? Scopes { get; }
    bool ReadOnly { get; }
    /// <summary>Until it expires, 1 to 366.</summary>
    int Days { get; }
}

/// <summary>The user's own tokens.</summary>
[Action("我的令牌", Permissions.SignedIn, Route = "me/tokens", Help = "您自己的 API 令牌：范围、到期、最近使用。令牌本身只在新建时显示一次。")]
public sealed record ListTokens : IQuery<IReadOnlyList<TokenInfo>>, IByOwnHand;

/// <summary>Makes a personal token.</summary>
[Action("新建令牌", Permissions.SignedIn, Route = "me/tokens", Help = "为自己新建一个 API 令牌。令牌只在这次的回答中出现，请立即保存。",
    Example = "{\"name\":\"ERP 同步\",\"scopes\":[\"customers.customers.read\"],\"readOnly\":true,\"days\":90}")]
public sealed record CreateToken([Label("名称")] string Name, [Label("范围：权限或权限的开头，不填则不限")] IReadOnlyList<string>? Scopes = null, [Label("只读")] bool ReadOnly = false, [Label("有效天数")] int Days = 90)
    : ICommand<NewToken>, ITokenWish, IByOwnHand;

/// <summary>Ends one of the user's own tokens at once.</summary>
[Action("撤销令牌", Permissions.SignedIn, Route = "me/tokens/{id}/revoke", Help = "立即停用自己的一个令牌，不能恢复。")]
public sealed record RevokeToken([Label("令牌编号")] long Id) : ICommand<Done>, IByOwnHand;

/// <summary>Everyone's tokens.</summary>
[Action("全部令牌", ManageTokens.Permission, Route = "tokens", Help = "所有用户的 API 令牌，个人令牌与服务令牌。")]
public sealed record ListAllTokens : IQuery<IReadOnlyList<TokenInfo>>, IByOwnHand;

/// <summary>Makes a token for an account that programs use; nobody makes one for an account that may more than they.</summary>
[Action("新建服务令牌", ManageTokens.Permission, Route = "tokens", Help = "为供程序使用的账号新建令牌；不能为权限高于自己的账号新建。令牌只在这次的回答中出现。",
    Example = "{\"userId\":1024,\"name\":\"ERP 同步\",\"scopes\":[\"customers\"],\"readOnly\":false,\"days\":90}")]
public sealed record CreateServiceToken(
    [Label("账号")] long UserId, [Label("名称")] string Name, [Label("范围：权限或权限的开头，不填则不限")] IReadOnlyList<string>? Scopes = null, [Label("只读")] bool ReadOnly = false, [Label("有效天数")] int Days = 90)
    : ICommand<NewToken>, ITokenWish, IByOwnHand;

/// <summary>Ends anyone's token at once.</summary>
[Action("撤销任一令牌", ManageTokens.Permission, Route = "tokens/{id}/revoke", Help = "立即停用任何人的一个令牌，不能恢复。")]
public sealed record RevokeAnyToken([Label("令牌编号")] long Id) : ICommand<Done>, IByOwnHand;

/// <summary>The permission over everyone's tokens.</summary>
public static class ManageTokens
{
    public const string Permission = "settings.tokens.manage";
}
