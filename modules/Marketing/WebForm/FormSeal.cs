using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace KuaipuCrm.Marketing.WebForm;

/// <summary>The mark each copy of a public form carries, by which its answer is known: made here, for this form, so long ago, not answered before.</summary>
internal sealed class FormSeal(IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>Nobody fills a form in faster; nobody leaves it open longer.</summary>
    public static readonly TimeSpan Fastest = TimeSpan.FromSeconds(3), Longest = TimeSpan.FromHours(12);

    private readonly IDataProtector protector = protection.CreateProtector("KuaipuCrm.Marketing.WebForm");

    /// <param name="Mark">Of this copy alone.</param>
    internal sealed record Read(string Mark, TimeSpan Age);

    public string Make(string key) => protector.Protect(string.Join('|', key, clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))));

    /// <returns>Null where it is none of ours, or another form's.</returns>
    public Read? Open(string? seal, string key)
    {
        if (seal is not { Length: > 0 and < 1000 }) return null;
        try
        {
            return protector.Unprotect(seal).Split('|') is [var of, var at, var mark] && of == key && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
                ? new(mark, clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(ms)) : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
