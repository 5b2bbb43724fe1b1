using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Sheets;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Carries one import out, chunk by chunk; each chunk and how far it went are one transaction, so that a stopped host goes on where it was.</summary>
internal sealed class ImportJob(Db db, Caller me, ModuleCatalog catalog, Stores stores, ImportColumns columns, ImportChecks checks, RowReader reader, Journal journal, ImportFiles files, IProblems problems, UndoJob undo, Operations operations, Engine engine, TimeProvider clock)
{
    /// <summary>Rows a transaction: large enough that an index page is written once for many rows, small enough that others wait less than a second.</summary>
    private const int Chunk = 4_000;
    private const int MostKept = 1_000, Tries = 4;

    /// <summary>What stands in <c>operation.plan</c>: the plan, and how far it has been carried out.</summary>
    internal sealed record State(ImportPlan Plan, int Line, int Created, int Updated, int Warned, IReadOnlyList<ImportKind> Kinds, IReadOnlyList<ImportFinding> Findings);

    public static State Begin(ImportPlan plan) => new(plan, 0, 0, 0, 0, [], []);

    /// <returns>How it ended, and what is to be said of that.</returns>
    public async Task<(string State, string? Message)> Run(long operation, string type, State state, CancellationToken ct)
    {
        var d = catalog.Document(type);
        var run = new ImportRun(d, state, Columns(d, state.Plan));
        run.Remember(files.FaultLog(operation));
        using var file = SheetFile.Open(files.Find(state.Plan.File, me.Id), ImportFiles.Limits);
        var whole = state.Plan.Mode == ImportMode.AllOrNothing;
        if (whole && state.Line == 0)
        {
            await Pass(operation, run, file, write: false, ct);
            if (run.Faulty > 0)
            {
                await Finish(operation, run, file, 0, ct);
                return ("failed", Refused);
            }
            run = new ImportRun(d, state, run.Columns);
        }
        var cancelled = false;
        try
        {
            // What a stopped host had found wrong after all, is not gone on with.
            if (!whole || run.Faulty == 0) cancelled = !await Pass(operation, run, file, state.Plan.Mode != ImportMode.DryRun, ct);
        }
        catch (Exception) when (whole && !ct.IsCancellationRequested)
        {
            await TakeBack(operation, run, ct);
            throw;
        }
        if (!whole || !cancelled && run.Faulty == 0)
        {
            await Finish(operation, run, file, run.Good, ct);
            return (cancelled ? "cancelled" : "done", null);
        }
        // Others had worked meanwhile, or it was called off: nothing stays of what should come in as a whole.
        var left = await TakeBack(operation, run, ct);
        await Finish(operation, run, file, left, ct);
        return (cancelled ? "cancelled" : "failed", left > 0 ? $"没有全部导入；已写入的行已撤回，其中 {left:N0} 行此后又被修改过，保持现状。" : cancelled ? null : Refused);
    }

    private const string Refused = "文件中有不能导入的行，按“全部或不导入”的选择，没有导入任何资料。";

    /// <returns>How many rows could not be taken back.</returns>
    private async Task<int> TakeBack(long operation, ImportRun run, CancellationToken ct)
    {
        run.Counted = (0, 0, run.Counted.Warned);
        var label = await db.First<string>($"select label from platform.operation where id = {operation}", ct);
        // A stopped host may have begun with it.
        var back = await db.First<long?>($"select max(id) from platform.operation where undo_of = {operation}", ct)
                   ?? await db.Unit(() => operations.Begin("undo", $"撤销：{label}", run.Definition.Type, 0, "done", ct, operation), ct);
        var (_, left) = await undo.Run(back, operation, ct);
        await db.Unit(() => db.Execute($"update platform.operation set done = {left} where id = {operation}", ct), ct);
        return left;
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
                checks.Keys(run, chunk);
                continue;
            }
            if (await db.First<string>($"select state from platform.operation where id = {operation}", ct) == "cancelling") return false;
            var prepared = await CarryOut(operation, run, chunk, write, ct);
            Telemetry.Imported(chunk.Count);
            run.Keep(prepared, MostKept);
            if (write && run.Faulty > 0 && run.State.Plan.Mode == ImportMode.AllOrNothing) return true;
            foreach (var p in prepared)
                if (p.Opens is { } first) (first.Row, first.Written) = (null, p.Change is { } change ? Of(change.Record) : null);
        }
        return true;
    }

    /// <summary>
    /// One chunk, looked at and written. Others work meanwhile: at first nobody is held up; what they changed between look and write is looked at again with the rows held,
    /// and the rows that can't be written even so are told.
    /// </summary>
    private async Task<IReadOnlyList<ImportRun.Prepared>> CarryOut(long operation, ImportRun run, List<RowReader.Row> chunk, bool write, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            var counted = run.Counted;
            var prepared = tries == 1 ? await checks.Prepare(run, chunk, ct) : [];
            try
            {
                await Unit(operation, async () =>
                {
                    if (tries > 1) prepared = await checks.Held(run, chunk, ct);
                    if (write) await Write(run, prepared, ct);
                    run.Count(prepared);
                    await File.AppendAllLinesAsync(files.FaultLog(operation), prepared.Where(p => p.Row.Faulty).Select(p => $"{p.Row.Line}\t{run.FaultyLines[p.Row.Line].ReplaceLineEndings(" ")}"), ct);
                    await Progress(operation, run, chunk[^1].Line, write, ct);
                }, ct);
                return prepared;
            }
            catch (Exception e) when (tries < Tries && Overtaken.By(e, engine))
            {
                run.Counted = counted;
                // Each row for itself; then, where all of them could be written alone, together with those before.
                if (tries > 1) await Culprits(operation, run, tries > 2 ? [] : null, chunk, ct);
            }
        }
    }

    /// <summary>Finds the rows that can't be written, by writing ever fewer of them and taking it back.</summary>
    /// <param name="with">Rows that can be written, and are written along; grows. None: the rows are tried for themselves.</param>
    private async Task Culprits(long operation, ImportRun run, List<RowReader.Row>? with, List<RowReader.Row> rows, CancellationToken ct)
    {
        try
        {
            await Unit(operation, async () =>
            {
                var prepared = await checks.Held(run, [.. with ?? [], .. rows], ct);
                // What joins a record of another row can't be tried without that row.
                await Write(run, [.. prepared.Where(p => p.Joins is null)], ct);
                await db.Flush(ct);
                throw new TakenBack();
            }, ct);
        }
        catch (TakenBack)
        {
            with?.AddRange(rows);
        }
        catch (Exception e) when (Overtaken.By(e, engine))
        {
            if (rows.Count == 1)
            {
                rows[0].Refuse(problems.Message(e));
                return;
            }
            await Culprits(operation, run, with, rows[..(rows.Count / 2)], ct);
            await Culprits(operation, run, with, rows[(rows.Count / 2)..], ct);
        }
    }

    private Task Unit(long operation, Func<Task> work, CancellationToken ct) => db.Unit(async () =>
    {
        using var act = journal.Within(operation);
        await work();
        return 0;
    }, ct);

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

    private Task<int> Progress(long operation, ImportRun run, int line, bool write, CancellationToken ct)
    {
        var plan = write ? JsonSerializer.Serialize(run.ToState(line), Journal.Json) : null;
        // A dry run, and the first pass of all-or-nothing, begin anew after a stop: only what was written is remembered.
        return db.Execute($"""
            update platform.operation set done = {run.Good}, failed = {run.Faulty}, seen_at = {clock.GetUtcNow().UtcDateTime}
                {Sql.When(plan is not null, $", job = {plan}")} where id = {operation}
            """, ct);
    }

    /// <param name="stay">Rows that were written and stay.</param>
    private async Task Finish(long operation, ImportRun run, SheetFile file, int stay, CancellationToken ct)
    {
        var path = run.Faulty > 0 ? files.ErrorFile(operation) : null;
        if (path is not null) await ErrorFile.Write(path, file, run, ct);
        var plan = JsonSerializer.Serialize(run.ToState(int.MaxValue), Journal.Json);
        var name = path is null ? null : Path.GetFileName(path);
        File.Delete(files.FaultLog(operation));
        await db.Unit(() => db.Execute($"update platform.operation set job = {plan}, file_name = {name}, done = {stay}, failed = {run.Faulty}, total = {stay + run.Faulty} where id = {operation}", ct), ct);
    }

    private sealed class TakenBack : Exception;
}
