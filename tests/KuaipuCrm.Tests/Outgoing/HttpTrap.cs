using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KuaipuCrm.Tests.Outgoing;

/// <summary>An HTTP server on loopback that keeps what it gets and answers as the test wants.</summary>
internal sealed class HttpTrap : IDisposable
{
    private readonly HttpListener listener = new();

    public HttpTrap()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }
        listener.Prefixes.Add(Url);
        listener.Start();
        _ = Task.Run(Serve);
    }

    public string Url { get; }

    public ConcurrentQueue<Got> Requests { get; } = [];

    /// <summary>Status, body and, where it leads elsewhere, the place.</summary>
    public Func<Got, (int Status, string Body, string? Location)> Answer { get; set; } = _ => (200, "{\"errcode\":0}", null);

    private async Task Serve()
    {
        while (listener.IsListening)
            try
            {
                var context = await listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                var got = new Got(context.Request.Url!, await reader.ReadToEndAsync(), context.Request.Headers.AllKeys.OfType<string>().ToDictionary(k => k, k => context.Request.Headers[k]!, StringComparer.OrdinalIgnoreCase));
                Requests.Enqueue(got);
                var (status, body, location) = Answer(got);
                context.Response.StatusCode = status;
                if (location is not null) context.Response.RedirectLocation = location;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (!listener.IsListening) return;
            }
    }

    public void Dispose() => listener.Close();

    public sealed record Got(Uri Url, string Body, IReadOnlyDictionary<string, string> Headers);
}
