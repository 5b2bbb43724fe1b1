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
        // Whoever publishes about a document without having locked its row waits here for the one before: numbers follow commits then, too.
        if (db.Engine is PostgresEngine)
            foreach (var document in facts.Select(f => f.DocumentId).Distinct().Order().ToList())
                await db.First<long>($"select count(*) from pg_advisory_xact_lock({document})", ct);
        foreach (var fact in facts)
        {
            var type = fact.GetType();
            var (name, payload) = (type.FullName, JsonSerializer.Serialize(fact, type));
            // Numbered by the database, here, after the document's row is locked: numbers of one document follow its commits.
            var id = await db.First<long>(db.Engine.Name == "sqlserver"
                ? $"insert into platform.event (type, document_id, payload, at) output inserted.id values ({name}, {fact.DocumentId}, {payload}, {now})"
                : (Sql)$"insert into platform.event (type, document_id, payload, at) values ({name}, {fact.DocumentId}, {payload}, {now}) returning id", ct);
            await webhooks.Add(id, fact, ct);
            await db.Insert("platform.delivery", ["event_id", "handler", "document_id", "attempts", "next_at"], catalog.SubscribersOf(type).Select(handler => new object?[] { id, handler, fact.DocumentId, 0L, now }), ct);
        }
    }

    private void Wake()
    {
        facts.Clear();
        signal.Wake();
    }
}
