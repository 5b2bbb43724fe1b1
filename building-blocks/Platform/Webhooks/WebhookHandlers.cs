using System.Security.Cryptography;
using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Outgoing;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Webhooks;

/// <summary>The key deliveries are signed with; after a change the former one signs along for a day.</summary>
internal sealed record WebhookSecret(string Current, string? Former, DateTime? Until);

/// <summary>Sets webhooks up and shows what was delivered (API-4, SET-14).</summary>
internal sealed class WebhookHandlers(Db db, WebhookEvents events, WebhookPost post, WebhookSignal signal, Secrets secrets, AddressPolicy policy, IChanged changed, ICurrentUser me, IIds ids, TimeProvider clock)
    : IQueryHandler<ListWebhooks, IReadOnlyList<WebhookView>>, ICommandHandler<SaveWebhook, SavedWebhook>, ICommandHandler<RotateWebhookSecret, SavedWebhook>, ICommandHandler<DeleteWebhook, Done>, ICommandHandler<PingWebhook, long>,
      IQueryHandler<ListWebhookEvents, IReadOnlyList<WebhookEvent>>, IQueryHandler<ListWebhookDeliveries, IReadOnlyList<WebhookDelivery>>, ICommandHandler<ReplayWebhookDeliveries, int>
{
    private const int Most = 50;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<IReadOnlyList<WebhookView>> Handle(ListWebhooks query, CancellationToken ct) =>
    [
        .. (await db.Query<Row>($"""
            select w.id, w.name, w.url, w.events, w.state, w.why, w.last_at,
                (select count(*) from platform.webhook_delivery d where d.webhook_id = w.id and d.state = 'waiting') as waiting,
                (select count(*) from platform.webhook_delivery d where d.webhook_id = w.id and d.state = 'failed') as failed
            from platform.webhook w order by w.name, w.id
            """, ct)).Select(r => new WebhookView(r.Id, r.Name, r.Url, JsonSerializer.Deserialize<List<string>>(r.Events)!, r.State, r.Why, r.LastAt, r.Waiting, r.Failed)),
    ];

    public async Task<SavedWebhook> Handle(SaveWebhook command, CancellationToken ct)
    {
        var (name, url) = (TextNorm.Clean(command.Name), command.Url.Trim());
        if (name.Length == 0) throw new Invalid("name", "请填写名称。");
        if (policy.Refuses(url) is { } why) throw new Invalid("url", why);
        var wanted = command.Events.Distinct().ToList();
        if (wanted.Count == 0) throw new Invalid("events", "请至少选择一个事件。");
        if (wanted.FirstOrDefault(e => !events.Knows(e)) is { } unknown) throw new Invalid("events", $"没有名为“{(unknown.Length > 60 ? unknown[..60] : unknown)}”的事件。");
        var (json, state) = (JsonSerializer.Serialize(wanted), command.On ? "on" : "off");
        changed.Mark(Cached.Webhooks);
        db.OnCommit(signal.Wake);
        if (command.Id is { } known)
        {
            if (await db.Execute($"update platform.webhook set name = {name}, url = {url}, events = {json}, state = {state}, why = {(string?)null}, failing_since = {(DateTime?)null} where id = {known}", ct) == 0) throw new NotFound("Webhook");
            // What waited while it was off is due at once.
            var now = Now;
            if (command.On) await db.Execute($"update platform.webhook_delivery set next_at = {now} where webhook_id = {known} and state = 'waiting' and claim is null", ct);
            return new(known, null);
        }
        if (await db.First<long>($"select count(*) from platform.webhook", ct) >= Most) throw new RuleBroken($"最多 {Most} 个 Webhook。");
        var (id, secret) = (ids.Next(), NewSecret());
        await db.Insert("platform.webhook", ["id", "name", "url", "events", "secret", "state", "created_by", "at"], [[id, name, url, json, Hide(new(secret, null, null)), state, me.Id, Now]], ct);
        return new(id, secret);
    }

    public async Task<SavedWebhook> Handle(RotateWebhookSecret command, CancellationToken ct)
    {
        var hidden = await db.First<string>($"select secret from platform.webhook where id = {command.Id}", ct) ?? throw new NotFound("Webhook");
        var (former, secret) = (secrets.Show(hidden) is { } json ? JsonSerializer.Deserialize<WebhookSecret>(json)!.Current : null, NewSecret());
        await db.Execute($"update platform.webhook set secret = {Hide(new(secret, former, Now.AddDays(1)))} where id = {command.Id}", ct);
        return new(command.Id, secret);
    }

    public async Task<Done> Handle(DeleteWebhook command, CancellationToken ct)
    {
        if (await db.Execute($"delete from platform.webhook where id = {command.Id}", ct) == 0) throw new NotFound("Webhook");
        await db.Execute($"delete from platform.webhook_delivery where webhook_id = {command.Id}", ct);
        changed.Mark(Cached.Webhooks);
        return default;
    }

    public async Task<long> Handle(PingWebhook command, CancellationToken ct)
    {
        if (await db.First<string>($"select state from platform.webhook where id = {command.Id}", ct) is not { } state) throw new NotFound("Webhook");
        if (state != "on") throw new RuleBroken("请先启用这个 Webhook，再试发。");
        return await post.Add(0, WebhookEvents.Ping, WebhookEvents.Body(WebhookEvents.Ping, new { }, Now), [command.Id], ct);
    }

    public Task<IReadOnlyList<WebhookEvent>> Handle(ListWebhookEvents query, CancellationToken ct) => Task.FromResult<IReadOnlyList<WebhookEvent>>([.. events.All]);

    public async Task<IReadOnlyList<WebhookDelivery>> Handle(ListWebhookDeliveries query, CancellationToken ct)
    {
        if (query.State is { Length: > 0 } and not ("waiting" or "sent" or "failed")) throw new Invalid("state", "没有这种状态。");
        var before = query.BeforeId ?? long.MaxValue;
        return [.. (await db.Query<DeliveryRow>($"""
            select d.id, d.webhook_id, w.name, d.event, d.body, d.state, d.attempts, d.status, d.answer, d.at, d.done_at, d.next_at from platform.webhook_delivery d join platform.webhook w on w.id = d.webhook_id
            where d.id < {before} {Sql.When(query.WebhookId is not null, $"and d.webhook_id = {query.WebhookId}")} {Sql.When(query.State is { Length: > 0 }, $"and d.state = {query.State}")} order by d.id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}
            """, ct)).Select(r => new WebhookDelivery(r.Id, r.WebhookId, r.Name, r.Event, r.Body, r.State, (int)r.Attempts, (int?)r.Status, r.Answer, r.At, r.DoneAt, r.State == "waiting" ? r.NextAt : null))];
    }

    public async Task<int> Handle(ReplayWebhookDeliveries command, CancellationToken ct)
    {
        var now = Now;
        var done = await db.Execute($"update platform.webhook_delivery set state = 'waiting', attempts = 0, next_at = {now} where claim is null and {(command.Ids is null ? (Sql)$"state = 'failed'" : db.Dialect.In(Sql.Trusted("id"), command.Ids))}", ct);
        db.OnCommit(signal.Wake);
        return done;
    }

    private string Hide(WebhookSecret secret) => secrets.Hide(JsonSerializer.Serialize(secret));

    private static string NewSecret() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private sealed record Row(long Id, string Name, string Url, string Events, string State, string? Why, DateTime? LastAt, long Waiting, long Failed);
    private sealed record DeliveryRow(long Id, long WebhookId, string Name, string Event, string Body, string State, long Attempts, long? Status, string? Answer, DateTime At, DateTime? DoneAt, DateTime NextAt);
}
