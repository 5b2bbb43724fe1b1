using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Reminders;

/// <summary>Keeps the times in step with the documents' dates, in the transaction of each change.</summary>
internal sealed class ReminderKeeper(Db db, ModuleCatalog catalog, Stores stores, DocumentTypes types, Formatter formatter, IIds ids, TimeProvider clock) : IReminders
{
    private static readonly string[] Columns = ["id", "rule_id", "document_id", "due_at", "turn", "next_at", "attempts"];

    public sealed record Rule(long Id, long? DocumentId, ReminderWish Wish);

    /// <summary>After records were written. One question for a batch of any size, none where no date has changed.</summary>
    public async Task Changed(DocumentDefinition d, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        if (!d.Reminders) return;
        var dates = Dates(d).ToList();
        var moved = changes.Where(c => c.Kind != ChangeKind.Update || dates.Any(f => !Equals(f.Get(c.Former!), f.Get(c.Record)))).ToList();
        if (moved.Count == 0) return;
        var known = moved.Where(c => c.Kind != ChangeKind.Create).Select(c => c.Record.Id).ToList();
        if (known.Count > 0) await db.Execute($"delete from platform.reminder where {db.Dialect.In(Sql.Trusted("document_id"), known)}", ct);
        var purged = moved.Where(c => c.Kind == ChangeKind.Purge).Select(c => c.Record.Id).ToList();
        if (purged.Count > 0) await db.Execute($"delete from platform.reminder_rule where {db.Dialect.In(Sql.Trusted("document_id"), purged)}", ct);
        var living = moved.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore).Select(c => c.Record).ToList();
        if (living.Count > 0) await Insert(d, await Rules(d, known, ct), living, ct);
    }

    public async Task Refresh(string documentType, IReadOnlyCollection<long> ids, CancellationToken ct = default)
    {
        var d = catalog.Document(documentType);
        if (!d.Reminders || ids.Count == 0) return;
        var rules = await Rules(d, ids, ct);
        await db.Execute($"delete from platform.reminder where {db.Dialect.In(Sql.Trusted("document_id"), ids)}", ct);
        if (rules.Count > 0) await Insert(d, rules, await stores.Of(d).AnyLiving(ids, ct), ct);
    }

    /// <summary>Adds the times of these records; records that have one already must not be among them.</summary>
    public Task Insert(DocumentDefinition d, IReadOnlyList<Rule> rules, IReadOnlyList<Document> records, CancellationToken ct)
    {
        if (rules.Count == 0) return Task.CompletedTask;
        var (now, zone) = (clock.GetUtcNow().UtcDateTime, formatter.Zone);
        var rows = new List<object?[]>();
        foreach (var rule in rules)
            if (d.Find(rule.Wish.Field) is { } field)
                foreach (var r in records.Where(r => rule.DocumentId is null || rule.DocumentId == r.Id))
                    if (ReminderTimes.Next(field.Get(r), rule.Wish, now, zone) is { } next) rows.Add([0L, rule.Id, r.Id, next.Due, (long)next.Turn, next.Due, 0L]);
        if (rows.Count == 0) return Task.CompletedTask;
        var id = ids.Next(rows.Count);
        foreach (var row in rows) row[0] = id++;
        return db.Insert("platform.reminder", Columns, rows, ct);
    }

    /// <summary>Dates and moments people can be reminded of.</summary>
    public static IEnumerable<FieldDefinition> Dates(DocumentDefinition d) => d.Fields.Where(f => f is { Kind: FieldKind.Date or FieldKind.Instant, Hidden: false } && f.Name != "updatedAt");

    private async Task<IReadOnlyList<Rule>> Rules(DocumentDefinition d, IReadOnlyCollection<long> documents, CancellationToken ct)
    {
        var type = types.Id(d.Type);
        var found = (await db.Query<Row>($"select id, document_id, wish from platform.reminder_rule where type_id = {type} and document_id is null and enabled = {true} and gone = {false}", ct)).ToList();
        if (documents.Count > 0) found.AddRange(await db.Query<Row>($"select id, document_id, wish from platform.reminder_rule where {db.Dialect.In(Sql.Trusted("document_id"), documents)} and enabled = {true} and gone = {false}", ct));
        return [.. found.Select(r => new Rule(r.Id, r.DocumentId, JsonSerializer.Deserialize<ReminderWish>(r.Wish)!))];
    }

    private sealed record Row(long Id, long? DocumentId, string Wish);
}
