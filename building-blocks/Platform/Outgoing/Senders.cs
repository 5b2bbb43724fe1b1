using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KuaipuCrm.Sdk;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Something ready to go.</summary>
internal sealed record Parcel(long Id, string Address, string? Name, string? Subject, string Body, bool Html, string MessageId, bool Promotional);

/// <summary>The channel can't be used now: it is none of the letter's fault.</summary>
internal sealed class ChannelDown(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The letter was refused.</summary>
/// <param name="forGood">Trying again would change nothing.</param>
internal sealed class LetterRefused(string message, bool forGood) : Exception(message)
{
    public bool ForGood { get; } = forGood;
}

/// <summary>A way out, open for as long as there is something to send.</summary>
internal interface ISender : IAsyncDisposable
{
    /// <exception cref="ChannelDown">Nothing goes out at the moment.</exception>
    /// <exception cref="LetterRefused">This one doesn't.</exception>
    Task Send(Parcel parcel, CancellationToken ct);
}

/// <summary>Mail by SMTP, one connection for all that is waiting.</summary>
internal sealed class MailSender(Channel channel, Secrets secrets, TimeProvider clock) : ISender
{
    private readonly MailSettings settings = channel.As<MailSettings>();
    private readonly SmtpClient smtp = new() { Timeout = 60_000 };

    public async Task Send(Parcel parcel, CancellationToken ct)
    {
        await Open(ct);
        try
        {
            using var message = MailMessage.Of(settings, parcel, parcel.Promotional && settings.PublicUrl is { Length: > 0 } url ? $"{url.TrimEnd('/')}/opt-out?t={secrets.OptOutToken(parcel.Address)}" : null, clock);
            await smtp.SendAsync(message, ct);
        }
        catch (SmtpCommandException e) when (e.ErrorCode == SmtpErrorCode.SenderNotAccepted)
        {
            throw new ChannelDown($"邮件服务器不接受发件地址：{e.Message}", e);
        }
        catch (SmtpCommandException e)
        {
            throw new LetterRefused($"邮件服务器拒收（{(int)e.StatusCode}）：{e.Message}", (int)e.StatusCode >= 500);
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or ServiceNotConnectedException or TimeoutException or ServiceNotAuthenticatedException)
        {
            throw new ChannelDown($"与邮件服务器的连接中断：{e.Message}", e);
        }
    }

    private async Task Open(CancellationToken ct)
    {
        if (smtp.IsConnected) return;
        try
        {
            await smtp.ConnectAsync(settings.Host, settings.Port, settings.Security switch { "tls" => SecureSocketOptions.SslOnConnect, "starttls" => SecureSocketOptions.StartTls, _ => SecureSocketOptions.None }, ct);
            if (settings.User is { Length: > 0 } user) await smtp.AuthenticateAsync(user, channel.Secret ?? "", ct);
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or CommandException or AuthenticationException or SslHandshakeException or TimeoutException or NotSupportedException)
        {
            if (smtp.IsConnected) await smtp.DisconnectAsync(false, CancellationToken.None);
            throw new ChannelDown(e switch
            {
                AuthenticationException => "邮件服务器不接受用户名或密码。",
                SslHandshakeException => "与邮件服务器的加密连接失败，请检查加密方式、端口和证书。",
                NotSupportedException => "邮件服务器不支持所选的加密方式或登录方式。",
                _ => $"无法连接邮件服务器：{e.Message}",
            }, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (smtp.IsConnected) await smtp.DisconnectAsync(true, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ProtocolException or SocketException)
        {
            // It has hung up already.
        }
        smtp.Dispose();
    }
}

/// <summary>
/// Text messages through an HTTP gateway: <c>POST {"id","to","text"}</c>, with <c>X-Timestamp</c> (Unix seconds) and <c>X-Signature</c>, the hex HMAC-SHA256 of <c>timestamp.body</c> under the shared secret.
/// Any 2xx is a yes. The same <c>id</c> may come twice and is to be sent once.
/// </summary>
internal sealed class SmsSender(Channel channel, SafeHttp http, TimeProvider clock) : ISender
{
    private readonly SmsSettings settings = channel.As<SmsSettings>();

    public async Task Send(Parcel parcel, CancellationToken ct)
    {
        var text = settings.Signature is { Length: > 0 } sign ? $"【{sign}】{parcel.Body}" : parcel.Body;
        var body = JsonSerializer.SerializeToUtf8Bytes(new { id = parcel.Id.ToString(CultureInfo.InvariantCulture), to = parcel.Address, text }, JsonSerializerOptions.Web);
        var at = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(channel.Secret ?? ""), (byte[])[.. Encoding.UTF8.GetBytes(at + "."), .. body]));
        var (status, answer) = await Answers.Of(http, settings.Url, body, [("X-Timestamp", at), ("X-Signature", signature)], "短信网关", ct);
        if (status is 400 or 404 or 409 or 410 or 413 or 422) throw new LetterRefused($"短信网关拒收（{status}）：{Answers.Short(answer)}", true);
        if (status is < 200 or >= 300) throw new ChannelDown($"短信网关回答 {status}：{Answers.Short(answer)}");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A robot in a group chat of WeCom, DingTalk or Feishu.</summary>
internal sealed class RobotSender(Channel channel, SafeHttp http, TimeProvider clock) : ISender
{
    public async Task Send(Parcel parcel, CancellationToken ct)
    {
        var secret = channel.Secret is { } json ? JsonSerializer.Deserialize<RobotSecret>(json) : null;
        if (secret is null) throw new ChannelDown("机器人的地址无法解密，请重新填写。");
        var (url, now) = (secret.Url, clock.GetUtcNow());
        object body = new { msgtype = "text", text = new { content = parcel.Body } };
        if (channel.Kind == OutgoingChannel.DingTalk && secret.Sign is { Length: > 0 } ding)
        {
            var at = now.ToUnixTimeMilliseconds();
            url += $"{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}timestamp={at}&sign={Uri.EscapeDataString(Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(ding), Encoding.UTF8.GetBytes($"{at}\n{ding}"))))}";
        }
        if (channel.Kind == OutgoingChannel.Feishu)
        {
            var at = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            body = secret.Sign is { Length: > 0 } key
                ? new { timestamp = at, sign = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{at}\n{key}"), Array.Empty<byte>())), msg_type = "text", content = new { text = parcel.Body } }
                : new { msg_type = "text", content = new { text = parcel.Body } };
        }
        var (status, answer) = await Answers.Of(http, url, JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web), [], "机器人", ct);
        if (status is < 200 or >= 300) throw new ChannelDown($"机器人回答 {status}：{Answers.Short(answer)}");
        if (Code(answer) is { } code and not 0) throw new LetterRefused($"机器人拒收（{code}）：{Answers.Short(answer)}", code is not (45009 or 130101 or 9499 or 11232));
    }

    /// <summary>They answer 200 and say inside what was wrong.</summary>
    private static long? Code(string answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.ValueKind != JsonValueKind.Object ? null
                : json.RootElement.TryGetProperty("errcode", out var e) && e.TryGetInt64(out var code) ? code
                : json.RootElement.TryGetProperty("code", out var c) && c.TryGetInt64(out code) ? code : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal static class Answers
{
    public static async Task<(int Status, string Answer)> Of(SafeHttp http, string url, byte[] body, IEnumerable<(string, string)> headers, string who, CancellationToken ct)
    {
        try
        {
            return await http.Post(url, body, "application/json; charset=utf-8", headers, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ChannelDown($"无法连接{who}：{e.Message}", e);
        }
    }

    public static string Short(string answer) => answer.Length > 200 ? answer[..200] + "…" : answer;
}
