using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Keeps the department of rows in step with their owners, over all document types (SEC-3, DOC-15).</summary>
internal sealed class Ownership(Db db, ModuleCatalog catalog, IScope scope, Stores stores, Operations operations, Journal journal, DocumentTypes types, TimeProvider clock) : IOwnership
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

    public async Task<BatchResult> HandOver(long personId, IReadOnlyDictionary<string, IReadOnlyList<long>> heirs, string label, CancellationToken ct = default)
    {
        var moving = (await Holdings(personId, ct)).Where(h => heirs.TryGetValue(h.Type, out var who) && who.Count > 0).ToList();
        if (moving.Count == 0) throw new RuleBroken("没有可以交接的记录：名下没有记录，或没有为它们选择接手人。");
        var operation = await operations.Begin("hand-over", label.Length > 200 ? label[..199] + "…" : label, moving is [var only] ? only.Type : null, (int)moving.Sum(h => h.Count), "done", ct);
        var done = 0;
        var problems = new List<RowProblem>();
        journal.OperationId = operation;
        try
        {
            foreach (var h in moving)
            {
                var (n, found) = await HandOver(catalog.Document(h.Type), personId, heirs[h.Type], ct);
                done += n;
                problems.AddRange(found);
            }
        }
        finally
        {
            journal.OperationId = null;
        }
        var message = $"{string.Join("、", moving.Select(h => $"{h.Count} 份{h.Label}"))}；成功 {done}，未能交接 {problems.Count}。";
        await operations.End(operation, "done", done, problems.Count, message, problems, ct);
        return new(operation, done, problems);
    }

    private async Task<(int Done, List<RowProblem> Problems)> HandOver(DocumentDefinition d, long personId, IReadOnlyList<long> heirs, CancellationToken ct)
    {
        var store = stores.Of(d);
        var (done, turn, last) = (0, 0, 0L);
        var problems = new List<RowProblem>();
        while (true)
        {
            var ids = await db.Query<long>($"""
                select t.id from {Sql.Trusted(d.Table)} t
                where t.owner_id = {personId} and t.deleted_at is null and t.id > {last} and {scope.All(d.Type, "all a person owns is handed over, whoever else may see it")} order by t.id {db.Dialect.Page(500)}
                """, ct);
            if (ids.Count == 0) return (done, problems);
            last = ids[^1];
            var changes = await store.PrepareOwner([.. ids.Select(id => (id, heirs[turn++ % heirs.Count]))], ct);
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
