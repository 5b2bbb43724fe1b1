using System.Globalization;
using System.Text;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Writes checked changes of records, with numbers, directory, figures and history; rows that get the same values in one statement, each still held to the version it was read with.</summary>
internal sealed class DocumentWriter(Db db, ICurrentUser me, IScope scope, Numbers numbers, DocumentDirectory directory, FigureRows figures, Journal journal, IIds ids, TimeProvider clock)
{
    private const string Read = "the rows were read in this transaction by whoever may";

    /// <returns>A record that was changed by someone else meanwhile: nothing may be kept then; null if all is written.</returns>
    public async Task<Document?> Write(DocumentDefinition d, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        var created = changes.Where(c => c.Kind == ChangeKind.Create).Select(c => c.Record).ToList();
        if (created.Count > 0) await Create(d, created, ct);
        var changed = changes.Where(c => c.Kind is ChangeKind.Update or ChangeKind.Delete or ChangeKind.Restore).ToList();
        if (changed.Count > 0 && await Change(d, changed, ct) is { } stale) return stale;
        foreach (var change in changes.Where(c => c.Kind == ChangeKind.Purge))
            if (!await Purge(d, change.Record, ct)) return change.Former;
        return null;
    }

    private async Task Create(DocumentDefinition d, List<Document> created, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var id = ids.Next(created.Count);
        var unnumbered = created.Where(r => r.Number.Length == 0).ToList();
        var drawn = unnumbered.Count == 0 ? [] : await numbers.Draw(d, unnumbered.Count, ct);
        for (var i = 0; i < unnumbered.Count; i++) unnumbered[i].Number = drawn[i];
        foreach (var r in created)
        {
            (r.Id, r.Version) = (id++, 1);
            // An administrator's import brings people and dates of its own.
            if (r.CreatedBy == 0) r.CreatedBy = me.Id;
            if (r.UpdatedBy == 0) r.UpdatedBy = r.CreatedBy;
            if (r.CreatedAt == default) r.CreatedAt = now;
            if (r.UpdatedAt == default) r.UpdatedAt = r.CreatedAt;
        }
        var entries = directory.Describe(d, created);
        await db.Insert(d.Table, Rows.Columns(d), Rows.Values(d, created), ct);
        await directory.Add(await entries, ct);
        await figures.Add(d, created, ct);
        await journal.Write([.. created.Select(r => (r.Id, 1L, "create", (string?)null))], ct);
    }

    private async Task<Document?> Change(DocumentDefinition d, List<Change> changes, CancellationToken ct)
    {
        var at = clock.GetUtcNow().UtcDateTime;
        var groups = new Dictionary<string, (List<Sql> Sets, List<Change> Rows)>(StringComparer.Ordinal);
        var (entries, written) = (new List<(long, long, string, string?)>(changes.Count), new List<Change>(changes.Count));
        foreach (var change in changes)
        {
            var (before, now) = (change.Former!, change.Record);
            var (key, sets, deltas) = Differences(d, change);
            if (sets.Count == 0) continue;
            if (!groups.TryGetValue(key, out var group)) groups[key] = group = (sets, []);
            group.Rows.Add(change);
            (now.Version, now.UpdatedBy, now.UpdatedAt) = (before.Version + 1, me.Id, at);
            entries.Add((now.Id, now.Version, change.Kind.ToString().ToLowerInvariant(), Journal.Deltas(deltas)));
            written.Add(change);
        }
        foreach (var (sets, rows) in groups.Values)
        {
            var version = rows[0].Former!.Version;
            Sql these = rows.Count == 1 ? $"id = {rows[0].Record.Id}" : db.Dialect.In(Sql.Trusted("id"), [.. rows.Select(r => r.Record.Id)]);
            var count = await db.Execute($"""
                update {Sql.Trusted(d.Table)} set {Sql.Join(", ", sets)}, version = {version + 1}, updated_by = {me.Id}, updated_at = {at}
                where {these} and version = {version} and {scope.All(d.Type, Read)}
                """, ct);
            if (count != rows.Count) return await Stale(d, rows, version + 1, at, ct);
        }
        await directory.Change(d, written, at, ct);
        await figures.Change(d, written, ct);
        await journal.Write(entries, ct);
        return null;
    }

    /// <summary>Of rows of which not all could be written, one that could not.</summary>
    private async Task<Document?> Stale(DocumentDefinition d, List<Change> rows, long version, DateTime at, CancellationToken ct)
    {
        if (rows.Count == 1) return rows[0].Former;
        var written = (await db.Query<long>($"select t.id from {Sql.Trusted(d.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), [.. rows.Select(r => r.Record.Id)])} and t.version = {version} and t.updated_at = {at} and t.updated_by = {me.Id} and {scope.All(d.Type, Read)}", ct)).ToHashSet();
        return (rows.FirstOrDefault(r => !written.Contains(r.Record.Id)) ?? rows[0]).Former;
    }

    /// <summary>What a change writes; equal keys stand for equal statements.</summary>
    private static (string Key, List<Sql> Sets, List<Delta> Deltas) Differences(DocumentDefinition d, Change change)
    {
        var (before, now) = (change.Former!, change.Record);
        var (key, sets, deltas) = (new StringBuilder(), new List<Sql>(), new List<Delta>());
        void Set(string column, object? value)
        {
            sets.Add($"{Sql.Trusted(column)} = {value}");
            // Written out, times would lose what they hold below the second.
            var text = value is DateTime t ? t.Ticks.ToString(CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture);
            key.Append(CultureInfo.InvariantCulture, $"{column}:{(value is null ? -1 : text!.Length)}:{text};");
        }

        // Neither what is set for every change nor what a module keeps beside the versions.
        foreach (var f in d.Fields.Where(f => f.Name is not ("updatedBy" or "updatedAt") && !f.Kept))
        {
            var (o, n) = (f.Get(before), f.Get(now));
            if (Equals(o, n)) continue;
            deltas.Add(new(f.Name, o, n));
            if (!f.Custom) Set(f.Column, FieldCodec.ToDb(f, n));
        }
        if (before.Extra != now.Extra) Set("extra", now.Extra);
        if (change.Kind != ChangeKind.Update) Set("deleted_at", now.DeletedAt);
        key.Append(CultureInfo.InvariantCulture, $"@{before.Version}");
        return (key.ToString(), sets, deltas);
    }

    private async Task<bool> Purge(DocumentDefinition d, Document r, CancellationToken ct)
    {
        if (await db.Execute($"delete from {Sql.Trusted(d.Table)} where id = {r.Id} and version = {r.Version} and {scope.All(d.Type, Read)}", ct) == 0) return false;
        await directory.Remove(d, r, ct);
        await figures.Remove(d, r, ct);
        await journal.Write([(r.Id, r.Version + 1, "purge", Journal.Deltas([new(d.Title.Name, DocumentDirectory.Title(d, r), null), new("number", r.Number, null)]))], ct);
        return true;
    }
}
