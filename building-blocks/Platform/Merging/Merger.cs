using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Merging;

/// <summary>Carries merges out (see <see cref="IMerging"/>): holds both documents, takes over what is tied, deletes the one, changes the other.</summary>
internal sealed class Merger(Db db, ModuleCatalog catalog, Stores stores, Reach reach, IScope scope, MergedTies ties, Access access, DocumentTypes types, Journal journal, Operations operations, Caches caches, ICurrentUser me, TimeProvider clock) : IMerging
{
    public IReadOnlyList<FieldDefinition> Choices(string type) => [.. catalog.Document(type).Fields.Where(f => f is { System: false, Hidden: false, ReadOnly: false, Fixed: false })];

    public async Task<IReadOnlyList<MergeCount>> Count(string type, long stays, long lost, CancellationToken ct = default)
    {
        var d = catalog.Document(type);
        await reach.Living(d, stays, ct);
        await reach.Living(d, lost, ct);
        var counts = new List<MergeCount>();
        foreach (var source in ties.Sources(d))
        {
            var rows = (await db.Query<OfOne>(source.Count(stays, lost), ct)).ToDictionary(r => r.Id, r => r.Many);
            var (mine, others) = (rows.GetValueOrDefault(stays), rows.GetValueOrDefault(lost));
            if (mine + others > 0) counts.Add(new(source.Label, mine, others));
        }
        return [.. counts.GroupBy(c => c.Label).Select(g => new MergeCount(g.Key, g.Sum(c => c.Stays), g.Sum(c => c.Lost)))];
    }

    public async Task<Merged> Merge(string type, MergePlan plan, CancellationToken ct = default)
    {
        var d = catalog.Document(type);
        if (plan.Stays == plan.Lost) throw new Invalid("lost", $"请选择两份不同的{d.Label}。");
        var choices = Choices(type).Select(f => f.Name).ToHashSet();
        if (plan.FromLost.FirstOrDefault(f => !choices.Contains(f)) is { } unknown) throw new Invalid("fromLost", $"{d.Label}没有可以选择的字段“{(unknown.Length > 40 ? unknown[..40] : unknown)}”。");
        var (stays, lost) = (await reach.Changeable(d, plan.Stays, ct), await reach.Living(d, plan.Lost, ct));
        if (await reach.RightOn(d, lost, ct) != RowRight.Dispose) throw new NotAllowed($"{d.Label}：删除（只是共享给您）");
        await Hold(d, [(stays, plan.StaysVersion), (lost, plan.LostVersion)], ct);
        if (stays.Approval == ApprovalState.Review || lost.Approval == ApprovalState.Review) throw new RuleBroken($"审核中的{d.Label}不能合并，请等审核结束或先撤回。");

        var operation = await operations.Begin("merge", Short($"合并{d.Label}：“{DocumentDirectory.Title(d, lost)}”并入“{DocumentDirectory.Title(d, stays)}”"), d.Type, 1, "done", ct);
        journal.OperationId = operation;
        try
        {
            var now = clock.GetUtcNow().UtcDateTime;
            await db.Insert("platform.merge", ["operation_id", "type_id", "stays_id", "lost_id", "at"], [[operation, types.Id(d.Type), stays.Id, lost.Id, now]], ct);
            var moved = await ties.Take(d, operation, lost.Id, stays.Id, ct);
            // First the one goes, then the other takes its values: two of one credit code never stand side by side.
            await Write(stores.Of(d), await stores.Of(d).PrepareMove([new RowRef(lost.Id, lost.Version)], ChangeKind.Delete, ct), ct);
            var values = Values(d, plan, stays, lost);
            if (values.Count > 0) await Write(stores.Of(d), await stores.Of(d).Prepare([new Draft(stays.Id, stays.Version, values)], new DraftKind(Undo: true), ct), ct);
            await access.FollowFrom(d.Type, [stays.Id, lost.Id], ct);
            await stores.Of(d).Merged(stays.Id, lost.Id, operation, parted: false, ct);
            await operations.End(operation, "done", moved + 1, 0, $"“{DocumentDirectory.Title(d, lost)}”并入“{DocumentDirectory.Title(d, stays)}”，{moved} 条关联资料随之归入。", [], ct);
            return new(operation, moved);
        }
        finally
        {
            journal.OperationId = null;
        }
    }

    public async Task<int> Sweep(long operation, CancellationToken ct = default)
    {
        if (await Find(operation, ct) is not { } merge || types.Name(merge.TypeId) is not { } type) return 0;
        var outer = journal.OperationId;
        journal.OperationId = operation;
        try
        {
            return await ties.Take(catalog.Document(type), operation, merge.LostId, merge.StaysId, ct);
        }
        finally
        {
            journal.OperationId = outer;
        }
    }

    /// <summary>Gives back what went over in a merge, once the lost document is there again. Nothing where the operation was none, or the document is gone for good.</summary>
    /// <returns>How many rows went back.</returns>
    public async Task<int> Part(long operation, CancellationToken ct)
    {
        if (await Find(operation, ct) is not { } merge || types.Name(merge.TypeId) is not { } type) return 0;
        if (await db.First<long>($"select count(*) from platform.document where id = {merge.LostId} and deleted = {false}", ct) == 0) return 0;
        var d = catalog.Document(type);
        var back = await ties.GiveBack(d, operation, merge.LostId, merge.StaysId, ct);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"update platform.merge set parted_at = {now} where operation_id = {operation}", ct);
        await access.FollowFrom(type, [merge.StaysId, merge.LostId], ct);
        await stores.Of(d).Merged(merge.StaysId, merge.LostId, operation, parted: true, ct);
        return back;
    }

    private Task<Row?> Find(long operation, CancellationToken ct) => db.First<Row>($"select type_id, stays_id, lost_id from platform.merge where operation_id = {operation} and parted_at is null", ct);

    /// <summary>Both rows are taken in the order of their ids: of two merges that cross, one wins and the other is told. A form open elsewhere meets the version.</summary>
    private async Task Hold(DocumentDefinition d, IEnumerable<(Document Record, long Seen)> rows, CancellationToken ct)
    {
        foreach (var (record, seen) in rows.OrderBy(r => r.Record.Id))
            if (await db.Execute($"update {Sql.Trusted(d.Table)} set version = version where id = {record.Id} and version = {seen} and deleted_at is null and {scope.All(d.Type, "the row was read under the user's scope in this transaction")}", ct) == 0)
                throw new Conflict(record.Version, record.UpdatedBy == me.Id ? "您在另一处" : caches.Organization.Person(record.UpdatedBy)?.Name ?? "他人", record.UpdatedAt, new Dictionary<string, object?>());
    }

    /// <summary>What the one that stays shall have: the chosen values, and in place of the lost one whatever that referred to.</summary>
    private static Dictionary<string, object?> Values(DocumentDefinition d, MergePlan plan, Document stays, Document lost)
    {
        var values = plan.FromLost.Distinct().ToDictionary(name => name, name => d.Field(name).Get(lost));
        foreach (var f in d.Fields.Where(f => f is { Kind: FieldKind.Reference, System: false } && f.RefersTo == d.Type))
            if (f.Get(stays) as long? == lost.Id && !values.ContainsKey(f.Name)) values[f.Name] = f.Get(lost);
        foreach (var (name, value) in values.ToList())
            if (value as long? == stays.Id && d.Field(name).RefersTo == d.Type) values[name] = null;
        return values;
    }

    private static async Task Write(IDocumentStore store, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        if (changes.SelectMany(c => c.Errors).ToList() is { Count: > 0 } errors) throw new Invalid(errors);
        await store.Write(changes, ct);
    }

    private static string Short(string label) => label.Length > 200 ? label[..199] + "…" : label;

    private sealed record Row(long TypeId, long StaysId, long LostId);

    private sealed record OfOne(long Id, long Many);
}
