using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Keeps the department of rows in step with their owners, over all document types (SEC-3, DOC-15).</summary>
internal sealed class Ownership(Db db, ModuleCatalog catalog, IScope scope, Stores stores, Operations operations, Journal journal, DocumentTypes types, Caches caches, IEnumerable<IHandsOver> besides, TimeProvider clock) : IOwnership
{
    public async Task DepartmentChanged(long personId, long? departmentId, CancellationToken ct = default)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"""
            insert into platform.tenure (document_id, owner_id, department_id, stage, from_at)
            select document_id, owner_id, {departmentId}, stage, {now} from platform.tenure where owner_id = {personId} and to_at is null
            """, ct);
        await db.Execute($"update platform.tenure set to_at = {now} where owner_id = {personId} and to_at is null and from_at < {now}", ct);
        await db.Execute($"update platform.document set department_id = {departmentId} where owner_id = {personId}", ct);
        foreach (var d in catalog.Documents.Where(d => d.Owned))
            await db.Execute($"update platform.access set department_id = {departmentId} where type_id = {types.Id(d.Type)} and user_id = {personId} and cause in ({AccessCause.Tie}, {AccessCause.Owner})", ct);
        foreach (var d in catalog.Documents.Where(d => d.Owned))
            await db.Execute($"update {Sql.Trusted(d.Table)} set department_id = {departmentId} where owner_id = {personId} and {scope.All(d.Type, "what a person owns goes along to the new department")}", ct);
    }

    public async Task<IReadOnlyDictionary<string, long>> Owned(long personId, CancellationToken ct = default) => (await Holdings(personId, ct)).ToDictionary(h => h.Label, h => h.Count);

    public async Task<IReadOnlyList<Holding>> Holdings(long personId, CancellationToken ct = default)
    {
        var holdings = new List<Holding>();
        foreach (var d in catalog.Documents.Where(d => d is { Owned: true, FiguresOf: null }))
            if (await db.First<long>($"select count(*) from {Sql.Trusted(d.Table)} t where t.owner_id = {personId} and t.deleted_at is null and {scope.All(d.Type, "a count for hand-over")}", ct) is > 0 and var n)
                holdings.Add(new(d.Type, d.Label, n));
        return holdings;
    }

    public async Task<BatchResult> HandOver(long personId, IReadOnlyDictionary<string, IReadOnlyList<long>> heirs, string label, IReadOnlyList<HeirRule>? rules = null, long? besideTo = null, CancellationToken ct = default)
    {
        var moving = (await Holdings(personId, ct)).Where(h => heirs.TryGetValue(h.Type, out var who) && who.Count > 0 || rules?.Any(r => r.Type == h.Type) == true).ToList();
        if (moving.Count == 0 && (besideTo is null || (await Beside(personId, ct)).Count == 0)) throw new RuleBroken("没有可以交接的记录：名下没有记录，或没有为它们选择接手人。");
        var operation = await operations.Begin("hand-over", label, moving is [var only] ? only.Type : null, (int)moving.Sum(h => h.Count), "done", ct);
        var done = 0;
        var problems = new List<RowProblem>();
        using (journal.Within(operation))
        {
            foreach (var h in moving)
            {
                var (n, found) = await HandOver(catalog.Document(h.Type), personId, Turns(catalog.Document(h.Type), heirs.GetValueOrDefault(h.Type) ?? [], rules), ct);
                done += n;
                problems.AddRange(found);
            }
        }

        var beside = besideTo is { } heir ? await MoveBeside(operation, personId, heir, ct) : 0;
        // What goes along with another document, as a customer's contacts do, was moved, too.
        done = (int)await db.First<long>($"select count(distinct h.document_id) from platform.history h where h.operation_id = {operation} and h.kind = 'update'", ct) + beside;
        var message = $"{string.Join("、", moving.Select(h => $"{h.Count} 份{h.Label}"))}；成功 {done}，未能交接 {problems.Count}。";
        await operations.End(operation, "done", done, problems.Count, message, problems, ct);
        return new(operation, done, problems);
    }

    public async Task<IReadOnlyList<Holding>> Beside(long personId, CancellationToken ct = default)
    {
        var found = new List<Holding>();
        foreach (var b in besides)
            if (await b.Count(personId, ct) is > 0 and var n) found.Add(new(b.Name, b.Label, n));
        return found;
    }

    public async Task<IReadOnlyDictionary<long, long>> Shares(long personId, string type, IReadOnlyList<long> heirs, IReadOnlyList<HeirRule> rules, CancellationToken ct = default)
    {
        var (d, shares) = (catalog.Document(type), new Dictionary<long, long>());
        var turns = Turns(d, heirs, rules);
        foreach (var row in await Named(d, turns, $"t.owner_id = {personId}", ct))
            if (turns.Next(row.Value) is { } heir) shares[heir] = shares.GetValueOrDefault(heir) + 1;
        return shares;
    }

    /// <summary>Undo of a hand-over: what is no document has no history to go by, the act itself has noted it.</summary>
    public async Task TakeBack(long operation, CancellationToken ct)
    {
        if (await db.First<string>($"select job from platform.operation where id = {operation} and kind = 'hand-over'", ct) is not { Length: > 0 } noted) return;
        foreach (var moved in JsonSerializer.Deserialize<List<Moved>>(noted) ?? [])
            if (besides.FirstOrDefault(b => b.Name == moved.Name) is { } beside) await beside.Move(moved.To, moved.From, moved.Ids, ct);
    }

    private async Task<int> MoveBeside(long operation, long personId, long heir, CancellationToken ct)
    {
        var moved = new List<Moved>();
        foreach (var b in besides)
            if (await b.Move(personId, heir, null, ct) is { Count: > 0 } ids) moved.Add(new(b.Name, personId, heir, ids));
        if (moved.Count > 0) await db.Execute($"update platform.operation set job = {JsonSerializer.Serialize(moved)} where id = {operation}", ct);
        return moved.Sum(m => m.Ids.Count);
    }

    private sealed record Moved(string Name, long From, long To, IReadOnlyList<long> Ids);

    /// <summary>The rows with the values the rules ask for, in the order in which heirs take turns.</summary>
    private Task<List<(long Id, Func<FieldDefinition, string?> Value)>> Named(DocumentDefinition d, HeirTurns turns, Sql rows, CancellationToken ct)
    {
        var fields = turns.Fields;
        return db.Read($"select t.id{Sql.Trusted(string.Concat(fields.Select(f => ", t." + f.Column)))} from {Sql.Trusted(d.Table)} t where {rows} and t.deleted_at is null and {scope.All(d.Type, "all a person owns is handed over, whoever else may see it")} order by t.id",
            r =>
            {
                var values = fields.Select((f, i) => (f, r.IsDBNull(1 + i) ? null : r.GetString(1 + i))).ToDictionary(v => v.f, v => v.Item2);
                return (r.GetInt64(0), (Func<FieldDefinition, string?>)(f => values[f]));
            }, ct);
    }

    private HeirTurns Turns(DocumentDefinition d, IReadOnlyList<long> heirs, IReadOnlyList<HeirRule>? rules) => new(d, heirs, [.. (rules ?? []).Where(r => r.Type == d.Type)], caches.Dictionaries);

    private async Task<(int Done, List<RowProblem> Problems)> HandOver(DocumentDefinition d, long personId, HeirTurns heirs, CancellationToken ct)
    {
        var store = stores.Of(d);
        var (done, last) = (0, 0L);
        var problems = new List<RowProblem>();
        while (true)
        {
            var ids = await db.Query<long>($"""
                select t.id from {Sql.Trusted(d.Table)} t
                where t.owner_id = {personId} and t.deleted_at is null and t.id > {last} and {scope.All(d.Type, "all a person owns is handed over, whoever else may see it")} order by t.id {db.Dialect.Page(500)}
                """, ct);
            if (ids.Count == 0) return (done, problems);
            last = ids[^1];
            var owners = (await Named(d, heirs, $"{db.Dialect.In(Sql.Trusted("t.id"), ids)}", ct)).Select(r => (r.Id, Heir: heirs.Next(r.Value))).Where(r => r.Heir is not null).Select(r => (r.Id, r.Heir!.Value)).ToList();
            var changes = await store.PrepareOwner(owners, ct);
            problems.AddRange(changes.Where(c => c.Errors.Count > 0).Select(c => new RowProblem(c.Record.Id, DocumentDirectory.Title(d, c.Record), string.Join("；", c.Errors.Select(e => e.Message)))));
            var good = changes.Where(c => c.Errors.Count == 0).ToList();
            await store.Write(good, ct);
            done += good.Count;
        }
    }
}

/// <summary>The organization and the dictionaries for modules, always of this moment.</summary>
internal sealed class Live(Caches caches) : IOrganization, IDictionaries
{
    public IReadOnlyList<Department> Departments => caches.Organization.Departments;
    public IReadOnlyList<Person> People => caches.Organization.People;
    public IReadOnlyList<RoleData> Roles => caches.Organization.Roles;
    public Person? Person(long id) => caches.Organization.Person(id);
    public Department? Department(long id) => caches.Organization.Department(id);
    public IReadOnlyList<long> DepartmentAndBelow(long id) => caches.Organization.DepartmentAndBelow(id);
    public IReadOnlyList<long> Subordinates(long personId) => caches.Organization.Subordinates(personId);
    public DictionaryData? Find(string id) => caches.Dictionaries.Find(id);
    public IReadOnlyList<DictionaryData> All => caches.Dictionaries.All;
    public string Label(string dictionary, string code) => caches.Dictionaries.Label(dictionary, code);
}
