using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Sets the channels up and tries them out (SET-12). Secrets go in and are never given out.</summary>
internal sealed class ChannelHandlers(Db db, ChannelStore store, Secrets secrets, OutgoingPost post, AddressPolicy policy, OutgoingSignal signal, OutgoingDispatcher dispatcher, IIds ids)
    : IQueryHandler<ListChannels, IReadOnlyList<ChannelView>>, ICommandHandler<SetMailChannel, Done>, ICommandHandler<SetSmsChannel, Done>, ICommandHandler<SaveRobot, long>, ICommandHandler<DeleteChannel, Done>, ICommandHandler<TestChannel, long>
{
    public async Task<IReadOnlyList<ChannelView>> Handle(ListChannels query, CancellationToken ct) =>
    [
        .. (await db.Query<Row>($"select id, kind, name, enabled, settings, secret, last_error, last_at from platform.channel order by kind, name, id", ct)).Select(r =>
        {
            var (mail, sms) = (r.Kind == OutgoingChannel.Mail ? JsonSerializer.Deserialize<MailSettings>(r.Settings, JsonSerializerOptions.Web) : null, r.Kind == OutgoingChannel.Sms ? JsonSerializer.Deserialize<SmsSettings>(r.Settings, JsonSerializerOptions.Web) : null);
            var target = mail is not null ? $"{mail.Host}:{mail.Port}" : sms is not null ? HostOf(sms.Url) : secrets.Show(r.Secret) is { } s ? HostOf(JsonSerializer.Deserialize<RobotSecret>(s)!.Url) : "";
            return new ChannelView(r.Id, r.Kind, r.Name, r.Enabled, target, r.Secret is not null, r.LastError, r.LastAt, mail, sms);
        }),
    ];

    public async Task<Done> Handle(SetMailChannel command, CancellationToken ct)
    {
        var s = command.Settings;
        var errors = new List<FieldError>();
        if (string.IsNullOrWhiteSpace(s.Host) || s.Host.Length > 200 || Uri.CheckHostName(s.Host.Trim()) == UriHostNameType.Unknown) errors.Add(new("host", "请填写邮件服务器的主机名，如 smtp.example.com。"));
        if (s.Port is < 1 or > 65535) errors.Add(new("port", "端口须在 1 到 65535 之间。"));
        if (s.Security is not ("tls" or "starttls" or "none")) errors.Add(new("security", "加密方式只能是 tls、starttls 或 none。"));
        if (Addresses.Of(OutgoingChannel.Mail, s.From) is null) errors.Add(new("from", "请填写有效的发件地址。"));
        if (s.User?.Length > 200) errors.Add(new("user", "用户名最多 200 个字。"));
        if (s.FromName?.Length > 100) errors.Add(new("fromName", "发件人名称最多 100 个字。"));
        if (s.PublicUrl is { Length: > 0 } url && (url.Length > 200 || !Uri.TryCreate(url, UriKind.Absolute, out var at) || at.Scheme is not ("http" or "https") || at.Query.Length > 0)) errors.Add(new("publicUrl", "请填写以 http:// 或 https:// 开头的网址。"));
        if (errors.Count > 0) throw new Invalid(errors);
        var clean = s with { Host = s.Host.Trim(), From = s.From.Trim(), User = Blank(s.User), FromName = Blank(s.FromName)?.ReplaceLineEndings(" "), PublicUrl = Blank(s.PublicUrl) };
        await Single(OutgoingChannel.Mail, "邮件", JsonSerializer.Serialize(clean, JsonSerializerOptions.Web), command.Password, command.Enabled, ct);
        return default;
    }

    public async Task<Done> Handle(SetSmsChannel command, CancellationToken ct)
    {
        if (policy.Refuses(command.Settings.Url) is { } why) throw new Invalid("url", why);
        if (command.Settings.Url.Length > 500 || command.Settings.Signature?.Length > 20) throw new Invalid("signature", "网址最多 500 个字，签名最多 20 个字。");
        await Single(OutgoingChannel.Sms, "短信", JsonSerializer.Serialize(command.Settings with { Url = command.Settings.Url.Trim(), Signature = Blank(command.Settings.Signature) }, JsonSerializerOptions.Web), command.Secret, command.Enabled, ct);
        return default;
    }

    public async Task<long> Handle(SaveRobot command, CancellationToken ct)
    {
        var name = TextNorm.Clean(command.Name);
        if (!OutgoingChannel.IsRobot(command.Kind)) throw new Invalid("kind", "机器人只能是 wecom、dingtalk 或 feishu。");
        if (name.Length == 0) throw new Invalid("name", "请填写名称。");
        if (command.Url is { Length: > 0 } && policy.Refuses(command.Url) is { } why) throw new Invalid("url", why);
        var former = command.Id is { } known ? await store.Find(db, known, ct) is { } c && c.Kind == command.Kind ? c : throw new NotFound("群机器人") : null;
        var was = former?.Secret is { } json ? JsonSerializer.Deserialize<RobotSecret>(json) : null;
        var url = Blank(command.Url) ?? was?.Url ?? throw new Invalid("url", "请填写机器人的地址。");
        var secret = secrets.Hide(JsonSerializer.Serialize(new RobotSecret(url, Blank(command.Secret) ?? was?.Sign)));
        var id = command.Id ?? ids.Next();
        if (former is null) await db.Insert("platform.channel", ["id", "kind", "name", "settings", "secret", "enabled"], [[id, command.Kind, name, "{}", secret, command.Enabled]], ct);
        else await db.Execute($"update platform.channel set name = {name}, secret = {secret}, enabled = {command.Enabled}, last_error = {(string?)null} where id = {id}", ct);
        Changed(id);
        return id;
    }

    public async Task<Done> Handle(DeleteChannel command, CancellationToken ct)
    {
        if (await db.Execute($"delete from platform.channel where id = {command.Id}", ct) == 0) throw new NotFound("发送通道");
        // What waits for a robot that is gone would wait for ever.
        await db.Execute($"update platform.outgoing set state = 'cancelled' where channel_id = {command.Id} and state = 'waiting'", ct);
        return default;
    }

    public async Task<long> Handle(TestChannel command, CancellationToken ct)
    {
        var channel = await store.Find(db, command.Id, ct) ?? throw new NotFound("发送通道");
        if (!channel.Enabled) throw new RuleBroken("请先启用并保存这个通道，再试发。");
        const string text = "这是一条测试消息。收到它，说明发送通道已经设置好。";
        var id = OutgoingChannel.IsRobot(channel.Kind) ? await post.ToRobot(channel.Id, channel.Kind, channel.Name, text, null, ct)
            : await post.Send(new Letter { Channel = channel.Kind, To = new(command.To ?? ""), Subject = "快普 CRM 测试邮件", Body = text }, ct);
        // The very way all others go, at once although the channel was found down before.
        db.OnCommit(() => dispatcher.Forget(channel.Id));
        return id;
    }

    private async Task Single(string kind, string name, string settings, string? secret, bool enabled, CancellationToken ct)
    {
        var id = await db.First<long?>($"select id from platform.channel where kind = {kind}", ct);
        var hidden = secret is { Length: > 0 } ? secrets.Hide(secret) : null;
        if (id is null)
            await db.Insert("platform.channel", ["id", "kind", "name", "settings", "secret", "enabled"], [[id = ids.Next(), kind, name, settings, hidden, enabled]], ct);
        else
            await db.Execute($"update platform.channel set settings = {settings}, enabled = {enabled}, last_error = {(string?)null} {Sql.When(hidden is not null, $", secret = {hidden}")} where id = {id}", ct);
        Changed(id.Value);
    }

    private void Changed(long id) => db.OnCommit(() =>
    {
        dispatcher.Forget(id);
        signal.WakeAll();
    });

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string HostOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var at) ? at.Authority : "";

    private sealed record Row(long Id, string Kind, string Name, bool Enabled, string Settings, string? Secret, string? LastError, DateTime? LastAt);
}
