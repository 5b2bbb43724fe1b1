using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Merging;

/// <summary>Carries merges out (see <see cref="IMerging"/>): holds both documents, takes over what is tied, deletes the one, changes the other.</summary>
internal sealed class Merger(Db db, ModuleCatalog catalog, Stores stores, Reach reach, IScope scope, MergedTies ties, Access access, DocumentTypes types, Journal journal, Operations operations, Caches caches, IReminders reminders, ICurrentUser me, TimeProvider clock) : IMerging
{
    /// <summary>The kind of the lines in the histories of the two.</summary>
    private const string Kind = "merged";

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
        using var act = journal.Within(operation);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Insert("platform.merging", ["operation_id", "type_id", "stays_id", "lost_id", "at"], [[operation, types.Id(d.Type), stays.Id, lost.Id, now]], ct);
        var moved = await ties.Take(d, operation, lost.Id, stays.Id, ct);
        await Join(stores.Of(d), d, plan, stays, lost, ct);
        await access.FollowFrom(d.Type, [stays.Id, lost.Id], ct);
        await reminders.Refresh(d.Type, [stays.Id], ct);
        await stores.Of(d).Merged(stays.Id, lost.Id, operation, parted: false, ct);
        await operations.End(operation, "done", moved + 1, 0, $"“{DocumentDirectory.Title(d, lost)}”并入“{DocumentDirectory.Title(d, stays)}”，{moved} 条关联资料随之归入。", [], ct);
        return new(operation, moved);
    }

    public async Task<int> Sweep(long operation, CancellationToken ct = default)
    {
        if (await Find(operation, ct) is not { } merge || types.Name(merge.TypeId) is not { } type) return 0;
        using var act = journal.Within(operation);
        return await ties.Take(catalog.Document(type), operation, merge.LostId, merge.StaysId, ct);
    }

    /// <summary>Makes two of them again: the one gives back the values it still has of the lost one, which comes back, and what went over goes home. Nothing where the operation was no merge.</summary>
    public async Task<(int Back, List<RowProblem> Problems)> Part(long operation, CancellationToken ct)
    {
        if (await Find(operation, ct) is not { } merge || types.Name(merge.TypeId) is not { } type) return (0, []);
        var d = catalog.Document(type);
        var store = stores.Of(d);
        var problems = new List<RowProblem>();
        // The one gives the values back before the other comes: two of one credit code never stand side by side. What refers to the other waits until it is there.
        await TakeBack(store, d, operation, merge.StaysId, f => f.RefersTo != d.Type, problems, ct);
        var restored = await store.PrepareMove([new RowRef(merge.LostId)], ChangeKind.Restore, ct);
        if (restored[0].Errors.Count > 0) throw new RuleBroken($"“{DocumentDirectory.Title(d, restored[0].Record)}”不能恢复，没有撤销：{string.Join("；", restored[0].Errors.Select(e => e.Message))}");
        await store.Write(restored, ct);
        await TakeBack(store, d, operation, merge.StaysId, f => f.RefersTo == d.Type, problems, ct);
        var back = await ties.GiveBack(d, operation, merge.LostId, merge.StaysId, ct);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"update platform.merging set parted_at = {now} where operation_id = {operation}", ct);
        await access.FollowFrom(type, [merge.StaysId, merge.LostId], ct);
        await reminders.Refresh(type, [merge.StaysId, merge.LostId], ct);
        await store.Merged(merge.StaysId, merge.LostId, operation, parted: true, ct);
        return (back + 1, problems);
    }

    /// <summary>The one goes, then the other takes its values: two of one credit code never stand side by side. What referred from the one to the other refers to nothing that is gone.</summary>
    private async Task Join(IDocumentStore store, DocumentDefinition d, MergePlan plan, Document stays, Document lost, CancellationToken ct)
    {
        journal.Named = ([stays.Id, lost.Id], Kind);
        try
        {
            var own = d.Fields.Where(f => f is { Kind: FieldKind.Reference, System: false } && f.RefersTo == d.Type && f.Get(stays) as long? == lost.Id).ToDictionary(f => f.Name, f => Other(d, f, f.Get(lost), stays));
            var version = await Set(store, stays.Id, stays.Version, own, ct);
            await Write(store, await store.PrepareMove([new RowRef(lost.Id, lost.Version)], ChangeKind.Delete, ct), ct);
            await Set(store, stays.Id, version, plan.FromLost.Distinct().ToDictionary(name => name, name => Other(d, d.Field(name), d.Field(name).Get(lost), stays)), ct);
        }
        finally
        {
            journal.Named = null;
        }
    }

    /// <summary>A record refers to others, not to itself.</summary>
    private static object? Other(DocumentDefinition d, FieldDefinition f, object? value, Document stays) => f.RefersTo == d.Type && value as long? == stays.Id ? null : value;

    private static async Task<long> Set(IDocumentStore store, long id, long version, Dictionary<string, object?> values, CancellationToken ct)
    {
        if (values.Count == 0) return version;
        var changes = await store.Prepare([new Draft(id, version, values)], new DraftKind(Undo: true), ct);
        await Write(store, changes, ct);
        return changes[0].Record.Version;
    }

    private async Task TakeBack(IDocumentStore store, DocumentDefinition d, long operation, long stays, Func<FieldDefinition, bool> which, List<RowProblem> problems, CancellationToken ct)
    {
        if (await store.Find(stays, bin: false, ct) is not { } record)
        {
            if (problems.Count == 0) problems.Add(new(stays, "", $"保留的{d.Label}已被删除，或您无权查看。"));
            return;
        }
        var lines = await db.Query<string?>($"select changes from platform.history where operation_id = {operation} and document_id = {stays} and kind = {Kind} order by id desc", ct);
        var zone = Zones.Find(caches.Company.TimeZone);
        var values = new Dictionary<string, object?>();
        foreach (var (name, was, became) in lines.SelectMany(Journal.Read))
        {
            if (d.Find(name) is not { System: false, ReadOnly: false, Hidden: false } f || !which(f)) continue;
            var now = values.TryGetValue(name, out var value) ? value : f.Get(record);
            // What someone chose since stays as they chose it.
            if (Equals(now, FieldCodec.Parse(f, became, zone))) values[name] = FieldCodec.Parse(f, was, zone);
            else problems.Add(new(stays, DocumentDirectory.Title(d, record), $"{f.Label}此后又被修改过，保持现状。", name));
        }
        if (values.Count == 0) return;
        var changes = await store.Prepare([new Draft(stays, record.Version, values)], new DraftKind(System: true, Undo: true), ct);
        problems.AddRange(changes[0].Errors.Select(e => new RowProblem(stays, DocumentDirectory.Title(d, record), e.Message, e.Field)));
        if (changes[0].Errors.Count == 0) await store.Write(changes, ct);
    }

    private Task<Row?> Find(long operation, CancellationToken ct) => db.First<Row>($"select type_id, stays_id, lost_id from platform.merging where operation_id = {operation} and parted_at is null", ct);

    /// <summary>Both rows are taken in the order of their ids: of two merges that cross, one wins and the other is told. A form open elsewhere meets the version.</summary>
    private async Task Hold(DocumentDefinition d, IEnumerable<(Document Record, long Seen)> rows, CancellationToken ct)
    {
        foreach (var (record, seen) in rows.OrderBy(r => r.Record.Id))
            if (await db.Execute($"update {Sql.Trusted(d.Table)} set version = version where id = {record.Id} and version = {seen} and deleted_at is null and {scope.All(d.Type, "the row was read under the user's scope in this transaction")}", ct) == 0)
                throw new Conflict(record.Version, record.UpdatedBy == me.Id ? "您在另一处" : caches.Organization.Person(record.UpdatedBy)?.Name ?? "他人", record.UpdatedAt, new Dictionary<string, object?>());
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
