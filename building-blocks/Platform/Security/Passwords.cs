using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Identity;

namespace KuaipuCrm.Platform.Security;

/// <summary>Hashes by ASP.NET Core Identity's hasher, and the rules a new password must meet.</summary>
internal static class Passwords
{
    private static readonly PasswordHasher<object> Hasher = new();
    private static readonly object Nobody = new();
    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "password1", "passw0rd", "abc12345", "abcd1234", "a1234567", "a12345678", "1234abcd", "12345678a", "qwer1234", "1q2w3e4r", "1qaz2wsx", "admin123", "admin888", "kuaipu123", "woaini520", "aa123456", "qq123456",
    };

    /// <summary>Verified where there is no such user, so that the answer takes as long.</summary>
    private static readonly string Decoy = Hasher.HashPassword(Nobody, "decoy");

    public static string Hash(string password) => Hasher.HashPassword(Nobody, password);

    public static bool Verify(string? hash, string password) => Hasher.VerifyHashedPassword(Nobody, hash ?? Decoy, password) != PasswordVerificationResult.Failed && hash is not null;

    /// <exception cref="Invalid">The password breaks a rule.</exception>
    public static void Check(string login, string password)
    {
        var kinds = new[] { password.Any(char.IsAsciiLetterLower), password.Any(char.IsAsciiLetterUpper), password.Any(char.IsAsciiDigit), password.Any(c => !char.IsAsciiLetterOrDigit(c)) }.Count(k => k);
        var wrong = password.Length < 8 ? "密码至少 8 位。"
            : password.Length > 128 ? "密码最多 128 位。"
            : kinds < 2 ? "密码须包含大写字母、小写字母、数字、符号中的至少两种。"
            : login.Length > 0 && password.Contains(login, StringComparison.OrdinalIgnoreCase) ? "密码不能包含登录名。"
            : Common.Contains(password) ? "这个密码太常见，请换一个。"
            : null;
        if (wrong is not null) throw new Invalid("password", wrong);
    }
}
