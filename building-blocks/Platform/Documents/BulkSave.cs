using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Saves many documents at once, each checked as if it came alone.</summary>
internal sealed class BulkSave(ModuleCatalog catalog, Stores stores, Journal journal, Operations operations, ICurrentUser me) : ICommandHandler<SaveDocuments, BulkResult>
{
    public const int MostRows = 1_000;

    public async Task<BulkResult> Handle(SaveDocuments command, CancellationToken ct)
    {
        var d = catalog.Document(command.Type);
        if (command.Rows.Count is 0 or > MostRows) throw new Invalid("rows", command.Rows.Count == 0 ? "请给出要保存的行。" : $"一次最多 {MostRows:N0} 行，现在有 {command.Rows.Count:N0} 行。");
        if (command.Rows.Any(r => r.Id is not null) && !me.May(d.Permission(DocumentRight.Update))) throw new NotAllowed($"{d.Label}：{ModuleCatalog.RightLabels[DocumentRight.Update]}");
        var store = stores.Of(d);
        var operation = await operations.Begin("bulk", $"批量保存{d.Label}", d.Type, command.Rows.Count, "done", ct);
        using var act = journal.Within(operation);
        var changes = await store.Prepare([.. command.Rows.Select(r => new Draft(r.Id, r.Version, r.Values, r.Confirmed?.ToHashSet()))], new DraftKind(Rowwise: true), ct);
        Twice(store, d, changes);
        var good = changes.Where(c => c.Errors.Count == 0 && c.Warnings.Count == 0).ToList();
        var failed = changes.Count - good.Count;
        if (command.AllOrNothing && failed > 0) throw new RowsRefused([.. changes.Select((c, i) => Result(c, i, "skipped"))]);
        await store.Write(good, ct);
        await operations.End(operation, "done", good.Count, failed, null,
            [.. changes.Where(c => c.Errors.Count + c.Warnings.Count > 0).Select(c => new RowProblem(c.Record.Id, d.Title.Get(c.Record) as string ?? "", string.Join("；", c.Errors.Select(e => e.Message).Concat(c.Warnings.Select(w => w.Message)))))], ct);
        return new(operation, good.Count, failed, [.. changes.Select((c, i) => Result(c, i, c.Kind == ChangeKind.Create ? "created" : c.Record.Version == c.Former?.Version ? "unchanged" : "changed"))]);
    }

    /// <summary>What the database can't tell yet: the same document twice, the same new thing twice.</summary>
    private static void Twice(IDocumentStore store, DocumentDefinition d, IReadOnlyList<Change> changes)
    {
        var (ids, keys) = (new Dictionary<long, int>(), new Dictionary<string, int>());
        for (var i = 0; i < changes.Count; i++)
        {
            var c = changes[i];
            if (c.Kind == ChangeKind.Update && !ids.TryAdd(c.Record.Id, i + 1)) c.Refuse("id", $"与第 {ids[c.Record.Id]} 行是同一份{d.Label}，一次只能修改一次。");
            if (c.Kind == ChangeKind.Create && store.SameAs(c.Record) is { } key && !keys.TryAdd(key, i + 1)) c.Warn("same-row", d.Title.Name, $"与第 {keys[key]} 行相同，请确认不是重复录入。");
        }
    }

    private static BulkRowResult Result(Change c, int i, string state) => c.Errors.Count + c.Warnings.Count > 0
        ? new(i + 1, "failed", c.Kind == ChangeKind.Update ? c.Record.Id : null, null, null, c.Errors, c.Warnings)
        : state == "skipped" ? new(i + 1, state, c.Kind == ChangeKind.Update ? c.Record.Id : null, null, null, [], [])
        : new(i + 1, state, c.Record.Id, c.Record.Version, c.Record.Number, [], []);
}
