using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Keeps the department of rows in step with their owners, over all document types (SEC-3, DOC-15).</summary>
internal sealed class Ownership(Db db, ModuleCatalog catalog, IScope scope, TimeProvider clock) : IOwnership
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
            await db.Execute($"update {Sql.Trusted(d.Table)} set department_id = {departmentId} where owner_id = {personId} and {scope.All(d.Type, "what a person owns goes along to the new department")}", ct);
    }

    public async Task<IReadOnlyDictionary<string, long>> Owned(long personId, CancellationToken ct = default)
    {
        var owned = new Dictionary<string, long>();
        foreach (var d in catalog.Documents.Where(d => d.Owned))
            if (await db.First<long>($"select count(*) from {Sql.Trusted(d.Table)} t where t.owner_id = {personId} and t.deleted_at is null and {scope.All(d.Type, "a count for hand-over")}", ct) is > 0 and var n)
                owned[d.Label] = n;
        return owned;
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
