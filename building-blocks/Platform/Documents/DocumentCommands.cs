using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Carries out the commands every document type has.</summary>
internal sealed class DocumentCommands(Db db, IScope scope, ModuleCatalog catalog, Stores stores, Journal journal, Operations operations)
    : ICommandHandler<SaveDocument, Saved>, ICommandHandler<DeleteDocuments, BatchResult>, ICommandHandler<RestoreDocuments, BatchResult>,
      ICommandHandler<PurgeDocuments, BatchResult>, ICommandHandler<ChangeDocuments, BatchResult>
{
    /// <summary>Rows one command may change; more go in several commands.</summary>
    public const int MostRows = 5_000;

    public async Task<Saved> Handle(SaveDocument command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        var store = stores.Of(d);
        if (command.Id is not null && command.Version <= 0 && !command.AnyVersion) throw new Invalid("version", "缺少版本号，请刷新后再保存。");
        if (command is { Id: { } id, AnyVersion: true }) await Hold(d, id, ct);
        var changes = await store.Prepare([new Draft(command.Id, command.Version, command.Values, command.Confirmed?.ToHashSet())], new DraftKind(), ct);
        Throw(changes);
        await store.Write(changes, ct);
        var record = changes[0].Record;
        return new(record.Id, record.Version, record.Number);
    }

    public Task<BatchResult> Handle(DeleteDocuments command, CancellationToken ct) => Move(command.Type, command.Rows, ChangeKind.Delete, "删除", ct);
    public Task<BatchResult> Handle(RestoreDocuments command, CancellationToken ct) => Move(command.Type, command.Rows, ChangeKind.Restore, "恢复", ct);
    public Task<BatchResult> Handle(PurgeDocuments command, CancellationToken ct) => Move(command.Type, command.Rows, ChangeKind.Purge, "彻底删除", ct);

    public async Task<BatchResult> Handle(ChangeDocuments command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        Limit(command.Rows);
        if (command.Values.Count == 0) throw new Invalid("", "请选择要修改的字段。");
        var label = $"批量修改{d.Label}：{string.Join("、", command.Values.Keys.Select(k => d.Find(k)?.Label ?? k))}";
        return await Journaled("change", label, d, async store =>
        {
            var visible = (await store.Seen([.. command.Rows.Select(r => r.Id).Distinct()], ct)).Select(r => r.Id).ToHashSet();
            var changes = visible.Count == 0 ? [] : await store.Prepare([.. visible.Select(id => new Draft(id, 0, command.Values))], new DraftKind(Batch: true), ct);
            // Nobody is asked row by row here.
            foreach (var change in changes)
                if (change.Warnings.FirstOrDefault(w => w.Code == "approved") is { } approved) change.Refuse("", approved.Message);
            // A wrong value is wrong for every row: told at its field.
            if (changes.Count > 0 && changes.All(c => c.Errors.Count > 0)) throw new Invalid(changes[0].Errors);
            return [.. changes, .. command.Rows.Where(r => !visible.Contains(r.Id)).Select(r => Missing(d, r.Id))];
        }, command.Rows.Count, ct);
    }

    private async Task<BatchResult> Move(string type, IReadOnlyList<RowRef> rows, ChangeKind kind, string verb, CancellationToken ct)
    {
        var d = catalog.Document(type);
        Limit(rows);
        if (rows is [{ Version: 0 } only]) await Hold(d, only.Id, ct);
        return await Journaled(kind.ToString().ToLowerInvariant(), $"{verb}{d.Label}", d, store => store.PrepareMove(rows, kind, ct), rows.Count, ct);
    }

    private async Task<BatchResult> Journaled(string kind, string label, DocumentDefinition d, Func<IDocumentStore, Task<IReadOnlyList<Change>>> prepare, int total, CancellationToken ct)
    {
        var store = stores.Of(d);
        var operation = await operations.Begin(kind, label, d.Type, total, "done", ct);
        using var act = journal.Within(operation);
        var changes = await prepare(store);
        var good = changes.Where(c => c.Errors.Count == 0).ToList();
        await store.Write(good, ct);
        var problems = changes.Where(c => c.Errors.Count > 0)
            .Select(c => new RowProblem(c.Record.Id, DocumentDirectory.Title(d, c.Record), string.Join("；", c.Errors.Select(e => e.Message)), c.Errors[0].Field)).ToList();
        await operations.End(operation, "done", good.Count, problems.Count, null, problems, ct);
        return new(operation, good.Count, problems);
    }

    /// <summary>Whatever version stands is read only once nobody else can change it any more: else it could be overtaken before it is written.</summary>
    private Task Hold(DocumentDefinition d, long id, CancellationToken ct) =>
        db.Execute($"update {Sql.Trusted(d.Table)} set version = version where id = {id} and {scope.All(d.Type, "held, not changed; what may be changed is read next")}", ct);

    private static Change Missing(DocumentDefinition d, long id)
    {
        var missing = new Change<AnyDocument> { Kind = ChangeKind.Update, Now = new AnyDocument { Id = id } };
        missing.Refuse("", $"{d.Label}不存在，或您无权操作。");
        return missing;
    }

    private static void Limit(IReadOnlyList<RowRef> rows)
    {
        if (rows.Count == 0) throw new Invalid("", "请先选择要处理的行。");
        if (rows.Count > MostRows) throw new Invalid("", $"一次最多处理 {MostRows:N0} 行，现在选择了 {rows.Count:N0} 行。");
    }

    internal static void Throw(IReadOnlyList<Change> changes)
    {
        if (changes.SelectMany(c => c.Errors).ToList() is { Count: > 0 } errors) throw new Invalid(errors);
        if (changes.SelectMany(c => c.Warnings).ToList() is { Count: > 0 } warnings) throw new Unconfirmed(warnings);
    }

    private sealed class AnyDocument : Document;
}
