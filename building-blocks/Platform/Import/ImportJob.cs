using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Carries one import out, chunk by chunk; each chunk and how far it went are one transaction, so that a stopped host goes on where it was.</summary>
internal sealed class ImportJob(Db db, Caller me, IScope scope, ModuleCatalog catalog, Stores stores, ImportColumns columns, RowReader reader, Journal journal, ImportFiles files, Caches caches, TimeProvider clock)
{
    private TimeZoneInfo? zone;

    /// <summary>Rows a transaction: large enough that an index page is written once for many rows, small enough that others wait less than a second.</summary>
    private const int Chunk = 4_000;
    private const int MostKept = 1_000;

    /// <summary>What stands in <c>operation.plan</c>: the plan, and how far it has been carried out.</summary>
    internal sealed record State(ImportPlan Plan, int Line, int Created, int Updated, int Warned, IReadOnlyList<ImportKind> Kinds, IReadOnlyList<ImportFinding> Findings);

    public static State Begin(ImportPlan plan) => new(plan, 0, 0, 0, 0, [], []);

    public async Task<string> Run(long operation, string type, State state, CancellationToken ct)
    {
        var d = catalog.Document(type);
        var run = new ImportRun(d, state, Columns(d, state.Plan));
        run.Remember(files.FaultLog(operation));
        using var file = SheetFile.Open(files.Find(state.Plan.File, me.Id), ImportFiles.Limits);
        if (state.Plan.Mode == ImportMode.AllOrNothing && state.Line == 0)
        {
            await Pass(operation, run, file, write: false, ct);
            if (run.Faulty > 0)
            {
                await Finish(operation, run, file, ct);
                return "failed";
            }
            run = new ImportRun(d, state, run.Columns);
        }
        var cancelled = !await Pass(operation, run, file, state.Plan.Mode != ImportMode.DryRun, ct);
        await Finish(operation, run, file, ct);
        return cancelled ? "cancelled" : "done";
    }

    private IReadOnlyList<(int Index, string Title, ImportColumns.Target Target)> Columns(DocumentDefinition d, ImportPlan plan)
    {
        var targets = columns.Targets(d).ToDictionary(t => t.Name);
        return [.. plan.Columns.OrderBy(c => c.Key).Select(c => (c.Key, targets.GetValueOrDefault(c.Value) ?? throw new Invalid("columns", "列对应的字段不存在。"))).Select(c => (c.Key, c.Item2.Field.Label, c.Item2))];
    }

    /// <returns>False where someone cancelled.</returns>
    private async Task<bool> Pass(long operation, ImportRun run, SheetFile file, bool write, CancellationToken ct)
    {
        var chunks = file.Rows(run.State.Plan.Sheet, ct).Skip(1).Chunk(Chunk).Select(c => reader.Cells(c, run.Columns));
        await foreach (var chunk in OneAhead(chunks))
        {
            ct.ThrowIfCancellationRequested();
            await reader.References(chunk, run.Columns, ct);
            if (chunk[^1].Line <= run.State.Line)
            {
                // Done before the host stopped: only the keys are needed, for the doubles further down.
                Keys(run, chunk);
                continue;
            }
            if (await db.First<string>($"select state from platform.operation where id = {operation}", ct) == "cancelling") return false;
            var prepared = await Prepare(run, chunk, ct);
            run.Count(prepared);
            await File.AppendAllLinesAsync(files.FaultLog(operation), prepared.Where(p => p.Row.Faulty).Select(p => $"{p.Row.Line}\t{run.FaultyLines[p.Row.Line].ReplaceLineEndings(" ")}"), ct);
            await db.Unit(async () =>
            {
                journal.OperationId = operation;
                try
                {
                    if (write) await Write(run, prepared, ct);
                }
                finally
                {
                    journal.OperationId = null;
                }
                await Progress(operation, run, chunk[^1].Line, write, ct);
                return 0;
            }, ct);
            Telemetry.Imported(chunk.Count);
            run.Keep(prepared, MostKept);
            foreach (var p in prepared)
                if (p.Opens is { } first) (first.Row, first.Written) = (null, p.Change is { } change ? Of(change.Record) : null);
        }
        return true;
    }

    /// <summary>While one is at work on an item, the next is being made on another processor; what is made needs nothing of what the work does.</summary>
    private static async IAsyncEnumerable<T> OneAhead<T>(IEnumerable<T> items)
    {
        using var from = items.GetEnumerator();
        Task<(bool Is, T? Item)> Make() => Task.Run(() => from.MoveNext() ? (true, from.Current) : (false, default(T)));
        var next = Make();
        try
        {
            while (await next is (true, { } item))
            {
                next = Make();
                yield return item;
            }
        }
        finally
        {
            // The file must not be closed under it.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Keys(ImportRun run, List<RowReader.Row> chunk)
    {
        var store = stores.Of(run.Definition);
        foreach (var row in chunk)
            if (!(run.State.Plan.UpdateKey == "number" && row.Values.ContainsKey("number")) && Key(store, run, row) is { } key)
            {
                run.Seen.TryAdd(key, new(row.Line, Said(run, row)));
                run.Seen[key].Has(CompanionTitle(run, row));
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

    private async Task<List<ImportRun.Prepared>> Prepare(ImportRun run, List<RowReader.Row> rows, CancellationToken ct)
    {
        var store = stores.Of(run.Definition);
        var existing = await Existing(run, rows, ct);
        var prepared = new List<ImportRun.Prepared>(rows.Count);
        foreach (var row in rows)
            prepared.Add(Place(run, row, run.State.Plan.UpdateKey == "number" && existing.TryGetValue(row, out var known) ? $"#{known}" : Key(store, run, row)));
        // Fields known to be wrong are told once, by the reader; what else is wrong with the row is still looked for.
        var own = prepared.Where(p => p.Joins is null).ToList();
        var drafts = own.Select(p => new Draft(existing.TryGetValue(p.Row, out var id) ? id : null, 0, p.Row.Values)).ToList();
        var changes = await store.Prepare(drafts, new DraftKind(Imported: true, System: me.May(Permissions.Everything)), ct);
        for (var i = 0; i < changes.Count; i++) own[i].Take(changes[i], run.TitleOf, run.Definition);
        if (run.Definition.ImportWith is { } with && run.Columns.Any(c => c.Target.Companion)) await PrepareCompanions(run, with, prepared, ct);
        await Find(run, prepared, ct);
        foreach (var p in prepared.Where(p => p.Joins is { } first && (run.FaultyLines.ContainsKey(first.Line) || first.Row?.Row.Faulty == true)))
            p.Row.Fault(run.TitleOf(run.Definition.Title), "other", $"{run.Definition.Label}在第 {p.Joins!.Line} 行，该行有误，未能导入。");
        return prepared;
    }

    /// <summary>Another row of the same record is a double, or brings the record another companion: one customer, several contacts.</summary>
    private ImportRun.Prepared Place(ImportRun run, RowReader.Row row, string? key)
    {
        var said = Said(run, row);
        if (key is not null && run.Seen.TryGetValue(key, out var first) && first.Line != row.Line)
        {
            if (first.Takes(said, CompanionTitle(run, row))) return new(row, first);
            row.Fault(run.TitleOf(run.Definition.Title), "duplicate", $"与第 {first.Line} 行的{run.Definition.Label}重复。");
            return new(row, null);
        }
        if (key is null) return new(row, null);
        var opens = run.Seen[key] = new(row.Line, said);
        opens.Has(CompanionTitle(run, row));
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
                else
                {
                    by[row] = ids[0];
                    // The number names the row and isn't changed by it.
                    if (name == "number") row.Values.Remove(name);
                }
            }
        return by;
    }

    private async Task Write(ImportRun run, List<ImportRun.Prepared> prepared, CancellationToken ct)
    {
        var good = prepared.Where(p => !p.Row.Faulty).ToList();
        await stores.Of(run.Definition).Write([.. good.Select(p => p.Change).OfType<Change>()], ct);
        if (run.Definition.ImportWith is not { } with) return;
        var other = catalog.Document(with.Type);
        var tie = other.Field(with.TieField);
        var tied = good.Where(p => p.Companion is not null && p.Change?.Kind != ChangeKind.Update).ToList();
        foreach (var p in tied)
        {
            var (id, owner, department) = p.Change is { } change ? Of(change.Record) : p.Joins!.Row is { } first ? Of(first.Change!.Record) : p.Joins.Written!.Value;
            tie.Set(p.Companion!.Record, id);
            (p.Companion.Record.OwnerId, p.Companion.Record.DepartmentId) = (owner, department);
        }
        await stores.Of(other).Write([.. tied.Select(p => p.Companion!)], ct);
    }

    private static (long Id, long? OwnerId, long? DepartmentId) Of(Document record) => (record.Id, record.OwnerId, record.DepartmentId);

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

    private Task<int> Progress(long operation, ImportRun run, int line, bool write, CancellationToken ct)
    {
        var plan = write ? JsonSerializer.Serialize(run.ToState(line), Journal.Json) : null;
        // A dry run, and the first pass of all-or-nothing, begin anew after a stop: only what was written is remembered.
        return db.Execute($"""
            update platform.operation set done = {run.Good}, failed = {run.Faulty}, seen_at = {clock.GetUtcNow().UtcDateTime}
                {Sql.When(plan is not null, $", job = {plan}")} where id = {operation}
            """, ct);
    }

    private async Task Finish(long operation, ImportRun run, SheetFile file, CancellationToken ct)
    {
        var path = run.Faulty > 0 ? files.ErrorFile(operation) : null;
        if (path is not null) await ErrorFile.Write(path, file, run, ct);
        var plan = JsonSerializer.Serialize(run.ToState(int.MaxValue), Journal.Json);
        var name = path is null ? null : Path.GetFileName(path);
        File.Delete(files.FaultLog(operation));
        await db.Unit(() => db.Execute($"update platform.operation set job = {plan}, file_name = {name}, done = {run.Good}, failed = {run.Faulty}, total = {run.Good + run.Faulty} where id = {operation}", ct), ct);
    }
}
