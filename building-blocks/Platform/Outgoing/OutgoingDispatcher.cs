using System.Diagnostics;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>
/// Carries letters out. A claim moves the row's time into the future and marks it; whoever dies leaves it to come due again. What the channel refuses is tried again with growing pauses and parked in the end;
/// while the channel itself is down nothing counts as an attempt. Where others got through just before, it is the letter's fault and not the channel's; and after each failure the others go first, so that none blocks the way for long.
/// </summary>
internal sealed class OutgoingDispatcher(ILifetimeScope root, Engine engine, ChannelStore channels, Secrets secrets, SafeHttp http, OutgoingSignal signal, TimeProvider clock, IConfiguration settings, ILogger<OutgoingDispatcher> log) : BackgroundService
{
    /// <summary>After so many refusals a letter rests until someone sends it again.</summary>
    public const int MaxAttempts = 8;
    private const int Batch = 50;
    private static readonly string[][] Groups = [[OutgoingChannel.Mail], [OutgoingChannel.Sms], [OutgoingChannel.WeCom, OutgoingChannel.DingTalk, OutgoingChannel.Feishu]];

    /// <summary>How long a host may keep what it has claimed (setting <c>Outgoing:LeaseSeconds</c>); longer than a batch ever takes.</summary>
    private readonly TimeSpan lease = TimeSpan.FromSeconds(Math.Max(2, settings.GetValue<int?>("Outgoing:LeaseSeconds") ?? 300));
    private readonly Dictionary<long, (int Failures, DateTime Until)> down = [];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override Task ExecuteAsync(CancellationToken ct) => Task.WhenAll(Groups.Select(g => Task.Run(() => Loop(g, ct), ct)));

    private async Task Loop(string[] kinds, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
            try
            {
                while (await SendDue(kinds, ct)) { }
                await signal.Of(kinds[0]).Wait(TimeSpan.FromSeconds(2), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                log.LogError(e, "Sending failed; trying again");
                await Task.Delay(TimeSpan.FromSeconds(2), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    /// <returns>False when nothing is due that could be sent now.</returns>
    internal async Task<bool> SendDue(string[] kinds, CancellationToken ct)
    {
        var any = false;
        foreach (var channel in await channels.On(kinds, ct))
        {
            lock (down)
                if (down.TryGetValue(channel.Id, out var d) && d.Until > Now) continue;
            any |= await Send(channel, ct);
        }
        return any;
    }

    /// <summary>What was tried to no avail is tried at once when someone has changed the channel.</summary>
    public void Forget(long channelId)
    {
        lock (down) down.Remove(channelId);
    }

    private async Task<bool> Send(Channel channel, CancellationToken ct)
    {
        var token = Guid.NewGuid().ToString("N");
        var rows = await Claim(channel, token, ct);
        if (rows.Count == 0) return false;
        var held = Stopwatch.StartNew();
        await using var sender = Open(channel);
        var left = new Queue<Row>(rows);
        var sent = false;
        while (left.TryDequeue(out var row))
        {
            // Another host may soon take what is left to be its own: hands off in time.
            if (held.Elapsed > lease / 2 || ct.IsCancellationRequested)
            {
                await Release([row.Id, .. left.Select(r => r.Id)], token, Now);
                break;
            }
            try
            {
                if (await Ready(channel, row, token, ct) is not { } parcel) continue;
                await sender.Send(parcel, ct);
                var now = Now;
                await Mark(row.Id, token, $"state = 'sent', sent_at = {now}, attempts = attempts + 1, error = {(string?)null}");
                if (!sent) await Up(channel);
                sent = true;
            }
            catch (LetterRefused e)
            {
                await Refused(row, token, e.Message, e.ForGood);
            }
            catch (ChannelDown e) when (sent)
            {
                await Refused(row, token, e.Message, false);
                // Another one that fails right behind it tells that the channel went down after all.
                sent = false;
            }
            catch (ChannelDown e)
            {
                log.LogWarning("{Channel} is down: {Message}", channel.Name, e.Message);
                var now = Now;
                // Those that wait go first the next time.
                await Release([row.Id], token, now.AddSeconds(1), Cut(e.Message));
                await Release([.. left.Select(r => r.Id)], token, now, Cut(e.Message));
                await Down(channel, e.Message);
                return false;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // Whether the server took it is not known: it comes due again when the claim ends, with the same Message-ID.
                await Release([.. left.Select(r => r.Id)], token, Now);
                break;
            }
            catch (Exception e)
            {
                log.LogError(e, "Letter {Id} could not be sent", row.Id);
                await Mark(row.Id, token, $"state = 'parked', attempts = attempts + 1, error = {Cut(e is Invalid or NotFound or RuleBroken or NotAllowed ? e.Message : $"发送出错：{e.Message}")}");
            }
        }
        return true;
    }

    private ISender Open(Channel channel) => channel.Kind switch
    {
        OutgoingChannel.Mail => new MailSender(channel, secrets, clock),
        OutgoingChannel.Sms => new SmsSender(channel, http, clock),
        _ => new RobotSender(channel, http, clock),
    };

    private async Task<IReadOnlyList<Row>> Claim(Channel channel, string token, CancellationToken ct)
    {
        var (db, now, until) = (new Db(engine), Now, Now + lease);
        Sql mine = OutgoingChannel.IsRobot(channel.Kind) ? (Sql)$"channel = {channel.Kind} and channel_id = {channel.Id}" : $"channel = {channel.Kind}";
        var due = await db.Query<long>($"select id from platform.outgoing where state = 'waiting' and {mine} and next_at <= {now} order by next_at, id {db.Dialect.Page(Batch)}", ct);
        if (due.Count == 0) return [];
        await db.Unit(() => db.Execute($"update platform.outgoing set next_at = {until}, claim = {token} where {db.Dialect.In(Sql.Trusted("id"), due)} and state = 'waiting' and next_at <= {now}", ct), ct);
        var order = due.Select((id, i) => (id, i)).ToDictionary(x => x.id, x => x.i);
        return [.. (await db.Query<Row>($"""
            select o.id, o.address, o.name, o.user_id, o.document_id, o.subject, o.body, o.html, o.message_id, o.promotional, o.attempts, o.created_by, o.mailing_id
            from platform.outgoing o where o.claim = {token}
            """, ct)).OrderBy(r => order[r.Id])];
    }

    /// <summary>Filled in, and still wanted; null where it is done with.</summary>
    private async Task<Parcel?> Ready(Channel channel, Row row, string token, CancellationToken ct)
    {
        await using var scope = root.BeginLifetimeScope();
        var db = scope.Resolve<Db>();
        scope.Resolve<Caller>().ActAs(row.CreatedBy, "job outgoing");
        if (row.CreatedBy == 0) scope.Resolve<Caller>().ActAsSystem("job outgoing");
        var post = scope.Resolve<OutgoingPost>();
        if (row.Promotional && (await post.OptedOut([row.Address], ct)).Count > 0)
        {
            await Mark(row.Id, token, $"state = 'skipped'");
            return null;
        }
        var (subject, body) = (row.Subject, row.Body);
        if (body is null)
        {
            var mailing = await db.First<MailingRow>($"select type, subject, body from platform.mailing where id = {row.MailingId}", ct) ?? throw new NotFound("群发");
            (subject, body) = await db.Unit(async () =>
            {
                var filled = await post.Fill(channel.Kind, mailing.Type, mailing.Subject, mailing.Body, new(new(row.Address, row.Name, row.UserId), row.DocumentId), ct);
                await db.Execute($"update platform.outgoing set subject = {filled.Subject}, body = {filled.Body} where id = {row.Id} and claim = {token}", ct);
                return (filled.Subject, filled.Body);
            }, ct);
        }
        return new(row.Id, row.Address, row.Name, subject, body, row.Html, row.MessageId, row.Promotional);
    }

    private async Task Mark(long id, string token, Sql set)
    {
        var db = new Db(engine);
        await db.Unit(() => db.Execute($"update platform.outgoing set {set}, claim = {(string?)null} where id = {id} and claim = {token} and state = 'waiting'"));
    }

    private Task Refused(Row row, string token, string error, bool forGood)
    {
        var (park, next) = (forGood || row.Attempts + 1 >= MaxAttempts, Now + Pause(row.Attempts));
        return Mark(row.Id, token, $"state = {(park ? "parked" : "waiting")}, attempts = attempts + 1, next_at = {next}, error = {Cut(error)}");
    }

    private async Task Release(IReadOnlyCollection<long> ids, string token, DateTime at, string? error = null)
    {
        if (ids.Count == 0) return;
        var db = new Db(engine);
        await db.Unit(() => db.Execute($"update platform.outgoing set next_at = {at}, claim = {(string?)null} {Sql.When(error is not null, $", error = {error}")} where {db.Dialect.In(Sql.Trusted("id"), ids)} and claim = {token}"));
    }

    private async Task Down(Channel channel, string error)
    {
        lock (down)
        {
            var failures = down.GetValueOrDefault(channel.Id).Failures + 1;
            down[channel.Id] = (failures, Now + TimeSpan.FromSeconds(Math.Min(300, 2 * Math.Pow(2, Math.Min(failures, 10)))));
        }
        await channels.Note(channel.Id, error);
    }

    private async Task Up(Channel channel)
    {
        Forget(channel.Id);
        await channels.Note(channel.Id, null);
    }

    private static TimeSpan Pause(long attempts) => TimeSpan.FromMinutes(Math.Min(60, Math.Pow(2, attempts)) * (0.8 + 0.4 * Random.Shared.NextDouble()));

    private static string Cut(string text) => text.Length > 1000 ? text[..1000] : text;

    private sealed record Row(long Id, string Address, string? Name, long? UserId, long? DocumentId, string? Subject, string? Body, bool Html, string MessageId, bool Promotional, long Attempts, long CreatedBy, long? MailingId);
    private sealed record MailingRow(string? Type, string? Subject, string Body);
}
