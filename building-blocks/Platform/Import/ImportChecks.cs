using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Makes of the rows of a sheet what shall be written: which are doubles of each other, which update what is there, and what the rules of their type say.</summary>
internal sealed class ImportChecks(Db db, Caller me, IScope scope, ModuleCatalog catalog, Stores stores, Caches caches)
{
    private TimeZoneInfo? zone;

    /// <summary>Remembers what rows name that were carried out before the host stopped: only for the doubles further down.</summary>
    public void Keys(ImportRun run, List<RowReader.Row> chunk)
    {
        var store = stores.Of(run.Definition);
        foreach (var row in chunk)
            if (!(run.State.Plan.UpdateKey == "number" && row.Values.ContainsKey("number")) && Key(store, run, row) is { } key)
            {
                run.Seen.TryAdd(key, new(row.Line, Said(run, row)));
                run.Seen[key].Has(CompanionTitle(run, row), row.Line);
            }
    }

    private string? CompanionTitle(ImportRun run, RowReader.Row row) =>
        run.Definition.ImportWith is { } with && run.State.Plan.UpdateKey is null ? row.Companion.GetValueOrDefault(catalog.Document(with.Type).Title.Name) as string : null;

    /// <summary>Stands for all that a row says of its record; 0 where it only names it.</summary>
    private static int Said(ImportRun run, RowReader.Row row)
    {
        if (row.Values.Count <= 1) return 0;
        var hash = new HashCode();
        foreach (var (_, _, target) in run.Columns)
            if (!target.Companion && row.Values.TryGetValue(target.Field.Name, out var value)) hash.Add((target.Field.Name, value));
        return hash.ToHashCode() | 1;
    }

    /// <summary>What makes two rows the same record, as the type's own rules say of all that the row brings.</summary>
    private string? Key(IDocumentStore store, ImportRun run, RowReader.Row row)
    {
        // A title that lacks or is too long is its own fault; what it is like says nothing.
        var named = run.Definition.Title;
        if (row.Values.GetValueOrDefault(named.Name) is var title && (title is string t ? t.Length > named.MaxLength : named is { Required: true, ReadOnly: false })) return null;
        var probe = (Document)Activator.CreateInstance(run.Definition.Class)!;
        foreach (var (name, raw) in row.Values)
            if (run.Definition.Find(name) is { Custom: false, Kind: not FieldKind.LongText } f && Value(f, raw) is { } value) f.Set(probe, value);
        return store.SameAs(probe);
    }

    /// <summary>What can't be read is told of the row elsewhere.</summary>
    private object? Value(FieldDefinition f, object? raw)
    {
        try
        {
            return FieldCodec.Parse(f, raw, zone ??= Zones.Find(caches.Company.TimeZone)) is var value && value is string text && f.Normalize is { } normalize ? normalize(text) : value;
        }
        catch (Invalid)
        {
            return null;
        }
    }

    /// <summary>What shall be written for these rows, and what is wrong with them. May be asked again of the same rows: what was found then is found anew.</summary>
    public async Task<List<ImportRun.Prepared>> Prepare(ImportRun run, List<RowReader.Row> rows, CancellationToken ct)
    {
        foreach (var row in rows) row.Anew();
        var store = stores.Of(run.Definition);
        var existing = await Existing(run, rows, ct);
        var prepared = new List<ImportRun.Prepared>(rows.Count);
        foreach (var row in rows)
            prepared.Add(Place(run, row, run.State.Plan.UpdateKey == "number" && existing.TryGetValue(row, out var known) ? $"#{known}" : Key(store, run, row)));
        // Fields known to be wrong are told once, by the reader; what else is wrong with the row is still looked for.
        var own = prepared.Where(p => p.Joins is null).ToList();
        var drafts = own.Select(p => new Draft(existing.TryGetValue(p.Row, out var id) ? id : null, 0, existing.ContainsKey(p.Row) ? Told(run, p.Row) : p.Row.Values)).ToList();
        var changes = await store.Prepare(drafts, new DraftKind(Imported: true, System: me.May(Permissions.Everything)), ct);
        for (var i = 0; i < changes.Count; i++) own[i].Take(changes[i], run.TitleOf, run.Definition);
        if (run.Definition.ImportWith is { } with && run.Columns.Any(c => c.Target.Companion)) await PrepareCompanions(run, with, prepared, ct);
        await Find(run, prepared, ct);
        foreach (var p in prepared.Where(p => p.Joins is { } first && (run.FaultyLines.ContainsKey(first.Line) || first.Row?.Row.Faulty == true)))
            p.Row.Fault(run.TitleOf(run.Definition.Title), "other", $"{run.Definition.Label}在第 {p.Joins!.Line} 行，该行有误，未能导入。");
        return prepared;
    }

    /// <summary>As <see cref="Prepare"/>, within the unit that writes them: what is there already is held, so that nobody changes it in between.</summary>
    public async Task<List<ImportRun.Prepared>> Held(ImportRun run, List<RowReader.Row> rows, CancellationToken ct)
    {
        var (hint, hold) = db.Engine.Hold("t");
        if (hint.Length + hold.Length > 0 && await Existing(run, rows, ct) is { Count: > 0 } known)
            await db.Query<long>($"select t.id from {Sql.Trusted(run.Definition.Table)} t {Sql.Trusted(hint)} where {db.Dialect.In(Sql.Trusted("t.id"), [.. known.Values.Distinct()])} and {scope.All(run.Definition.Type, "found under the scope; only held")} order by t.id {Sql.Trusted(hold)}", ct);
        return await Prepare(run, rows, ct);
    }

    /// <summary>The number names the row and isn't changed by it.</summary>
    private static IReadOnlyDictionary<string, object?> Told(ImportRun run, RowReader.Row row) =>
        run.State.Plan.UpdateKey == "number" ? row.Values.Where(v => v.Key != "number").ToDictionary() : row.Values;

    /// <summary>Another row of the same record is a double, or brings the record another companion: one customer, several contacts.</summary>
    private ImportRun.Prepared Place(ImportRun run, RowReader.Row row, string? key)
    {
        var said = Said(run, row);
        if (key is not null && run.Seen.TryGetValue(key, out var first) && first.Line != row.Line)
        {
            if (first.Takes(said, CompanionTitle(run, row), row.Line)) return new(row, first);
            row.Fault(run.TitleOf(run.Definition.Title), "duplicate", $"与第 {first.Line} 行的{run.Definition.Label}重复。");
            return new(row, null);
        }
        if (key is null) return new(row, null);
        var opens = run.Seen[key] = new(row.Line, said);
        opens.Has(CompanionTitle(run, row), row.Line);
        return opens.Row = new(row, null) { Opens = opens };
    }

    private async Task PrepareCompanions(ImportRun run, ImportCompanion with, List<ImportRun.Prepared> prepared, CancellationToken ct)
    {
        var other = catalog.Document(with.Type);
        var some = prepared.Where(p => p.Row.Companion.Count > 0).ToList();
        foreach (var p in some.Where(p => !p.Row.Companion.ContainsKey(other.Title.Name)).ToList())
        {
            // A phone without a name is no contact; the row itself is none the worse.
            p.Row.Findings.Add(new(p.Row.Line, null, "other", $"没有{other.Title.Label}，{other.Label}信息未导入。", false));
            some.Remove(p);
        }
        var changes = await stores.Of(other).Prepare([.. some.Select(p => new Draft(null, 0, p.Row.Companion))], new DraftKind(Imported: true), ct);
        for (var i = 0; i < changes.Count; i++) some[i].TakeCompanion(changes[i], run.TitleOf, other);
    }

    /// <summary>Rows whose key names a record that is there: they are updated.</summary>
    private async Task<Dictionary<RowReader.Row, long>> Existing(ImportRun run, List<RowReader.Row> rows, CancellationToken ct)
    {
        if (run.State.Plan.UpdateKey is not { } name) return [];
        var f = run.Definition.Field(name);
        string? Value(RowReader.Row r) => r.Values.GetValueOrDefault(name) as string is { Length: > 0 } v ? f.Normalize is { } n ? n(v) : v.Trim() : null;
        var wanted = rows.Select(Value).OfType<string>().Distinct().ToList();
        if (wanted.Count == 0) return [];
        var found = await new KeyLookup(db, scope, run.Definition).FindBy(f, wanted, ct);
        var by = new Dictionary<RowReader.Row, long>();
        foreach (var row in rows)
            if (Value(row) is { } v && found.TryGetValue(v, out var ids))
            {
                if (ids.Count > 1) row.Fault(run.TitleOf(f), "duplicate", $"{f.Label}“{v}”对应 {ids.Count} 份已有{run.Definition.Label}，无法确定更新哪一份。");
                else if (!me.May(run.Definition.Permission(DocumentRight.Update))) row.Fault(null, "other", $"您没有修改{run.Definition.Label}的权限，不能更新已有资料。");
                else by[row] = ids[0];
            }
        return by;
    }

    /// <summary>Records which this import wrote before the host was stopped.</summary>
    private async Task Find(ImportRun run, List<ImportRun.Prepared> prepared, CancellationToken ct)
    {
        var lost = prepared.Where(p => p.Joins is { Row: null, Written: null } first && !run.FaultyLines.ContainsKey(first.Line)).ToList();
        if (lost.Count == 0 || run.State.Plan.Mode == ImportMode.DryRun) return;
        var (d, lookup) = (run.Definition, new KeyLookup(db, scope, run.Definition));
        string Title(ImportRun.Prepared p) => (string)p.Row.Values[d.Title.Name]!;
        var ids = await lookup.FindBy(d.Title, [.. lost.Select(Title).Distinct()], ct);
        var owners = await lookup.Owners([.. ids.Values.Select(v => v[0])], ct);
        foreach (var p in lost)
            if (ids.TryGetValue(Title(p), out var found)) p.Joins!.Written = owners[found[0]];
            else p.Row.Fault(run.TitleOf(d.Title), "other", $"第 {p.Joins!.Line} 行导入的{d.Label}已被改名或删除。");
    }
}
