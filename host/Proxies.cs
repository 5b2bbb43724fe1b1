using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace KuaipuCrm.Host;

/// <summary>Reverse proxies before the host: what they say of the caller's address, scheme and host is believed, what anyone else says is not.</summary>
internal static class Proxies
{
    /// <param name="settings"><c>Proxies</c>: addresses or networks (<c>10.0.0.5, 192.168.0.0/16</c>); none by default.</param>
    /// <exception cref="InvalidOperationException">One of them is no address; in Chinese.</exception>
    public static void UseProxies(this WebApplication app, IConfiguration settings)
    {
        var named = (settings["Proxies"] ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries);
        if (named.Length == 0) return;
        // As many proxies in a row as are known: the first unknown address is the caller's.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost, ForwardLimit = null };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var name in named)
            if (IPAddress.TryParse(name, out var address)) options.KnownProxies.Add(address);
            else if (System.Net.IPNetwork.TryParse(name, out var network)) options.KnownIPNetworks.Add(network);
            else throw new InvalidOperationException($"设置 Proxies 中的“{name}”不是 IP 地址或网段。");
        app.UseForwardedHeaders(options);
    }
}
