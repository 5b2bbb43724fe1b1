using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Passwords and keys of others, encrypted with the host's keys, which lie outside the database. Taken out only to be used.</summary>
internal sealed class Secrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("KuaipuCrm.Secrets");
    private readonly IDataProtector optOut = protection.CreateProtector("KuaipuCrm.OptOut");

    public string Hide(string secret) => protector.Protect(secret);

    /// <summary>Null where there is none, or where the keys it was encrypted with are gone.</summary>
    public string? Show(string? hidden)
    {
        try
        {
            return hidden is null ? null : protector.Unprotect(hidden);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>What only the receiver of a mail has: a proof of the address.</summary>
    public string OptOutToken(string address) => optOut.Protect(address);

    public string? AddressOf(string token)
    {
        try
        {
            return optOut.Unprotect(token);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
