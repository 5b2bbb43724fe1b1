using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Webhooks;

/// <summary>Writes deliveries with the events they tell of, in the same transaction.</summary>
internal sealed class WebhookPost(Db db, WebhookEvents events, Caches caches, WebhookSignal signal, IIds ids, TimeProvider clock)
{
    private static readonly string[] Columns = ["id", "webhook_id", "event_id", "event", "body", "state", "attempts", "next_at", "at"];

    public bool Wants(Type fact) => caches.Webhooks.Count > 0 && events.NameOf(fact) is { } name && caches.Webhooks.Any(w => w.Wants(name));

    public Task Add(long eventId, IIntegrationEvent fact, CancellationToken ct) => events.NameOf(fact.GetType()) is { } name
        ? Add(eventId, name, WebhookEvents.Body(name, fact, clock.GetUtcNow().UtcDateTime), caches.Webhooks.Where(w => w.Wants(name)).Select(w => w.Id), ct)
        : Task.CompletedTask;

    /// <returns>The last delivery's id.</returns>
    public async Task<long> Add(long eventId, string name, string body, IEnumerable<long> webhooks, CancellationToken ct)
    {
        var (now, id) = (clock.GetUtcNow().UtcDateTime, 0L);
        await db.Insert("platform.webhook_delivery", Columns, [.. webhooks.Select(w => new object?[] { id = ids.Next(), w, eventId, name, body, "waiting", 0L, now, now })], ct);
        db.OnCommit(signal.Wake);
        return id;
    }
}
