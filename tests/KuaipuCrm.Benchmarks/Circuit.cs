using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KuaipuCrm.Benchmarks;

/// <summary>A page of ours as a browser holds it open: its HTML read, its circuit started, what the server draws acknowledged, calls into the page answered. Speaks Blazor's protocol (SignalR, MessagePack) as blazor.web.js does.</summary>
internal sealed partial class Circuit : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly TaskCompletionSource drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] awaited;
    private Task reading = Task.CompletedTask;

    private Circuit(string awaited) => this.awaited = Encoding.UTF8.GetBytes(awaited);

    /// <summary>The server has drawn what was waited for.</summary>
    public Task Drawn => drawn.Task;

    public bool IsOpen => socket.State == WebSocketState.Open;

    /// <summary>Bytes of drawing received.</summary>
    public long Received { get; private set; }

    /// <param name="awaited">A text that stands in the page once it shows what it is for.</param>
    public static async Task<Circuit> Open(Uri host, string path, string cookie, string awaited, CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        var html = await http.GetStringAsync(new Uri(host, path), ct);
        var circuit = new Circuit(awaited);
        circuit.socket.Options.SetRequestHeader("Cookie", cookie);
        await circuit.socket.ConnectAsync(new UriBuilder(new Uri(host, "/_blazor")) { Scheme = "ws" }.Uri, ct);
        await circuit.socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, ct);
        circuit.reading = Task.Run(() => circuit.Read(ct), ct);
        var state = State().Match(html) is { Success: true } s ? s.Groups[1].Value : "";
        await circuit.Send(ct, "0", "StartCircuit", new Uri(host, "/").ToString(), new Uri(host, path).ToString(), "[]", state);
        await circuit.started.Task.WaitAsync(TimeSpan.FromMinutes(1), ct);
        var operations = Marker().Matches(html).Select((m, i) => new { type = "add", ssrComponentId = i + 1, marker = JsonSerializer.Deserialize<JsonElement>(m.Groups[1].Value) });
        await circuit.Send(ct, null, "UpdateRootComponents", JsonSerializer.Serialize(new { batchId = 1, operations }, JsonSerializerOptions.Web), state);
        return circuit;
    }

    private async Task Read(CancellationToken ct)
    {
        var (buffer, have, shaken) = (new byte[64 * 1024], 0, false);
        try
        {
            while (socket.State == WebSocketState.Open)
            {
                if (have == buffer.Length) Array.Resize(ref buffer, have * 2);
                have += (await socket.ReceiveAsync(buffer.AsMemory(have), ct)).Count;
                var at = 0;
                if (!shaken)
                {
                    var end = Array.IndexOf(buffer, (byte)0x1e, 0, have);
                    if (end < 0) continue;
                    (shaken, at) = (true, end + 1);
                }
                while (Length(buffer.AsSpan(at, have - at)) is var (bytes, prefix) && have - at >= prefix + bytes)
                {
                    await Take(buffer.AsMemory(at + prefix, bytes), ct);
                    at += prefix + bytes;
                }
                Buffer.BlockCopy(buffer, at, buffer, 0, have - at);
                have -= at;
            }
            Fail(new WebSocketException($"The circuit was closed: {socket.CloseStatusDescription}"));
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void Fail(Exception e)
    {
        drawn.TrySetException(e);
        started.TrySetException(e);
        // Nobody waits for a circuit that is closed at the end.
        _ = drawn.Task.Exception;
        _ = started.Task.Exception;
    }

    private async Task Take(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var parts = (List<object?>)new Unpack(message).Next()!;
        switch ((long)parts[0]!)
        {
            case 3:
                if (parts.Count > 4) started.TrySetResult($"{parts[4]}");
                else started.TrySetException(new InvalidOperationException($"{parts[^1]}"));
                break;
            case 7:
                throw new InvalidOperationException($"The server closed the circuit: {parts[1]}");
            case 1:
                var arguments = (List<object?>)parts[4]!;
                switch ((string)parts[3]!)
                {
                    case "JS.RenderBatch":
                        var drawing = (ReadOnlyMemory<byte>)arguments[^1]!;
                        Received += drawing.Length;
                        await Send(ct, null, "OnRenderCompleted", (long)arguments[^2]!, null);
                        if (drawing.Span.IndexOf(awaited) >= 0) drawn.TrySetResult();
                        break;
                    case "JS.BeginInvokeJS":
                        var task = (long)arguments[0]!;
                        // An import gives a handle; all else of the page's script may answer nothing.
                        var answer = (string)arguments[1]! == "import" ? "{\"__jsObjectId\":1}" : "null";
                        if (task != 0) await Send(ct, null, "EndInvokeJSFromDotNet", task, true, $"[{task},true,{answer}]");
                        break;
                    case "JS.Error":
                        throw new InvalidOperationException($"The circuit failed: {arguments[0]}");
                }
                break;
        }
    }

    private async Task Send(CancellationToken ct, string? invocation, string target, params object?[] arguments)
    {
        var body = new Pack().Array(6).Number(1).Map(0).Text(invocation).Text(target).Array(arguments.Length);
        foreach (var a in arguments)
            _ = a switch { null => body.Text(null), string s => body.Text(s), long l => body.Number(l), bool b => body.Flag(b), _ => throw new NotSupportedException() };
        var content = body.Array(0).Bytes;
        var prefix = new List<byte>();
        for (var n = content.Count; ; n >>= 7)
        {
            prefix.Add((byte)(n > 127 ? n & 127 | 128 : n));
            if (n <= 127) break;
        }
        await sending.WaitAsync(ct);
        try
        {
            await socket.SendAsync(prefix.Concat(content).ToArray(), WebSocketMessageType.Binary, true, ct);
        }
        finally
        {
            sending.Release();
        }
    }

    private static (int Bytes, int Prefix)? Length(ReadOnlySpan<byte> from)
    {
        var n = 0;
        for (var i = 0; i < Math.Min(5, from.Length); i++)
        {
            n |= (from[i] & 127) << (7 * i);
            if (from[i] < 128) return (n, i + 1);
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
    }

    [GeneratedRegex("<!--Blazor-Server-Component-State:([^>]*?)-->")]
    private static partial Regex State();

    [GeneratedRegex("<!--Blazor:(\\{\"type\":\"server\".*?\\})-->")]
    private static partial Regex Marker();

    /// <summary>The few kinds of MessagePack the protocol uses, to be sent.</summary>
    private sealed class Pack
    {
        public List<byte> Bytes { get; } = [];

        public Pack Array(int n) => Add((byte)(0x90 | n));
        public Pack Map(int n) => Add((byte)(0x80 | n));
        public Pack Flag(bool b) => Add((byte)(b ? 0xc3 : 0xc2));

        public Pack Number(long n)
        {
            Add(0xd3);
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, n);
            Bytes.AddRange(bytes);
            return this;
        }

        public Pack Text(string? text)
        {
            if (text is null) return Add(0xc0);
            var utf8 = Encoding.UTF8.GetBytes(text);
            Add(0xdb);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, utf8.Length);
            Bytes.AddRange(length);
            Bytes.AddRange(utf8);
            return this;
        }

        private Pack Add(byte b)
        {
            Bytes.Add(b);
            return this;
        }
    }

    /// <summary>… and received.</summary>
    private sealed class Unpack(ReadOnlyMemory<byte> from)
    {
        private int at;

        public object? Next()
        {
            var b = from.Span[at++];
            return b switch
            {
                <= 0x7f => (long)b,
                >= 0xe0 => (long)(sbyte)b,
                >= 0x80 and <= 0x8f => Map(b & 15),
                >= 0x90 and <= 0x9f => List(b & 15),
                >= 0xa0 and <= 0xbf => Text(b & 31),
                0xc0 => null,
                0xc2 => false,
                0xc3 => true,
                0xc4 => Binary((int)Whole(1)),
                0xc5 => Binary((int)Whole(2)),
                0xc6 => Binary((int)Whole(4)),
                0xca or 0xcb => Skip(b == 0xca ? 4 : 8),
                0xcc or 0xcd or 0xce or 0xcf => Whole(1 << (b - 0xcc)),
                0xd0 => (long)(sbyte)Whole(1),
                0xd1 => (long)(short)Whole(2),
                0xd2 => (long)(int)Whole(4),
                0xd3 => Whole(8),
                0xd9 => Text((int)Whole(1)),
                0xda => Text((int)Whole(2)),
                0xdb => Text((int)Whole(4)),
                0xdc => List((int)Whole(2)),
                0xdd => List((int)Whole(4)),
                0xde => Map((int)Whole(2)),
                _ => throw new NotSupportedException($"MessagePack 0x{b:x2}"),
            };
        }

        private long Whole(int bytes)
        {
            var n = 0L;
            for (var i = 0; i < bytes; i++) n = n << 8 | from.Span[at++];
            return n;
        }

        private string Text(int bytes) => Encoding.UTF8.GetString(from.Span[at..(at += bytes)]);
        private object? Skip(int bytes) => (at += bytes, (object?)null).Item2;
        private object Binary(int bytes) => from[at..(at += bytes)];
        private List<object?> List(int n) => [.. Enumerable.Range(0, n).Select(_ => Next())];

        private object? Map(int n)
        {
            for (var i = 0; i < 2 * n; i++) Next();
            return null;
        }
    }
}
