using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Events;

/// <summary>Collects a command's events and writes them at the end of its transaction: one event row, one delivery row for each handler.</summary>
internal sealed class Outbox(Db db, EventCatalog catalog, Webhooks.WebhookPost webhooks, Signal signal, TimeProvider clock) : IEvents
{
    private readonly List<IIntegrationEvent> facts = [];

    public void Publish(IIntegrationEvent fact)
    {
        // What nobody hears of needs no row: an import of 100,000 rows is not slowed down for nothing.
        if (catalog.SubscribersOf(fact.GetType()).Length == 0 && !webhooks.Wants(fact.GetType())) return;
        facts.Add(fact);
        if (facts.Count > 1) return;
        db.BeforeCommit(Write);
        db.OnCommit(Wake);
        db.OnRollback(facts.Clear);
    }

    public Task<IReadOnlyList<long>> Unheard<THandler>(IReadOnlyCollection<long> documents, CancellationToken ct = default) =>
        db.Query<long>($"select distinct document_id from platform.delivery where handler = {typeof(THandler).FullName} and {db.Dialect.In(Sql.Trusted("document_id"), documents)}", ct);

    private async Task Write()
    {
        var ct = CancellationToken.None;
        var now = clock.GetUtcNow().UtcDateTime;
        if (db.Engine is PostgresEngine)
        {
            // Whoever publishes about a document without having locked its row waits here for the one before: numbers follow commits then, too.
            long[] documents = [.. facts.Select(f => f.DocumentId).Distinct()];
            await db.Later(documents is [var one] ? $"select count(pg_advisory_xact_lock({one}))" : (Sql)$"select count(pg_advisory_xact_lock(d.id)) from (select u.id from unnest({documents}) as u (id) order by u.id) d", ct);
            // Where nobody outside is told, an event and its deliveries are one statement, and go along with what else the command writes.
            if (!facts.Any(f => webhooks.Wants(f.GetType())))
            {
                // Whom a webhook was to tell may have gone since it was published.
                foreach (var fact in facts.Where(f => catalog.SubscribersOf(f.GetType()).Length > 0))
                    await db.Later($"""
                        with e as (insert into platform.event (type, document_id, payload, at) values ({fact.GetType().FullName}, {fact.DocumentId}, {Payload(fact)}, {now}) returning id)
                        insert into platform.delivery (event_id, handler, document_id, attempts, next_at)
                        {Sql.Join(" union all ", catalog.SubscribersOf(fact.GetType()).Select(handler => (Sql)$"select e.id, {handler}, {fact.DocumentId}, 0, {now} from e"))}
                        """, ct);
                return;
            }
        }
        // Numbered by the database, here, after the document's row is locked: numbers of one document follow its commits.
        var numbers = await db.InsertNumbered("platform.event", ["type", "document_id", "payload", "at"], [.. facts.Select(f => new object?[] { f.GetType().FullName, f.DocumentId, Payload(f), now })], ct);
        var numbered = numbers.Zip(facts).ToList();
        foreach (var (id, fact) in numbered)
            if (webhooks.Wants(fact.GetType())) await webhooks.Add(id, fact, ct);
        await db.Insert("platform.delivery", ["event_id", "handler", "document_id", "attempts", "next_at"],
            numbered.SelectMany(n => catalog.SubscribersOf(n.Second.GetType()).Select(handler => new object?[] { n.First, handler, n.Second.DocumentId, 0L, now })), ct);
    }

    private static string Payload(IIntegrationEvent fact) => JsonSerializer.Serialize(fact, fact.GetType());

    private void Wake()
    {
        facts.Clear();
        signal.Wake();
    }
}
