using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Autofac;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Outgoing;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Webhooks;

/// <summary>Delivers events to webhooks, at least once each: signed by Standard Webhooks, tried again for more than a day, one slow address keeping no other waiting. Who fails for long is switched off and its maker told.</summary>
internal sealed class WebhookDispatcher(ILifetimeScope root, Engine engine, SafeHttp http, Secrets secrets, WebhookSignal signal, TimeProvider clock, IConfiguration settings, ILogger<WebhookDispatcher> log) : BackgroundService
{
    private const int Batch = 20;
    /// <summary>As Standard Webhooks proposes; about 28 hours in all.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(10)];
    /// <summary>Failing without a single success for so long switches off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(3);
    private readonly TimeSpan lease = TimeSpan.FromSeconds(Math.Max(2, settings.GetValue<int?>("Outgoing:LeaseSeconds") ?? 300));

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
            try
            {
                while (await DeliverDue(ct)) { }
                await signal.Wait(TimeSpan.FromSeconds(2), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                log.LogError(e, "Delivering to webhooks failed; trying again");
                await Task.Delay(TimeSpan.FromSeconds(2), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    /// <returns>Whether anything was due.</returns>
    internal async Task<bool> DeliverDue(CancellationToken ct)
    {
        var (db, now) = (new Db(engine), Now);
        var hooks = await db.Query<Hook>($"""
            select w.id, w.name, w.url, w.secret, w.created_by, w.failing_since from platform.webhook w where w.state = 'on' and exists (select 1 from platform.webhook_delivery d where d.webhook_id = w.id and d.state = 'waiting' and d.next_at <= {now})
            """, ct);
        await Task.WhenAll(hooks.Select(h => Deliver(h, ct)));
        return hooks.Count > 0;
    }

    private async Task Deliver(Hook hook, CancellationToken ct)
    {
        var (db, now, until, token) = (new Db(engine), Now, Now + lease, Guid.NewGuid().ToString("N"));
        var due = await db.Query<long>($"select id from platform.webhook_delivery where webhook_id = {hook.Id} and state = 'waiting' and next_at <= {now} order by next_at, id {db.Dialect.Page(Batch)}", ct);
        if (due.Count == 0) return;
        await db.Unit(() => db.Execute($"update platform.webhook_delivery set next_at = {until}, claim = {token} where {db.Dialect.In(Sql.Trusted("id"), due)} and state = 'waiting' and next_at <= {now}", ct), ct);
        var rows = new Queue<Row>(await db.Query<Row>($"select id, body, attempts from platform.webhook_delivery where claim = {token} order by id", ct));
        var (held, keys, failing) = (Stopwatch.StartNew(), Keys(hook), hook.FailingSince);
        while (rows.TryDequeue(out var row))
        {
            // Another host may soon take what is left: hands off in time.
            if (held.Elapsed > lease / 2 || ct.IsCancellationRequested)
            {
                long[] left = [row.Id, .. rows.Select(r => r.Id)];
                await db.Unit(() => db.Execute($"update platform.webhook_delivery set next_at = {now}, claim = {(string?)null} where {db.Dialect.In(Sql.Trusted("id"), left)} and claim = {token}"));
                return;
            }
            var (status, answer) = await Post(hook, row, keys, ct);
            if (answer is null && status is null) return;
            var ok = status is >= 200 and < 300;
            var (done, attempts) = (Now, (int)row.Attempts + 1);
            var give = !ok && (status == 410 || attempts > Pauses.Length);
            var next = ok || give ? done : done + Pauses[attempts - 1] * (0.9 + 0.2 * Random.Shared.NextDouble());
            failing = ok ? null : failing ?? done;
            var off = status == 410 ? "对方回答 410：不再接收。" : !ok && done - failing > Patience ? $"连续失败超过 {Patience.Days} 天：{answer}" : null;
            var (state, shown, why) = (ok ? "sent" : give ? "failed" : "waiting", answer?.Length > 1000 ? answer[..1000] : answer, off ?? (ok ? null : answer));
            if (why?.Length > 500) why = why[..500];
            await using var scope = root.BeginLifetimeScope();
            scope.Resolve<Caller>().ActAsSystem("job webhook");
            var own = scope.Resolve<Db>();
            await own.Unit(async () =>
            {
                await own.Execute($"update platform.webhook_delivery set state = {state}, attempts = {(long)attempts}, status = {(long?)status}, answer = {shown}, next_at = {next}, done_at = {(ok || give ? done : null as DateTime?)}, claim = {(string?)null} where id = {row.Id} and claim = {token}");
                await own.Execute($"update platform.webhook set last_at = {done}, why = {why}, failing_since = {failing} where id = {hook.Id}");
                if (off is null || await own.Execute($"update platform.webhook set state = 'failed' where id = {hook.Id} and state = 'on'") == 0) return 0;
                scope.Resolve<IChanged>().Mark(Cached.Webhooks);
                await scope.Resolve<IMessages>().SendTo([hook.CreatedBy], "system", $"Webhook“{hook.Name}”已自动停用：{off}", "/settings/webhooks", CancellationToken.None);
                return 0;
            });
            if (off is null) continue;
            long[] rest = [.. rows.Select(r => r.Id)];
            if (rest.Length > 0) await db.Unit(() => db.Execute($"update platform.webhook_delivery set next_at = {now}, claim = {(string?)null} where {db.Dialect.In(Sql.Trusted("id"), rest)} and claim = {token}"));
            return;
        }
    }

    /// <summary>The answer's status and beginning; both null when the host stops.</summary>
    private async Task<(int? Status, string? Answer)> Post(Hook hook, Row row, IReadOnlyList<byte[]> keys, CancellationToken ct)
    {
        if (keys.Count == 0) return (null, "签名密钥无法解密，请更换密钥。");
        var (id, at, body) = ($"msg_{row.Id}", clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(row.Body));
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{at}."), .. body];
        try
        {
            var (status, answer) = await http.Post(hook.Url, body, "application/json", [("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", string.Join(' ', keys.Select(k => "v1," + Convert.ToBase64String(HMACSHA256.HashData(k, signed)))))], ct);
            return (status, status is >= 300 and < 400 ? $"回答 {status}：不跟随重定向。" : status is >= 200 and < 300 ? answer : $"回答 {status}：{answer}");
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return (null, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return (null, e.Message);
        }
    }

    private List<byte[]> Keys(Hook hook)
    {
        if (secrets.Show(hook.Secret) is not { } json) return [];
        var secret = JsonSerializer.Deserialize<WebhookSecret>(json)!;
        string?[] signing = [secret.Current, secret.Until > Now ? secret.Former : null];
        return [.. signing.OfType<string>().Select(s => Convert.FromBase64String(s["whsec_".Length..]))];
    }

    private sealed record Hook(long Id, string Name, string Url, string Secret, long CreatedBy, DateTime? FailingSince);
    private sealed record Row(long Id, string Body, long Attempts);
}
