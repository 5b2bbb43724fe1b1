using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Events;

/// <summary>Collects a command's events and writes them at the end of its transaction: one event row, one delivery row for each handler.</summary>
internal sealed class Outbox(Db db, EventCatalog catalog, Webhooks.WebhookPost webhooks, Signal signal, TimeProvider clock) : IEvents
{
    internal static readonly string[] EventColumns = ["type", "document_id", "payload", "at"];
    private static readonly string[] DeliveryColumns = ["event_id", "handler", "document_id", "attempts", "next_at"];

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
            await db.First<long>($"select count(pg_advisory_xact_lock(d.id)) from (select distinct u.id from unnest({facts.Select(f => f.DocumentId).ToArray()}) as u (id) order by u.id) d", ct);
        // Numbered by the database, here, after the document's row is locked: numbers of one document follow its commits.
        var numbers = await db.InsertNumbered("platform.event", EventColumns, [.. facts.Select(f => new object?[] { f.GetType().FullName, f.DocumentId, JsonSerializer.Serialize(f, f.GetType()), now })], ct);
        var numbered = numbers.Zip(facts).ToList();
        foreach (var (id, fact) in numbered)
            if (webhooks.Wants(fact.GetType())) await webhooks.Add(id, fact, ct);
        await db.Insert("platform.delivery", DeliveryColumns,
            numbered.SelectMany(n => catalog.SubscribersOf(n.Second.GetType()).Select(handler => new object?[] { n.First, handler, n.Second.DocumentId, 0L, now })), ct);
    }

    private void Wake()
    {
        facts.Clear();
        signal.Wake();
    }
}
