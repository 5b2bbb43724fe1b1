using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Import;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>What modules may do with the journal of acts.</summary>
internal sealed class ModuleOperations(Db db, Operations operations, Journal journal, TimeProvider clock) : IOperations
{
    public Task<long> Begin(string kind, string label, string? type, int total, CancellationToken ct = default) => operations.Begin(kind, label, type, total, "done", ct);

    public IDisposable Within(long operation) => journal.Within(operation);

    public long? Running => journal.OperationId;

    public async Task<IDisposable?> Join(long? operation, CancellationToken ct = default)
    {
        if (operation is not { } act) return journal.Within(journal.OperationId);
        // Held: an undo waits for what is written here, or was before it.
        var (behind, end) = db.Engine.Hold("o");
        return await db.First<long?>($"select o.id from platform.operation o {Sql.Trusted(behind)} where o.id = {act} and o.state <> 'undone' {Sql.Trusted(end)}", ct) is null ? null : Within(act);
    }

    public Task Progress(long operation, int done, CancellationToken ct = default) => db.Execute($"update platform.operation set done = {done}, seen_at = {clock.GetUtcNow().UtcDateTime} where id = {operation}", ct);

    public Task End(long operation, int done, IReadOnlyList<RowProblem> problems, string? message = null, CancellationToken ct = default) => operations.End(operation, "done", done, problems.Count, message, problems, ct);
}

/// <summary>The journal of acts over many rows (DOC-14): who, what, how many, how it ended.</summary>
internal sealed class Operations(Db db, Caller me, IIds ids, TimeProvider clock)
{
    private static readonly string[] Columns = ["id", "kind", "label", "type", "user_id", "at", "ended_at", "state", "total", "done", "failed", "undo_of", "token_id"];

    public async Task<long> Begin(string kind, string label, string? type, int total, string state, CancellationToken ct, long? undoOf = null)
    {
        var id = ids.Next();
        await db.Insert("platform.operation", Columns, [[id, kind, label.Length > 200 ? label[..199] + "…" : label, type, me.SeenBy ?? me.Id, clock.GetUtcNow().UtcDateTime, null, state, (long)total, 0L, 0L, undoOf, me.Token?.Id]], ct);
        return id;
    }

    /// <summary>Said of what was carried off by one who saw as another user.</summary>
    public static string? Eyes(ICurrentUser me) => me.SeenBy is null ? null : $"以 {me.Name} 的视角。";

    /// <summary>An undoing that ends without being done leaves the operation as it was: it may be undone again, for the rest.</summary>
    public static Task<int> Reopen(Db db, long undo, CancellationToken ct) => db.Execute($"""
        update platform.operation set state = was where state = 'undone'
            and id in (select u.undo_of from platform.operation u where u.id = {undo} and u.kind = 'undo' and u.state in ('cancelled', 'failed'))
        """, ct);

    public Task<int> End(long id, string state, int done, int failed, string? message, IReadOnlyList<RowProblem> problems, CancellationToken ct)
    {
        var details = problems.Count == 0 ? null : JsonSerializer.Serialize(problems.Take(1000), Journal.Json);
        return db.Execute($"""
            update platform.operation set state = {state}, ended_at = {clock.GetUtcNow().UtcDateTime}, done = {done}, failed = {failed}, message = {message}, details = {details}
            where id = {id}
            """, ct);
    }
}

/// <summary>Shows the journal to those it concerns, and takes operations back.</summary>
internal sealed class OperationHandlers(Db db, Operations operations, Reverter reverter, Merging.Merger merger, Journal journal, ICurrentUser me, Caches caches, WorkSignal signal, Ownership ownership, TimeProvider clock)
    : IQueryHandler<ListOperations, IReadOnlyList<OperationInfo>>, IQueryHandler<GetOperation, OperationInfo>,
      ICommandHandler<CancelOperation, Done>, ICommandHandler<UndoOperation, BatchResult>
{
    /// <summary>Sees and undoes everyone's operations.</summary>
    public const string ManageAll = "settings.operations.manage";

    public async Task<IReadOnlyList<OperationInfo>> Handle(ListOperations query, CancellationToken ct)
    {
        var everyone = query.Everyones && me.May(ManageAll);
        var rows = await db.Query<Row>($"""
            select id, kind, label, type, user_id, at, ended_at, state, total, done, failed, message, file_name from platform.operation
            {Sql.When(!everyone, $"where user_id = {me.Id}")} order by id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}
            """, ct);
        return [.. rows.Select(Info)];
    }

    public async Task<OperationInfo> Handle(GetOperation query, CancellationToken ct) => Info(await Find(query.Id, ct));

    public async Task<Done> Handle(CancelOperation command, CancellationToken ct)
    {
        await Find(command.Id, ct);
        // What has not begun ends here; what runs is asked to stop.
        if (await db.Execute($"update platform.operation set state = 'cancelled', ended_at = {clock.GetUtcNow().UtcDateTime} where id = {command.Id} and state = 'waiting'", ct) == 0
            && await db.Execute($"update platform.operation set state = 'cancelling' where id = {command.Id} and state = 'running'", ct) == 0)
            throw new RuleBroken("该操作已经结束，不能取消。");
        await Operations.Reopen(db, command.Id, ct);
        return default;
    }

    public async Task<BatchResult> Handle(UndoOperation command, CancellationToken ct)
    {
        var row = await Find(command.Id, ct);
        if (!Info(row).CanUndo) throw new RuleBroken(row.State == "undone" ? "该操作已经撤销过。" : "该操作不能撤销。");
        // One winner, however many click: the row is claimed before anything is undone.
        if (await db.Execute($"update platform.operation set was = state, state = 'undone' where id = {row.Id} and state in ('done', 'cancelled', 'failed')", ct) == 0)
            throw new RuleBroken("该操作已经撤销过。");
        await ownership.TakeBack(row.Id, ct);
        var large = row.Done > Reverter.Large;
        var undo = await operations.Begin("undo", $"撤销：{row.Label}", row.Type, (int)row.Done, large ? "waiting" : "done", ct, row.Id);
        if (large)
        {
            db.OnCommit(signal.Wake);
            return new(undo, 0, []);
        }
        using var act = journal.Within(undo);
        var done = 0;
        var problems = new List<RowProblem>();
        for (var last = (long?)long.MaxValue; ;)
        {
            var step = await reverter.Step(undo, row.Id, last.Value, ct);
            if (step.Last is null) break;
            last = step.Last;
            done += step.Done;
            problems.AddRange(step.Problems);
        }
        var (back, kept) = await merger.Part(row.Id, ct);
        done += back;
        problems.AddRange(kept);
        await operations.End(undo, "done", done, problems.Count, null, problems, ct);
        return new(undo, done, problems);
    }

    private async Task<Row> Find(long id, CancellationToken ct)
    {
        var row = await db.First<Row>($"select id, kind, label, type, user_id, at, ended_at, state, total, done, failed, message, file_name from platform.operation where id = {id}", ct);
        return row is not null && (row.UserId == me.Id || me.May(ManageAll)) ? row : throw new NotFound("操作");
    }

    private OperationInfo Info(Row r) => new(r.Id, r.Kind, r.Label, r.Type, caches.Organization.Person(r.UserId)?.Name ?? L("系统"), r.At, r.EndedAt, r.State,
        (int)r.Total, (int)r.Done, (int)r.Failed, r.Message,
        r.Kind is not ("undo" or "purge" or "export" or "dryrun") && r.State is "done" or "cancelled" or "failed" && r.Done > 0, r.FileName is not null);

    private sealed record Row(long Id, string Kind, string Label, string? Type, long UserId, DateTime At, DateTime? EndedAt, string State, long Total, long Done, long Failed, string? Message, string? FileName);
}
