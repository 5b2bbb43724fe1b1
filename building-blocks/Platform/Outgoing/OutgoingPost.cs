using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Templates;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Takes letters in: rows of the sender's transaction, and a wake-up after its commit.</summary>
internal sealed class OutgoingPost(Db db, ModuleCatalog catalog, TemplateHandlers templates, OutgoingSignal signal, ICurrentUser me, IIds ids, TimeProvider clock) : IOutgoing
{
    private const int MostText = 500;
    private static readonly string[] Columns = ["id", "channel", "channel_id", "address", "name", "user_id", "document_id", "mailing_id", "subject", "body", "html", "promotional", "message_id", "once_key", "state", "attempts", "next_at", "created_by", "at"];

    public async Task<bool> IsOn(string channel, CancellationToken ct = default) => await db.First<long?>($"select id from platform.channel where kind = {channel} and enabled = {true}", ct) is not null;

    public async Task<long> Send(Letter letter, CancellationToken ct = default)
    {
        var address = Addresses.Of(letter.Channel, letter.To.Address) ?? throw new Invalid("to", NoAddress(letter.Channel, letter.To.Address));
        if (letter.OnceKey is { } key && await Earlier("outgoing", key, ct) is { } earlier) return earlier;
        var (subject, body, html) = (letter.Subject, letter.Body, letter.Html);
        if (letter.TemplateId is { } template)
        {
            var filled = await templates.Fill(template, KindOf(letter.Channel), null, letter.DocumentId, letter.To, ct);
            (subject, body, html) = (filled.Subject ?? subject, filled.Body, letter.Channel == OutgoingChannel.Mail);
        }
        else if (html) body = TemplateEngine.Clean(body);
        return await Add(letter, address, null, Line(letter.Channel, subject), Text(letter.Channel, body), html, ct);
    }

    /// <summary>Posts a text into a robot's group.</summary>
    internal Task<long> ToRobot(long channelId, string kind, string name, string text, long? documentId, CancellationToken ct) =>
        Add(new Letter { Channel = kind, To = new(name), DocumentId = documentId }, name, channelId, null, text, false, ct);

    public async Task<MailingResult> SendMany(Mailing mailing, CancellationToken ct = default)
    {
        if (OutgoingChannel.IsRobot(mailing.Channel)) throw new Invalid("channel", "群发只能用邮件或短信。");
        var (subject, body, type) = mailing.TemplateId is { } template ? await templates.Source(template, KindOf(mailing.Channel), ct) : (mailing.Subject, mailing.Body ?? "", null);
        type = mailing.DocumentType ?? type;
        if (string.IsNullOrWhiteSpace(body)) throw new Invalid("body", "请填写内容。");
        if (mailing.Channel == OutgoingChannel.Mail && string.IsNullOrWhiteSpace(subject)) throw new Invalid("subject", "请填写邮件主题。");
        var bad = new List<string>();
        var targets = new Dictionary<string, (string Address, MailingTarget Target)>(StringComparer.OrdinalIgnoreCase);
        foreach (var target in mailing.Targets)
            if (Addresses.Of(mailing.Channel, target.To.Address) is { } address) targets.TryAdd(target.Key ?? address, (address, target));
            else bad.Add(target.To.Address);
        var repeated = mailing.Targets.Count - bad.Count - targets.Count;
        var (id, known) = await Mailing(mailing, type, subject, body, ct);
        if (known)
        {
            var there = (await db.Query<string>($"select once_key from platform.outgoing where mailing_id = {id}", ct)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            repeated += targets.Keys.Where(k => there.Contains(Once(id, k))).ToList().Count(targets.Remove);
        }
        var refused = mailing.Promotional ? await OptedOut(targets.Values.Select(t => t.Address), ct) : [];
        var optedOut = targets.Where(t => refused.Contains(Addresses.Key(t.Value.Address))).Select(t => t.Key).ToList().Count(targets.Remove);
        if (targets.Count == 0 && !known) throw new Invalid("targets", optedOut > 0 ? "收件人都已退订。" : "没有可以发送的地址。");
        // The first is filled in at once, so that a broken text is told to its author and not to a log.
        if (targets.Count > 0) await Fill(mailing.Channel, type, subject, body, targets.First().Value.Target, ct);
        var (row, now) = (targets.Count == 0 ? 0 : ids.Next(targets.Count), clock.GetUtcNow().UtcDateTime);
        await db.Insert("platform.outgoing", Columns, targets.Select(t => new object?[]
        {
            row, mailing.Channel, null, t.Value.Address, Short(t.Value.Target.To.Name), t.Value.Target.To.UserId, t.Value.Target.DocumentId, id, null, null, mailing.Channel == OutgoingChannel.Mail, mailing.Promotional, MessageId(row++),
            Once(id, t.Key), "waiting", 0L, now, me.Id, now,
        }), ct);
        db.OnCommit(() => signal.Wake(mailing.Channel));
        return new(id, targets.Count, optedOut, repeated, bad);
    }

    /// <summary>A receiver's copy of a mailing.</summary>
    internal Task<Rendered> Fill(string channel, string? type, string? subject, string body, MailingTarget target, CancellationToken ct) =>
        templates.Render(KindOf(channel), subject, body, type is null ? null : catalog.Document(type), target.DocumentId, target.To, db.InUnit, ct);

    public async Task<MailingState> StateOf(long mailingId, CancellationToken ct = default)
    {
        var counts = (await db.Query<Count>($"select state, count(*) as many from platform.outgoing where mailing_id = {mailingId} group by state", ct)).ToDictionary(c => c.State, c => c.Many);
        return new(counts.GetValueOrDefault("waiting"), counts.GetValueOrDefault("sent"), counts.GetValueOrDefault("parked"), counts.GetValueOrDefault("skipped"));
    }

    public Task<int> Stop(long mailingId, CancellationToken ct = default) => db.Execute($"update platform.outgoing set state = 'cancelled', claim = {(string?)null} where mailing_id = {mailingId} and state in ('waiting', 'parked')", ct);

    /// <summary>Those of the addresses that want no advertising, as <see cref="Addresses.Key"/>.</summary>
    internal async Task<HashSet<string>> OptedOut(IEnumerable<string> addresses, CancellationToken ct) =>
        [.. await db.Query<string>($"select address from platform.opt_out where {db.Dialect.In(Sql.Trusted("address"), [.. addresses.Select(Addresses.Key).Distinct()])}", ct)];

    private async Task<long> Add(Letter letter, string address, long? channelId, string? subject, string body, bool html, CancellationToken ct)
    {
        var (id, now) = (ids.Next(), clock.GetUtcNow().UtcDateTime);
        var skipped = letter.Promotional && (await OptedOut([address], ct)).Count > 0;
        await db.Insert("platform.outgoing", Columns,
            [[id, letter.Channel, channelId, address, Short(letter.To.Name), letter.To.UserId, letter.DocumentId, null, subject, body, html, letter.Promotional, MessageId(id), letter.OnceKey, skipped ? "skipped" : "waiting", 0L, now, me.Id, now]], ct);
        db.OnCommit(() => signal.Wake(letter.Channel));
        return id;
    }

    private async Task<(long Id, bool Known)> Mailing(Mailing mailing, string? type, string? subject, string body, CancellationToken ct)
    {
        if (mailing.OnceKey is { } key && await Earlier("mailing", key, ct) is { } earlier) return (earlier, true);
        var id = ids.Next();
        await db.Insert("platform.mailing", ["id", "label", "channel", "type", "subject", "body", "once_key", "created_by", "at"],
            [[id, mailing.Label.Length > 200 ? mailing.Label[..200] : mailing.Label, mailing.Channel, type, subject, body, mailing.OnceKey, me.Id, clock.GetUtcNow().UtcDateTime]], ct);
        return (id, false);
    }

    /// <summary>What was made under the key before. Of two at once the second waits here for the first.</summary>
    private async Task<long?> Earlier(string table, string key, CancellationToken ct)
    {
        if (key.Length > 200) throw new ArgumentException("A once-key has at most 200 characters.", nameof(key));
        if (db.Engine is PostgresEngine) await db.First<long>($"select count(*) from pg_advisory_xact_lock(hashtextextended({key}, 7))", ct);
        return await db.First<long?>($"select id from {Sql.Trusted("platform." + table)} {Sql.Trusted(db.Engine is SqlServerEngine ? "with (updlock, holdlock)" : "")} where once_key = {key}", ct);
    }

    private static string KindOf(string channel) => channel == OutgoingChannel.Mail ? TemplateKind.Mail : TemplateKind.Sms;

    private static string Once(long mailing, string key) => $"{mailing}:{key}";

    /// <summary>The same at each attempt, so that a mail server that gets it twice knows it.</summary>
    private static string MessageId(long id) => $"{id}.{Guid.NewGuid():N}@kuaipu-crm";

    private static string? Line(string channel, string? subject)
    {
        if (channel != OutgoingChannel.Mail) return null;
        var line = (subject ?? "").ReplaceLineEndings(" ").Trim();
        return line.Length == 0 ? throw new Invalid("subject", "请填写邮件主题。") : line.Length > 200 ? line[..200] : line;
    }

    private static string Text(string channel, string body) =>
        string.IsNullOrWhiteSpace(body) ? throw new Invalid("body", "请填写内容。") : channel == OutgoingChannel.Sms && body.Length > MostText ? throw new Invalid("body", $"短信最多 {MostText} 个字。") : body;

    private static string NoAddress(string channel, string address) => channel == OutgoingChannel.Sms ? $"“{Cut(address)}”不是有效的手机号码。" : $"“{Cut(address)}”不是有效的邮箱地址。";

    private static string Cut(string text) => text.Length > 60 ? text[..60] + "…" : text;

    private static string? Short(string? name) => name?.Length > 100 ? name[..100] : name;

    private sealed record Count(string State, long Many);
}
