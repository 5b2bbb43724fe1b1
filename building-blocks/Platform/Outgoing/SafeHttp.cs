using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>
/// HTTP to addresses that people typed in. The name is looked up here, each address is checked, and the connection goes to the very address that was checked: a name that answers differently the second time gains nothing.
/// Redirects are not followed, no proxy, no cookies; little of the answer is read.
/// </summary>
internal sealed class SafeHttp : IDisposable
{
    private const int MostRead = 16 * 1024;
    private readonly AddressPolicy policy;
    private readonly HttpClient http;

    public SafeHttp(AddressPolicy policy)
    {
        this.policy = policy;
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 16,
            ConnectCallback = Connect,
        })
        { Timeout = TimeSpan.FromSeconds(20) };
    }

    /// <summary>Posts a body and gives the answer's status and beginning.</summary>
    /// <exception cref="HttpRequestException">Could not be reached, or must not be; the message is Chinese where it is ours.</exception>
    public async Task<(int Status, string Answer)> Post(string url, byte[] body, string contentType, IEnumerable<(string Name, string Value)> headers, CancellationToken ct)
    {
        if (policy.Refuses(url) is { } why) throw new HttpRequestException(why);
        using var request = new HttpRequestMessage(HttpMethod.Post, url.Trim()) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Headers.TryAddWithoutValidation("User-Agent", "KuaipuCrm");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            var buffer = new byte[MostRead];
            using var slow = CancellationTokenSource.CreateLinkedTokenSource(ct);
            slow.CancelAfter(http.Timeout);
            return ((int)response.StatusCode, Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, slow.Token)));
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException("对方在 20 秒内没有回答。", e);
        }
        catch (HttpRequestException e) when (e.InnerException is Closed closed)
        {
            throw new HttpRequestException(closed.Message, e);
        }
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var found = await policy.Resolve(context.DnsEndPoint.Host, ct);
        // One that is closed closes all: a name that leads inside and outside is not to be trusted either way.
        if (found.Length == 0 || found.Any(a => !policy.Allows(a))) throw new Closed(AddressPolicy.Inside);
        if (context.InitialRequestMessage.RequestUri?.Scheme == "http" && found.Any(a => !policy.Plain(a))) throw new Closed(AddressPolicy.Encrypt);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => http.Dispose();

    private sealed class Closed(string why) : IOException(why);
}
