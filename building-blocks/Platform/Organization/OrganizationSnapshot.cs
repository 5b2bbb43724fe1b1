using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>The organization of one moment, with the answers rights need worked out: who is below whom, which departments lie below which.</summary>
public sealed class OrganizationSnapshot : IOrganization
{
    private readonly Dictionary<long, Person> people;
    private readonly Dictionary<long, Department> departments;
    private readonly Dictionary<long, RoleData> roles;
    private readonly ILookup<long?, Department> children;
    private readonly ILookup<long, long> reports;

    public OrganizationSnapshot(OrganizationData data)
    {
        (Departments, People, Roles) = (data.Departments, data.People, data.Roles);
        people = data.People.ToDictionary(p => p.Id);
        departments = data.Departments.ToDictionary(d => d.Id);
        roles = data.Roles.ToDictionary(r => r.Id);
        children = data.Departments.ToLookup(d => d.ParentId);
        reports = data.People.Select(p => (p.Id, Superior: SuperiorOf(p))).Where(p => p.Superior is not null).ToLookup(p => p.Superior!.Value, p => p.Id);
    }

    public IReadOnlyList<Department> Departments { get; }
    public IReadOnlyList<Person> People { get; }
    public IReadOnlyList<RoleData> Roles { get; }
    public Person? Person(long id) => people.GetValueOrDefault(id);
    public Department? Department(long id) => departments.GetValueOrDefault(id);
    public RoleData? Role(long id) => roles.GetValueOrDefault(id);

    public IReadOnlyList<long> DepartmentAndBelow(long id)
    {
        var found = new List<long>();
        var seen = new HashSet<long>();
        var open = new Stack<long>([id]);
        while (open.TryPop(out var d))
        {
            if (!seen.Add(d)) continue;
            found.Add(d);
            foreach (var child in children[d]) open.Push(child.Id);
        }
        return found;
    }

    public IReadOnlyList<long> Subordinates(long personId)
    {
        var seen = new HashSet<long> { personId };
        var open = new Stack<long>([personId]);
        while (open.TryPop(out var p))
            foreach (var report in reports[p])
                if (seen.Add(report)) open.Push(report);
        seen.Remove(personId);
        return [.. seen];
    }

    /// <summary>The named superior; else the manager of the person's department, or of the next one up that has another.</summary>
    public long? SuperiorOf(Person p)
    {
        if (p.SuperiorId is { } named && named != p.Id) return named;
        var department = p.DepartmentId;
        for (var depth = 0; department is { } id && departments.TryGetValue(id, out var d) && depth < 50; department = d.ParentId, depth++)
            if (d.ManagerId is { } manager && manager != p.Id) return manager;
        return null;
    }
}

/// <summary>The dictionaries of one moment.</summary>
public sealed class DictionarySnapshot(IReadOnlyList<DictionaryData> data) : IDictionaries
{
    private readonly Dictionary<string, (DictionaryData Data, Dictionary<string, DictionaryEntry> ByCode)> byId =
        data.ToDictionary(d => d.Id, d => (d, d.Entries.GroupBy(e => e.Code).ToDictionary(g => g.Key, g => g.First())));

    public IReadOnlyList<DictionaryData> All => data;
    public DictionaryData? Find(string id) => byId.TryGetValue(id, out var d) ? d.Data : null;
    public DictionaryEntry? Entry(string dictionary, string code) => byId.TryGetValue(dictionary, out var d) ? d.ByCode.GetValueOrDefault(code) : null;

    public string Label(string dictionary, string code) => Entry(dictionary, code) is { } e
        ? !Texts.Chinese && e.English is { Length: > 0 } english ? english : e.Label
        : code;
}
