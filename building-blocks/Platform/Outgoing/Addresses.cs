using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;
using MimeKit;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Addresses as they are kept and compared.</summary>
internal static class Addresses
{
    /// <summary>The address as kept; null where it is none.</summary>
    public static string? Of(string channel, string? text)
    {
        var address = text?.Trim() ?? "";
        if (channel == OutgoingChannel.Sms) return Phone.IsMobile(address) ? Phone.Normalize(address) : null;
        return address.Length is > 3 and <= 200 && !address.Any(c => char.IsControl(c) || c is ',' or ';') && MailboxAddress.TryParse(address, out var box) && box.Address.IndexOf('@') is > 0 and var at && at < box.Address.Length - 1 && string.IsNullOrEmpty(box.Name)
            ? box.Address : null;
    }

    /// <summary>As the list of those who have opted out knows it.</summary>
    public static string Key(string address) => address.ToLowerInvariant();

    /// <summary>For those who need not know it.</summary>
    public static string Masked(string channel, string address) => channel == OutgoingChannel.Sms
        ? address.Length > 7 ? $"{address[..3]}****{address[^4..]}" : "****"
        : address.IndexOf('@') is > 0 and var at ? $"{address[..Math.Min(2, at)]}***{address[at..]}" : address;
}
