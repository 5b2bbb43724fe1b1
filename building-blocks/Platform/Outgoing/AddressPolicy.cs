using System.Net;
using System.Net.Sockets;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Which addresses the server may call on behalf of someone who typed a URL (SEC-6): those of the public internet. A seam: tests listen on loopback.</summary>
internal class AddressPolicy
{
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

    /// <summary>Whether requests need not be encrypted on their way.</summary>
    public virtual bool PlainHttp => false;

    public virtual bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return (address.AddressFamily == AddressFamily.InterNetwork || Global.Contains(address)) && !Closed.Any(n => n.BaseAddress.AddressFamily == address.AddressFamily && n.Contains(address));
    }

    /// <summary>What is wrong with a URL before anything is looked up, in Chinese; null for nothing.</summary>
    public string? Refuses(string? url)
    {
        if (!Uri.TryCreate(url?.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0) return "请填写完整的网址，如 https://example.com/path。";
        if (uri.Scheme == "http" && !PlainHttp) return "网址必须以 https:// 开头。";
        if (uri.UserInfo.Length > 0) return "网址中不能带用户名和口令。";
        var host = uri.IdnHost.TrimEnd('.');
        return IPAddress.TryParse(host.Trim('[', ']'), out var ip) ? Allows(ip) ? null : Inside
            : !PlainHttp && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase) || !host.Contains('.')) ? Inside : null;
    }

    public const string Inside = "不能使用内网、本机或保留的地址。";
}
