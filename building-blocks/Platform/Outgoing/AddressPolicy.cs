using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Which addresses the server may call on behalf of someone who typed a URL (SEC-6): those of the public internet, encrypted, and those of networks that whoever runs the host has named, as they like.</summary>
/// <param name="settings"><c>Outgoing:Networks</c>: networks inside (<c>10.2.0.0/16, 192.168.7.5/32</c>) that may be called, also without encryption; none by default.</param>
internal class AddressPolicy(IConfiguration? settings = null)
{
    private readonly IPNetwork[] named = [.. (settings?["Outgoing:Networks"] ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries).Select(n =>
        IPNetwork.TryParse(n, out var network) ? network : throw new InvalidOperationException($"设置 Outgoing:Networks 中的“{n}”不是网段。"))];

    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Inside 2000::/3: Teredo and 6to4 carry any IPv4 address, the others are for documents and benchmarks.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    /// <summary>Whether requests to an address need not be encrypted on their way.</summary>
    public virtual bool Plain(IPAddress address) => named.Any(n => n.Contains(Bare(address)));

    public bool Allows(IPAddress address)
    {
        address = Bare(address);
        return named.Any(n => n.Contains(address)) || (address.AddressFamily == AddressFamily.InterNetwork || Global.Contains(address)) && !Closed.Any(n => n.Contains(address));
    }

    /// <summary>The addresses of a name.</summary>
    public virtual Task<IPAddress[]> Resolve(string host, CancellationToken ct) => Dns.GetHostAddressesAsync(host, ct);

    /// <summary>What is wrong with a URL before anything is looked up, in Chinese; null for nothing.</summary>
    public string? Refuses(string? url)
    {
        if (!Uri.TryCreate(url?.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0) return "请填写完整的网址，如 https://example.com/path。";
        if (uri.Scheme == "http" && !Inner) return Encrypt;
        if (uri.UserInfo.Length > 0) return "网址中不能带用户名和口令。";
        var host = uri.IdnHost.TrimEnd('.');
        return IPAddress.TryParse(host.Trim('[', ']'), out var ip) ? !Allows(ip) ? Inside : uri.Scheme == "http" && !Plain(ip) ? Encrypt : null
            : !Inner && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase) || !host.Contains('.')) ? Inside : null;
    }

    /// <summary>Whether names may lead inside and unencrypted at all; where they lead is checked when it is known.</summary>
    protected virtual bool Inner => named.Length > 0;

    private static IPAddress Bare(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    public const string Inside = "不能使用内网、本机或保留的地址。";
    public const string Encrypt = "网址必须以 https:// 开头。";
}
