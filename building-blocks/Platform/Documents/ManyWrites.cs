using System.Globalization;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Writes many changed records at once: rows that get the same values in one statement, each still held to the version it was read with.</summary>
internal sealed class ManyWrites(Db db, ICurrentUser me, IScope scope, DocumentDirectory directory, Journal journal, TimeProvider clock)
{
    /// <summary>What a change writes: neither what the store sets itself nor what a module keeps beside the versions.</summary>
    public static bool IsWritten(FieldDefinition f) => f.Name is not ("updatedBy" or "updatedAt") && !f.Kept;

    /// <summary>Below this, row by row is as good.</summary>
    public const int From = 8;

    /// <returns>A record that was changed by someone else meanwhile: nothing may be kept then; null if all is written.</returns>
    public async Task<Document?> Write(DocumentDefinition d, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        var at = clock.GetUtcNow().UtcDateTime;
        var groups = new Dictionary<string, (List<Sql> Sets, List<Change> Rows)>(StringComparer.Ordinal);
        var (entries, written) = (new List<(long, long, string, string?)>(changes.Count), new List<Change>(changes.Count));
        foreach (var change in changes)
        {
            var (before, now) = (change.Former!, change.Record);
            var (key, sets, deltas) = (new System.Text.StringBuilder(), new List<Sql>(), new List<Delta>());
            foreach (var f in d.Fields.Where(IsWritten))
            {
                var (o, n) = (f.Get(before), f.Get(now));
                if (Equals(o, n)) continue;
                deltas.Add(new(f.Name, o, n));
                var value = FieldCodec.ToDb(f, n);
                sets.Add($"{Sql.Trusted(f.Column)} = {value}");
                var text = Convert.ToString(value, CultureInfo.InvariantCulture);
                key.Append(CultureInfo.InvariantCulture, $"{f.Column}:{(value is null ? -1 : text!.Length)}:{text};");
            }
            if (before.Extra != now.Extra)
            {
                sets.Add($"extra = {now.Extra}");
                key.Append(CultureInfo.InvariantCulture, $"extra:{now.Extra}");
            }
            if (sets.Count == 0) continue;
            key.Append(CultureInfo.InvariantCulture, $"@{before.Version}");
            if (!groups.TryGetValue(key.ToString(), out var group)) groups[key.ToString()] = group = (sets, []);
            group.Rows.Add(change);
            (now.Version, now.UpdatedBy, now.UpdatedAt) = (before.Version + 1, me.Id, at);
            entries.Add((now.Id, now.Version, "update", Journal.Deltas(deltas)));
            written.Add(change);
        }
        foreach (var (sets, rows) in groups.Values)
        {
            var version = rows[0].Former!.Version;
            var changed = await db.Execute($"""
                update {Sql.Trusted(d.Table)} set {Sql.Join(", ", sets)}, version = {version + 1}, updated_by = {me.Id}, updated_at = {at}
                where {db.Dialect.In(Sql.Trusted("id"), [.. rows.Select(r => r.Record.Id)])} and version = {version} and {scope.All(d.Type, "the rows were read in this transaction by whoever may")}
                """, ct);
            if (changed != rows.Count) return rows[0].Former;
        }
        await directory.ChangeMany(d, written, at, ct);
        await journal.Write(entries, ct);
        return null;
    }
}
