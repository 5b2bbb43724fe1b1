using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace KuaipuCrm.Tests.Outgoing;

/// <summary>A real SMTP server on loopback that takes mail in, refuses it or hangs up, as the test wants.</summary>
internal sealed class SmtpTrap : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<TcpClient> clients = [];
    private TcpListener? listener;
    private Task running = Task.CompletedTask;

    public SmtpTrap(bool open = true)
    {
        var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        if (open) Open();
    }

    public int Port { get; }

    public ConcurrentQueue<Taken> Mails { get; } = [];

    /// <summary>Passwords that were sent.</summary>
    public ConcurrentBag<string> Logins { get; } = [];

    /// <summary>The answer to a receiver; null: taken.</summary>
    public Func<string, string?> Refuse { get; set; } = _ => null;

    /// <summary>After the mail is taken and before that is said.</summary>
    public Func<string, Task> BeforeYes { get; set; } = _ => Task.CompletedTask;

    public IEnumerable<Taken> To(string address) => Mails.Where(m => m.To.Equals(address, StringComparison.OrdinalIgnoreCase));

    public void Open()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        running = Task.Run(Accept);
    }

    private async Task Accept()
    {
        while (!stop.IsCancellationRequested)
            try
            {
                var client = await listener!.AcceptTcpClientAsync(stop.Token);
                clients.Add(client);
                _ = Task.Run(() => Talk(client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
    }

    private async Task Talk(TcpClient client)
    {
        try
        {
            using var _ = client;
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            async Task Say(string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
            await Say("220 trap");
            var to = "";
            while (await reader.ReadLineAsync() is { } line)
            {
                var word = line.Split(' ', ':')[0].ToUpperInvariant();
                switch (word)
                {
                    case "EHLO" or "HELO":
                        await Say("250-trap\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN");
                        break;
                    case "AUTH":
                        var login = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2]));
                        Logins.Add(login.Split('\0')[^1]);
                        await Say(login.EndsWith("wrong", StringComparison.Ordinal) ? "535 no" : "235 welcome");
                        break;
                    case "RCPT":
                        to = line[(line.IndexOf('<') + 1)..line.IndexOf('>')];
                        await Say(Refuse(to) ?? "250 ok");
                        break;
                    case "DATA":
                        await Say("354 go on");
                        var data = new StringBuilder();
                        while (await reader.ReadLineAsync() is { } text && text != ".") data.Append(text.StartsWith('.') ? text[1..] : text).Append("\r\n");
                        using (var bytes = new MemoryStream(Encoding.Latin1.GetBytes(data.ToString())))
                            Mails.Enqueue(new(to, await MimeMessage.LoadAsync(bytes)));
                        await BeforeYes(to);
                        await Say("250 taken");
                        break;
                    case "QUIT":
                        await Say("221 bye");
                        return;
                    default:
                        await Say("250 ok");
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The other side hung up, or this one was shut.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener?.Stop();
        foreach (var c in clients) c.Dispose();
        await running;
        stop.Dispose();
    }

    public sealed record Taken(string To, MimeMessage Message);
}
