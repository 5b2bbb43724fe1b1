using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Says of a record who sees it and by which grant: the rule of <see cref="Scope"/>, turned round and worked out in memory from the record's owner, department and access rows.</summary>
internal sealed class RecordViewersQuery(Db db, Scope scope, RightsCache rights, Caches caches, ModuleCatalog catalog, DocumentTypes types, DocumentDirectory directory, Caller me, TimeProvider clock)
    : IQueryHandler<WhoSees, RecordViewers>, IQueryHandler<WhyOfRecord, RecordWhy>
{
    public async Task<RecordViewers> Handle(WhoSees query, CancellationToken ct)
    {
        var organization = caches.Organization;
        var record = await Find(query.Type, query.Id, organization.People, ct);
        var viewers = from p in organization.People
                      where p.Enabled
                      let ways = Ways(record, p)
                      where ways.Count > 0
                      orderby p.Id != record.OwnerId, ways.Count(w => w.StartsWith(L("全部"), StringComparison.Ordinal)), p.Name
                      select new Viewer(p.Id, p.Name, p.DepartmentId is { } d ? organization.Department(d)?.Name : null, ways);
        return new(record.Type.Type, record.Type.Label, record.Id, record.Number, record.Title, Name(record.OwnerId), record.DepartmentId is { } own ? organization.Department(own)?.Name : null,
            $"{record.Type.Path}/{record.Id}", [.. viewers]);
    }

    public async Task<RecordWhy> Handle(WhyOfRecord query, CancellationToken ct)
    {
        var person = caches.Organization.Person(query.UserId) ?? throw new NotFound("用户");
        var record = await Find(query.Type, query.Id, [person], ct);
        var ways = person.Enabled ? Ways(record, person) : [];
        return new(ways.Count > 0, person.Name, ways.Count > 0 ? ways : WhyNot(record, person));
    }

    private async Task<Facts> Find(string type, long id, IReadOnlyList<Person> people, CancellationToken ct)
    {
        var d = catalog.Document(type);
        if (!me.May(d.Permission(DocumentRight.Read))) throw new NotAllowed($"{d.Label}：{ModuleCatalog.RightLabels[DocumentRight.Read]}");
        // Whoever asks must see the record: otherwise the answer would tell of records by guessed ids.
        var row = await db.First<Row>($"select t.owner_id, t.department_id, n.number, n.title from {Sql.Trusted(d.Table)} t join platform.document n on n.id = t.id where t.id = {id} and {scope.Of(d.Type, "t")}", ct)
                  ?? throw new NotFound(d.Label);
        var now = clock.GetUtcNow().UtcDateTime;
        var opened = await db.Query<Opened>($"""
            select x.user_id, x.department_id, x.cause, x.source_id, x.until from platform.access x
            where x.type_id = {types.Id(d.Type)} and x.document_id = {id} and (x.until is null or x.until > {now})
            """, ct);
        var titles = await directory.Titles([.. opened.Select(o => o.SourceId).Distinct()], ct);
        var cut = d.CutBy is { } by ? await db.First<string>($"select {Sql.Trusted("t." + by.Column)} from {Sql.Trusted(d.Table)} t where t.id = {id} and {scope.All(d.Type, "the asker sees it")}", ct) : null;
        return new(d, id, row.Number, row.Title, row.OwnerId, row.DepartmentId, opened, titles, Above(row.OwnerId)) { Cut = cut, Openings = await Openings(d, id, people, ct) };
    }

    /// <summary>The openings the record lies in, each with those of the people who see it there.</summary>
    private async Task<List<(string Text, HashSet<long> Seen)>> Openings(DocumentDefinition d, long id, IReadOnlyList<Person> people, CancellationToken ct)
    {
        var found = new List<(string, HashSet<long>)>();
        var (table, all) = (Sql.Trusted(d.Table), scope.All(d.Type, "the asker sees it; the condition says who else does"));
        foreach (var opening in catalog.OpeningsOn(d.Type))
        {
            if (await db.First<long>($"select count(*) from {table} t where t.id = {id} and t.deleted_at is null and {opening.Rows("t")} and {all}", ct) == 0) continue;
            var seen = new HashSet<long>();
            foreach (var some in people.Where(p => p.Enabled && rights.Of(p.Id)!.May(opening.Permission)).Chunk(50))
                seen.UnionWith(await db.Query<long>(Sql.Join(" union all ", some.Select(p =>
                    (Sql)$"select {p.Id} as id from {table} t where t.id = {id} and {opening.Seen("t", new Seer(p.Id, Scope.Above(caches.Organization, p.DepartmentId), db.Engine))} and {all}")), ct));
            found.Add((d.Views.FirstOrDefault(v => v.Opening == opening.Name)?.Label ?? opening.Name, seen));
        }
        return found;
    }

    /// <summary>Every way by which the person sees the record.</summary>
    private List<string> Ways(Facts record, Person p)
    {
        var r = rights.Of(p.Id)!;
        if (!r.May(record.Type.Permission(DocumentRight.Read))) return [];
        if (IsCut(record, r)) return [];
        if (r.Everything) return [L($"全部：角色“{r.Roles.First(x => x.Permissions.Contains(Permissions.Everything)).Name}”拥有全部权限")];
        if (!record.Type.Owned) return [L($"{record.Type.Label}是基础资料，有查看权限即可看到")];
        var ways = new List<string>();
        foreach (var (grant, from) in Grants(r, record.Type.Type))
        {
            if (grant.Kind == ScopeKind.None) continue;
            if (record.OwnerId == p.Id) ways.Add(L("本人是负责人"));
            if (Covers(grant, p, record.OwnerId, record.DepartmentId, record.Above) is { } way) ways.Add(L($"{way}（{from}）"));
            foreach (var o in record.Opened.Where(o => AccessCause.IsTie(o.Cause) && o.UserId != p.Id))
                if (grant.Kind != ScopeKind.All && Covers(grant, p, o.UserId, o.DepartmentId, Above(o.UserId)) is { } tied)
                    ways.Add(L($"关联“{record.Titles.GetValueOrDefault(o.SourceId, L("单据"))}”：{tied}（{from}）"));
        }
        foreach (var o in record.Opened)
            if (AccessCause.IsTie(o.Cause))
            {
                if (o.UserId == p.Id) ways.Add(L($"是关联的“{record.Titles.GetValueOrDefault(o.SourceId, L("单据"))}”的负责人"));
            }
            else if (o.UserId == p.Id) ways.Add(L($"{SharedBy(record, o)}本人{Until(o)}"));
            else if (o.DepartmentId is { } d && Scope.Above(caches.Organization, p.DepartmentId).Contains(d)) ways.Add(L($"{SharedBy(record, o)}部门“{caches.Organization.Department(d)?.Name}”{Until(o)}"));
        ways.AddRange(record.Openings.Where(o => o.Seen.Contains(p.Id)).Select(o => L($"在“{o.Text}”中可以查看")));
        return [.. ways.Distinct()];
    }

    /// <summary>Of a kind that the person's roles don't let see (SEC-8).</summary>
    private static bool IsCut(Facts record, EffectiveRights r) => record.Cut is { } code && r.Entries(record.Type.CutBy!.Dictionary!) is { } entries && !entries.Contains(code);

    private static string SharedBy(Facts record, Opened o) => o.Cause switch
    {
        AccessCause.Edit => L("共享（可修改）给"),
        AccessCause.Shared => L($"随“{record.Titles.GetValueOrDefault(o.SourceId, L("单据"))}”共享给"),
        _ => L("共享给"),
    };

    /// <summary>The end lies at midnight behind the last day.</summary>
    private string Until(Opened o) => o.Until is { } until
        ? L($"，至 {DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(until, DateTimeKind.Utc), Zones.Find(caches.Company.TimeZone)).AddDays(-1)):yyyy-MM-dd}") : "";

    private string? Covers(ScopeGrant grant, Person p, long? owner, long? department, IReadOnlyList<long> above)
    {
        var organization = caches.Organization;
        return grant.Kind switch
        {
            ScopeKind.All => L("全部：数据权限为全部"),
            ScopeKind.OwnAndSubordinates when above.Contains(p.Id) => above[0] == p.Id ? L($"是负责人 {Name(owner)} 的直接上级") : L($"是负责人 {Name(owner)} 的上级"),
            ScopeKind.Department when department is not null && department == p.DepartmentId => L($"本部门“{organization.Department(department.Value)?.Name}”的记录"),
            ScopeKind.DepartmentAndBelow when department is { } of && p.DepartmentId is { } own && organization.DepartmentAndBelow(own).Contains(of) =>
                of == own ? L($"本部门“{organization.Department(of)?.Name}”的记录") : L($"下级部门“{organization.Department(of)?.Name}”的记录"),
            ScopeKind.ChosenDepartments when department is { } of && grant.Departments.Contains(of) => L($"指定部门“{organization.Department(of)?.Name}”的记录"),
            _ => null,
        };
    }

    private List<string> WhyNot(Facts record, Person p)
    {
        if (!p.Enabled) return [L($"{p.Name} 已停用。")];
        var r = rights.Of(p.Id)!;
        if (!r.May(record.Type.Permission(DocumentRight.Read)))
            return [r.Roles.Count == 0 ? L($"{p.Name} 没有任何角色。") : L($"{p.Name} 的角色（{string.Join(L("、"), r.Roles.Select(x => x.Name))}）都没有“{record.Type.Label}：查看”权限。")];
        if (IsCut(record, r)) return [L($"{p.Name} 的角色不能看{record.Type.CutBy!.Label}为“{caches.Dictionaries.Label(record.Type.CutBy.Dictionary!, record.Cut!)}”的{record.Type.Label}。")];
        var owner = record.OwnerId is null ? L("没有负责人") : L($"负责人是 {Name(record.OwnerId)}");
        var department = record.DepartmentId is { } d ? L($"，所属部门是“{caches.Organization.Department(d)?.Name}”") : L("，没有所属部门");
        return
        [
            L($"这条记录{owner}{department}。"),
            .. Grants(r, record.Type.Type).Select(g => L($"{g.From}的数据权限是“{ScopeWords.Of(g.Grant, caches.Organization)}”，不包含它。")),
            record.Opened.Count == 0 ? L("它没有共享给别人，也没有通过关联开放。") : L("它的共享和关联也没有开放给这个用户。"),
        ];
    }

    private static IEnumerable<(ScopeGrant Grant, string From)> Grants(EffectiveRights r, string type)
    {
        var grants = r.Grants(type).Select(g => (g.Grant, L($"{L(g.From.Kind)}“{g.From.Name}”"))).ToList();
        return grants.Count > 0 ? grants : [(new ScopeGrant(type, ScopeKind.OwnAndSubordinates, []), L("未设置时的默认范围"))];
    }

    /// <summary>The superiors of a person, the nearest first.</summary>
    private List<long> Above(long? personId)
    {
        var organization = caches.Organization;
        var above = new List<long>();
        for (var p = personId is { } id ? organization.Person(id) : null; p is not null && organization.SuperiorOf(p) is { } next && next != personId && !above.Contains(next); p = organization.Person(next))
            above.Add(next);
        return above;
    }

    private string? Name(long? personId) => personId is { } id ? caches.Organization.Person(id)?.Name : null;

    private sealed record Row(long? OwnerId, long? DepartmentId, string Number, string Title);

    private sealed record Opened(long? UserId, long? DepartmentId, string Cause, long SourceId, DateTime? Until);

    private sealed record Facts(DocumentDefinition Type, long Id, string Number, string Title, long? OwnerId, long? DepartmentId, IReadOnlyList<Opened> Opened, Dictionary<long, string> Titles, IReadOnlyList<long> Above)
    {
        public string? Cut { get; init; }
        public IReadOnlyList<(string Text, HashSet<long> Seen)> Openings { get; init; } = [];
    }
}
