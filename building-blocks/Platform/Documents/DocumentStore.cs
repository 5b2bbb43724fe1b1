using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Reads and writes the records of one type: under the scope, with versions, numbers, directory, history and owner times in one transaction.</summary>
internal sealed class DocumentStore<T>(
    Db db, ModuleCatalog catalog, ICurrentUser me, Scope scope, DraftChecks checks, DocumentWriter writer, Caches caches, Access access, TimeProvider clock, Reminders.ReminderKeeper reminders,
    IEnumerable<IDocumentRule<T>> rules) : IDocuments<T>, IDocumentStore where T : Document, new()
{
    public DocumentDefinition Definition { get; } = catalog.Document(typeof(T));

    public async Task<T> Get(long id, CancellationToken ct = default) =>
        (await Read($"t.id = {id} and t.deleted_at is null and {scope.Of(Definition.Type, "t")}", ct)).FirstOrDefault() ?? throw new NotFound(Definition.Label);

    public async Task<T> GetToChange(long id, CancellationToken ct = default)
    {
        var record = await Get(id, ct);
        if ((await Lesser([record], ct)).GetValueOrDefault(id, RowRight.Dispose) == RowRight.See) throw ReadOnly();
        return record;
    }

    public async Task<IReadOnlyList<T>> Find(IReadOnlyCollection<long> ids, CancellationToken ct = default) =>
        await Read($"{db.Dialect.In(Sql.Trusted("t.id"), ids)} and t.deleted_at is null and {scope.Of(Definition.Type, "t")}", ct);

    public async Task<T?> FindAny(long id, string reason, CancellationToken ct = default) =>
        (await Read($"t.id = {id} and t.deleted_at is null and {scope.All(Definition.Type, reason)}", ct)).FirstOrDefault();

    async Task<Document?> IDocumentStore.Find(long id, bool bin, CancellationToken ct) =>
        (await Read($"t.id = {id} and {Sql.Trusted(bin ? "t.deleted_at is not null" : "t.deleted_at is null")} and {scope.Of(Definition.Type, "t")}", ct)).FirstOrDefault();

    async Task<IReadOnlyList<Document>> IDocumentStore.Seen(IReadOnlyCollection<long> ids, CancellationToken ct) => await Find(ids, ct);

    async Task<Document?> IDocumentStore.FindWhere(long id, Sql seen, CancellationToken ct) =>
        (await Read($"t.id = {id} and t.deleted_at is null and {seen} and {scope.All(Definition.Type, "the condition says who sees it")}", ct)).FirstOrDefault();

    public async Task<IReadOnlyList<Document>> AnyLiving(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        await Read($"{db.Dialect.In(Sql.Trusted("t.id"), ids)} and t.deleted_at is null and {scope.All(Definition.Type, "the platform's own work, shown to nobody")}", ct);

    public async Task<IReadOnlyList<Document>> After(long id, int take, CancellationToken ct) =>
        await Read($"t.id > {id} and t.deleted_at is null and {scope.All(Definition.Type, "the platform's own work, shown to nobody")} order by t.id {db.Dialect.Page(take)}", ct);

    public async Task<long> Create(T record, IReadOnlySet<string>? confirmed = null, CancellationToken ct = default)
    {
        var change = new Change<T> { Kind = ChangeKind.Create, Now = record, Confirmed = confirmed ?? new HashSet<string>() };
        await CheckAndWrite([change], ct);
        return record.Id;
    }

    public Task CreateMany(IReadOnlyList<T> records, CancellationToken ct = default) =>
        CheckAndWrite([.. records.Select(r => new Change<T> { Kind = ChangeKind.Create, Now = r, Imported = true })], ct);

    public async Task Update(T record, IReadOnlySet<string>? confirmed = null, CancellationToken ct = default)
    {
        var before = await GetToChange(record.Id, ct);
        var change = new Change<T> { Kind = ChangeKind.Update, Before = before, Now = record, Confirmed = confirmed ?? new HashSet<string>() };
        if (before.Version != record.Version) throw await Stale(before, ct);
        await CheckAndWrite([change], ct);
    }

    public async Task Keep(IReadOnlyList<T> records, string reason, CancellationToken ct = default)
    {
        var known = records.Where(r => r.Id != 0).Select(r => r.Id).ToList();
        var before = known.Count == 0 ? [] : (await Read($"{db.Dialect.In(Sql.Trusted("t.id"), known)} and t.deleted_at is null and {scope.All(Definition.Type, reason)}", ct)).ToDictionary(r => r.Id);
        var changes = new List<Change<T>>(records.Count);
        foreach (var record in records)
        {
            var former = record.Id == 0 ? null : before.GetValueOrDefault(record.Id) ?? throw new NotFound(Definition.Label);
            if (former is not null && former.Version != record.Version) throw await Stale(former, ct);
            changes.Add(new Change<T> { Kind = former is null ? ChangeKind.Create : ChangeKind.Update, Before = former, Now = record, Imported = true });
        }
        foreach (var rule in rules) await rule.Before(changes, ct);
        Throw(changes);
        await Write(changes, ct);
    }

    public async Task Delete(long id, long version, CancellationToken ct = default)
    {
        var changes = await PrepareMove([new RowRef(id, version)], ChangeKind.Delete, ct);
        Throw(changes);
        await Write(changes, ct);
    }

    public string? SameAs(Document record) => rules.Select(r => r.SameAs((T)record)).FirstOrDefault(key => key is not null);

    public async Task<IReadOnlyList<Change>> Prepare(IReadOnlyList<Draft> drafts, DraftKind kind, CancellationToken ct)
    {
        var existing = drafts.Any(d => d.Id is not null) ? (await Find([.. drafts.Where(d => d.Id is not null).Select(d => d.Id!.Value)], ct)).ToDictionary(r => r.Id) : [];
        var lesser = await Lesser(existing.Values, ct);
        var (changes, lost) = (new List<Change<T>>(drafts.Count), new HashSet<Change<T>>());
        foreach (var draft in drafts)
        {
            T? before = null;
            if (draft.Id is { } id && !existing.TryGetValue(id, out before) && !kind.Rowwise) throw new NotFound(Definition.Label);
            if (before is not null && draft.Version != 0 && draft.Version != before.Version && !kind.Rowwise) throw await Stale(before, ct);
            if (kind.Rowwise && draft.Id is { } wanted && before?.Version != draft.Version)
            {
                var refused = new Change<T> { Kind = ChangeKind.Update, Before = before, Now = before ?? new T { Id = wanted } };
                if (before is null) refused.Refuse("id", $"{Definition.Label}不存在，或您无权操作。");
                else refused.Refuse("version", draft.Version == 0 ? "请给出所见的版本。" : $"已被{(before.UpdatedBy == me.Id ? "您在另一处" : caches.Organization.Person(before.UpdatedBy)?.Name ?? "系统")}修改，现在是版本 {before.Version}。");
                changes.Add(refused);
                lost.Add(refused);
                continue;
            }
            var right = before is null ? RowRight.Dispose : lesser.GetValueOrDefault(before.Id, RowRight.Dispose);
            if (right == RowRight.See && drafts.Count == 1 && kind is { Rowwise: false, Batch: false }) throw ReadOnly();
            var change = new Change<T>
            {
                Kind = before is null ? ChangeKind.Create : ChangeKind.Update,
                Before = before,
                Now = before is null ? New() : Rows.Copy(Definition, before),
                Confirmed = draft.Confirmed ?? new HashSet<string>(),
                Imported = kind.Imported,
                Drafted = !kind.Undo,
                Undone = kind.Undo,
            };
            checks.Apply(Definition, change, draft.Values, kind);
            if (right == RowRight.See) change.Refuse("", ReadOnly().Message);
            else if (right == RowRight.Change && before!.OwnerId != change.Now.OwnerId) change.Refuse("ownerId", "这份资料是共享给您的，不能更换负责人。");
            changes.Add(change);
        }
        await CheckAll([.. changes.Where(c => !lost.Contains(c))], ct);
        return changes;
    }

    public async Task<IReadOnlyList<Change>> PrepareMove(IReadOnlyList<RowRef> rows, ChangeKind kind, CancellationToken ct)
    {
        var state = Sql.Trusted(kind == ChangeKind.Delete ? "t.deleted_at is null" : "t.deleted_at is not null");
        var found = (await Read($"{db.Dialect.In(Sql.Trusted("t.id"), [.. rows.Select(r => r.Id)])} and {state} and {scope.Of(Definition.Type, "t", RowRight.Dispose)}", ct)).ToDictionary(r => r.Id);
        var (changes, at) = (new List<Change<T>>(), clock.GetUtcNow().UtcDateTime);
        foreach (var row in rows.DistinctBy(r => r.Id))
        {
            if (!found.TryGetValue(row.Id, out var before))
            {
                var missing = new Change<T> { Kind = kind, Before = new T { Id = row.Id }, Now = new T { Id = row.Id } };
                missing.Refuse("id", $"{Definition.Label}不存在，或您无权操作。");
                changes.Add(missing);
                continue;
            }
            var now = Rows.Copy(Definition, before);
            now.DeletedAt = kind == ChangeKind.Delete ? at : kind == ChangeKind.Restore ? null : before.DeletedAt;
            var change = new Change<T> { Kind = kind, Before = before, Now = now };
            if (row.Version != 0 && row.Version != before.Version) change.Refuse("version", "已被他人修改，请刷新后再试。");
            if (before.Approval == ApprovalState.Review) change.Refuse("", "审核中，撤回审核后才能删除。");
            changes.Add(change);
        }
        var good = changes.Where(c => c.Errors.Count == 0).ToList();
        foreach (var rule in rules) await rule.Before(good, ct);
        return changes;
    }

    public async Task<IReadOnlyList<Change>> PrepareOwner(IReadOnlyList<(long Id, long OwnerId)> rows, CancellationToken ct)
    {
        var owners = rows.ToDictionary(r => r.Id, r => r.OwnerId);
        var found = await Read($"{db.Dialect.In(Sql.Trusted("t.id"), owners.Keys)} and t.deleted_at is null and {scope.All(Definition.Type, "the act as a whole was allowed")}", ct);
        var changes = new List<Change<T>>(found.Count);
        foreach (var before in found)
        {
            var now = Rows.Copy(Definition, before);
            now.OwnerId = owners[before.Id];
            now.DepartmentId = caches.Organization.Person(owners[before.Id])?.DepartmentId;
            changes.Add(new Change<T> { Kind = ChangeKind.Update, Before = before, Now = now });
        }
        foreach (var rule in rules) await rule.Before(changes, ct);
        return changes;
    }

    public async Task<IReadOnlyList<Change<T>>> ChangeWhere(Sql rows, string reason, Action<Change<T>> change, CancellationToken ct = default)
    {
        var (hint, hold) = db.Engine.Hold("t");
        var found = await db.Read($"""
            select {Rows.Select(Definition, "t")} from {Sql.Trusted(Definition.Table)} t {Sql.Trusted(hint)}
            where t.deleted_at is null and ({rows}) and {scope.All(Definition.Type, reason)} order by t.id {Sql.Trusted(hold)}
            """, Rows.Reader<T>(Definition), ct);
        var changes = new List<Change<T>>(found.Count);
        foreach (var before in found)
        {
            var c = new Change<T> { Kind = ChangeKind.Update, Before = before, Now = Rows.Copy(Definition, before) };
            change(c);
            if (c.Now.OwnerId != before.OwnerId) c.Now.DepartmentId = c.Now.OwnerId is { } owner ? caches.Organization.Person(owner)?.DepartmentId : null;
            changes.Add(c);
        }
        foreach (var rule in rules) await rule.Before([.. changes.Where(c => c.Errors.Count == 0)], ct);
        await Write([.. changes.Where(c => c.Errors.Count == 0)], ct);
        return changes;
    }

    public async Task Merged(long stays, long lost, long operation, bool parted, CancellationToken ct)
    {
        foreach (var rule in rules) await (parted ? rule.Parted(stays, lost, operation, ct) : rule.Merged(stays, lost, operation, ct));
    }

    public async Task SetApproval(long id, string state, CancellationToken ct)
    {
        var before = (await Read($"t.id = {id} and {scope.All(Definition.Type, "approvers decide on what they are asked, not on what they see")}", ct)).FirstOrDefault() ?? throw new NotFound(Definition.Label);
        var now = Rows.Copy(Definition, before);
        now.Approval = state;
        if (await writer.Write(Definition, [new Change<T> { Kind = ChangeKind.Update, Before = before, Now = now }], ct) is { } stale) throw await Stale((T)stale, ct);
    }

    public async Task Write(IReadOnlyList<Change> changes, CancellationToken ct)
    {
        var mine = changes.Cast<Change<T>>().ToList();
        if (mine.Count == 0) return;
        if (await writer.Write(Definition, mine, ct) is { } stale) throw await Stale((T)stale, ct);
        foreach (var rule in rules) await rule.After(mine, ct);
        await Open(mine, ct);
        await reminders.Changed(Definition, mine, ct);
    }

    /// <summary>Who sees a document follows what it refers to; what is tied to it follows its owner.</summary>
    private async Task Open(List<Change<T>> changes, CancellationToken ct)
    {
        bool Moved(Change<T> c) => c.Before!.OwnerId != c.Now.OwnerId || c.Before.DepartmentId != c.Now.DepartmentId;
        var fields = access.FollowsFields(Definition);
        var references = Definition.Fields.Where(f => f is { Kind: FieldKind.Reference, System: false }).ToList();
        var tied = changes.Where(c => c.Kind == ChangeKind.Create ? fields
            : c.Kind == ChangeKind.Update && (Moved(c) || fields && references.Any(f => !Equals(f.Get(c.Before!), f.Get(c.Now))))).Select(c => c.Now.Id).ToList();
        if (tied.Count > 0) await access.Follow(Definition.Type, tied, ct);
        var sources = changes.Where(c => c.Kind is ChangeKind.Delete or ChangeKind.Restore || c.Kind == ChangeKind.Update && Moved(c)).Select(c => c.Now.Id).ToList();
        if (sources.Count > 0) await access.FollowFrom(Definition.Type, sources, ct);
    }

    /// <summary>Of the records the user sees, those less than wholly the user's: shared for reading or for changing.</summary>
    private async Task<Dictionary<long, RowRight>> Lesser(IReadOnlyCollection<T> records, CancellationToken ct)
    {
        var doubtful = records.Where(r => !scope.Covers(Definition, r.OwnerId, r.DepartmentId)).Select(r => r.Id).ToList();
        if (doubtful.Count == 0 || !Definition.Owned) return [];
        async Task<HashSet<long>> With(RowRight right) => [.. await db.Query<long>($"select t.id from {Sql.Trusted(Definition.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), doubtful)} and {scope.Of(Definition.Type, "t", right)}", ct)];
        var (wholly, change) = (await With(RowRight.Dispose), await With(RowRight.Change));
        return doubtful.Where(id => !wholly.Contains(id)).ToDictionary(id => id, id => change.Contains(id) ? RowRight.Change : RowRight.See);
    }

    async Task<RowRight> IDocumentStore.RightOn(Document record, CancellationToken ct) => (await Lesser([(T)record], ct)).GetValueOrDefault(record.Id, RowRight.Dispose);

    private NotAllowed ReadOnly() => new($"{Definition.Label}：修改（只与您共享阅读）");

    private async Task CheckAndWrite(IReadOnlyList<Change<T>> changes, CancellationToken ct)
    {
        await CheckAll(changes, ct);
        Throw(changes);
        await Write(changes, ct);
    }

    private async Task CheckAll(IReadOnlyList<Change<T>> changes, CancellationToken ct)
    {
        foreach (var change in changes.Where(c => c is { Drafted: true, Before: not null })) Over(change);
        if (Definition.Approvals)
            foreach (var change in changes) Frozen(change);
        await checks.Check(Definition, changes, ct);
        var good = changes.Where(c => c.Errors.Count == 0).ToList();
        foreach (var rule in rules) await rule.Before(good, ct);
    }

    /// <summary>What is under approval stays as it is; what was approved is approved anew after a change (DOC-9).</summary>
    private void Frozen(Change<T> change)
    {
        if (change.Before?.Approval == ApprovalState.Review) change.Refuse("", "审核中，内容已冻结。撤回审核后才能修改。");
        // Taken back, it stands as it did when it was approved: only what was written on purpose past this check is taken back here.
        if (change is { Undone: true, Imported: true }) return;
        // What is final is never approved anew: all that may change is whose it is.
        if (change.Before?.Approval != ApprovalState.Approved || Definition.IsFinal(change.Before)) return;
        var changed = Definition.Fields.Where(f => f.Name != "approval" && !Equals(f.Get(change.Before), f.Get(change.Now))).ToList();
        if (changed.Count == 0) return;
        if (change.Imported) change.Refuse("", "已审核通过，不能成批更改。");
        else change.Warn("approved", "", "这份资料已审核通过，修改后需要重新提交审核。", [.. changed.Where(f => !f.Hidden).Select(f => f.Label)]);
        change.Now.Approval = ApprovalState.Draft;
    }

    private void Over(Change<T> change)
    {
        if (Definition.IsFinal(change.Before!) && Definition.Fields.Any(f => f.Name is not ("ownerId" or "departmentId") && !Equals(f.Get(change.Before!), f.Get(change.Now))))
            change.Refuse("", $"{Definition.Label}已是“{Definition.StatusText(change.Before!)}”，不能再修改。");
    }

    /// <summary>Errors first, then what wants confirming.</summary>
    internal static void Throw(IReadOnlyList<Change> changes)
    {
        if (changes.SelectMany(c => c.Errors).ToList() is { Count: > 0 } errors) throw new Invalid(errors);
        if (changes.SelectMany(c => c.Warnings).ToList() is { Count: > 0 } warnings) throw new Unconfirmed(warnings);
    }

    private T New()
    {
        var record = new T();
        foreach (var f in Definition.Fields)
        {
            if (f.Default is { } value && (f.Name != "ownerId" || Definition.Owned)) f.Set(record, value(me));
            if (f.StartsNow) f.Set(record, clock.GetUtcNow().UtcDateTime);
        }
        return record;
    }

    private async Task<Conflict> Stale(T seen, CancellationToken ct)
    {
        var current = (await Read($"t.id = {seen.Id} and {scope.Of(Definition.Type, "t")}", ct)).FirstOrDefault() ?? throw new NotFound(Definition.Label);
        var owned = current.OwnerId == me.Id;
        return new Conflict(current.Version, current.UpdatedBy == me.Id ? "您在另一处" : caches.Organization.Person(current.UpdatedBy)?.Name ?? "系统", current.UpdatedAt,
            Definition.Fields.Where(f => !f.Hidden && f.VisibleTo(me)).ToDictionary(f => f.Name, f => f.Masked && !owned && f.Get(current) is string s ? DraftChecks.Mask(f, s) : f.Get(current)));
    }

    private Task<List<T>> Read(Sql where, CancellationToken ct) =>
        db.Read($"select {Rows.Select(Definition, "t")} from {Sql.Trusted(Definition.Table)} t where {where}", Rows.Reader<T>(Definition), ct);
}
