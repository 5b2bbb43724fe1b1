using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>The journal of acts over many rows (DOC-14): who, what, how many, how it ended.</summary>
internal sealed class Operations(Db db, ICurrentUser me, IIds ids, TimeProvider clock)
{
    private static readonly string[] Columns = ["id", "kind", "label", "type", "user_id", "at", "ended_at", "state", "total", "done", "failed", "undo_of"];

    public async Task<long> Begin(string kind, string label, string? type, int total, string state, CancellationToken ct, long? undoOf = null)
    {
        var id = ids.Next();
        await db.Insert("platform.operation", Columns, [[id, kind, label, type, me.Id, clock.GetUtcNow().UtcDateTime, null, state, (long)total, 0L, 0L, undoOf]], ct);
        return id;
    }

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
internal sealed class OperationHandlers(Db db, ModuleCatalog catalog, DocumentTypes types, Stores stores, Operations operations, Journal journal, ICurrentUser me, Caches caches)
    : IQueryHandler<ListOperations, IReadOnlyList<OperationInfo>>, IQueryHandler<GetOperation, OperationInfo>,
      ICommandHandler<CancelOperation, Done>, ICommandHandler<UndoOperation, BatchResult>
{
    /// <summary>Sees and undoes everyone's operations.</summary>
    public const string ManageAll = "settings.operations.manage";

    public async Task<IReadOnlyList<OperationInfo>> Handle(ListOperations query, CancellationToken ct)
    {
        var everyone = query.Everyones && me.May(ManageAll);
        var rows = await db.Query<Row>($"""
            select id, kind, label, type, user_id, at, ended_at, state, total, done, failed, message, file from platform.operation
            {Sql.When(!everyone, $"where user_id = {me.Id}")} order by id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}
            """, ct);
        return [.. rows.Select(Info)];
    }

    public async Task<OperationInfo> Handle(GetOperation query, CancellationToken ct) => Info(await Find(query.Id, ct));

    public async Task<Done> Handle(CancelOperation command, CancellationToken ct)
    {
        await Find(command.Id, ct);
        if (await db.Execute($"update platform.operation set state = 'cancelling' where id = {command.Id} and state in ('waiting', 'running')", ct) == 0)
            throw new RuleBroken("该操作已经结束，不能取消。");
        return default;
    }

    public async Task<BatchResult> Handle(UndoOperation command, CancellationToken ct)
    {
        var row = await Find(command.Id, ct);
        if (!Info(row).CanUndo) throw new RuleBroken(row.State == "undone" ? "该操作已经撤销过。" : "该操作不能撤销。");
        // One winner, however many click: the row is claimed before anything is undone.
        if (await db.Execute($"update platform.operation set state = 'undone' where id = {row.Id} and state in ('done', 'cancelled', 'failed')", ct) == 0)
            throw new RuleBroken("该操作已经撤销过。");
        var d = catalog.Document(row.Type!);
        var undo = await operations.Begin("undo", $"撤销：{row.Label}", row.Type, (int)row.Done, "done", ct, row.Id);
        journal.OperationId = undo;
        try
        {
            return await Undo(row.Id, undo, ct);
        }
        finally
        {
            journal.OperationId = null;
        }
    }

    private async Task<BatchResult> Undo(long operation, long undo, CancellationToken ct)
    {
        var done = 0;
        var problems = new List<RowProblem>();
        var last = long.MaxValue;
        while (true)
        {
            // Newest first: what was tied to a row goes before the row itself.
            var steps = await db.Query<Step>($"""
                select h.id, h.document_id, h.version, h.kind, h.changes, n.type_id, n.title from platform.history h left join platform.document n on n.id = h.document_id
                where h.operation_id = {operation} and h.id < {last} and h.kind in ('create', 'update', 'delete', 'restore') order by h.id desc {db.Dialect.Page(500)}
                """, ct);
            if (steps.Count == 0) break;
            last = steps[^1].Id;
            foreach (var group in steps.GroupBy(s => s.TypeId))
            {
                if (group.Key is not { } typeId || types.Name(typeId) is not { } type || catalog.FindDocument(type) is not { } d)
                {
                    problems.AddRange(group.Select(s => new RowProblem(s.DocumentId, s.Title ?? "", "记录已被彻底删除。")));
                    continue;
                }
                var (n, found) = await Revert(stores.Of(d), [.. group], ct);
                done += n;
                problems.AddRange(found);
            }
        }
        await operations.End(undo, "done", done, problems.Count, null, problems, ct);
        return new(undo, done, problems);
    }

    private static async Task<(int Done, List<RowProblem> Problems)> Revert(IDocumentStore store, IReadOnlyList<Step> steps, CancellationToken ct)
    {
        var problems = new List<RowProblem>();
        var changes = new List<Change>();
        foreach (var (kind, move) in new[] { ("create", ChangeKind.Delete), ("restore", ChangeKind.Delete), ("delete", ChangeKind.Restore) })
            if (steps.Where(s => s.Kind == kind).ToList() is { Count: > 0 } some)
                changes.AddRange(await store.PrepareMove([.. some.Select(s => new RowRef(s.DocumentId, s.Version))], move, ct));
        foreach (var step in steps.Where(s => s.Kind == "update"))
            if (await store.Find(step.DocumentId, bin: false, ct) is not { } record) problems.Add(new(step.DocumentId, step.Title ?? "", "记录已被删除。"));
            else if (record.Version != step.Version) problems.Add(new(step.DocumentId, step.Title ?? "", "此后又被修改过，保持现状。"));
            else
                changes.AddRange(await store.Prepare([new Draft(step.DocumentId, step.Version, Journal.Read(step.Changes).ToDictionary(c => c.Field, c => (object?)c.Old))],
                    new DraftKind(Imported: true, System: true), ct));
        foreach (var bad in changes.Where(c => c.Errors.Count > 0))
            problems.Add(new(bad.Record.Id, steps.First(s => s.DocumentId == bad.Record.Id).Title ?? "", string.Join("；", bad.Errors.Select(e => e.Message)).Replace("请刷新后再试", "保持现状")));
        var good = changes.Where(c => c.Errors.Count == 0).ToList();
        await store.Write(good, ct);
        return (good.Count, problems);
    }

    private async Task<Row> Find(long id, CancellationToken ct)
    {
        var row = await db.First<Row>($"select id, kind, label, type, user_id, at, ended_at, state, total, done, failed, message, file from platform.operation where id = {id}", ct);
        return row is not null && (row.UserId == me.Id || me.May(ManageAll)) ? row : throw new NotFound("操作");
    }

    private OperationInfo Info(Row r) => new(r.Id, r.Kind, r.Label, r.Type, caches.Organization.Person(r.UserId)?.Name ?? "系统", r.At, r.EndedAt, r.State,
        (int)r.Total, (int)r.Done, (int)r.Failed, r.Message,
        r.Kind is not ("undo" or "purge" or "export") && r.State is "done" or "cancelled" or "failed" && r.Done > 0 && r.Type is not null && r.Kind is not ("undo" or "purge" or "export"), r.File is not null);

    private sealed record Row(long Id, string Kind, string Label, string? Type, long UserId, DateTime At, DateTime? EndedAt, string State, long Total, long Done, long Failed, string? Message, string? File);

    private sealed record Step(long Id, long DocumentId, long Version, string Kind, string? Changes, long? TypeId, string? Title);
}
