using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Who belongs to a pool and which customers fall into it.</summary>
[Action("公海成员与匹配规则", "customers.pools.read", Route = "pools/{poolId}/setting", Help = "一个公海的成员、管理员和匹配规则。")]
public sealed record GetPoolSetting(long PoolId) : IQuery<PoolSetting>;

/// <param name="Members">Users and departments who see the open customers in it.</param>
/// <param name="Departments">Ids: customers of people of these departments fall into it; none for any.</param>
/// <param name="Regions">Codes; a province stands for its cities; none for any.</param>
/// <param name="Types">Codes of customer types; none for any.</param>
/// <param name="Open">How many customers lie in it.</param>
public sealed record PoolSetting(long PoolId, string Name, bool Everyone, IReadOnlyList<PoolMember> Members, IReadOnlyList<long> Departments, IReadOnlyList<string> Regions, IReadOnlyList<string> Types, long Open);

/// <summary>A member of a pool: a user, or a department with all below it.</summary>
/// <param name="Manager">Also reviews and assigns.</param>
public sealed record PoolMember(long? UserId, long? DepartmentId, bool Manager);

internal sealed class GetPoolSettingHandler(IDb db, IScope scope, IDocuments<PoolRecord> pools) : IQueryHandler<GetPoolSetting, PoolSetting>
{
    public async Task<PoolSetting> Handle(GetPoolSetting query, CancellationToken ct)
    {
        var pool = await pools.Get(query.PoolId, ct);
        var members = await db.Query<PoolMember>($"select m.user_id, m.department_id, m.manager from customers.pool_member m where m.pool_id = {pool.Id} and (m.user_id is not null or m.department_id is not null)", ct);
        var open = await db.First<long>($"select count(*) from customers.customer k where k.pool_id = {pool.Id} and k.owner_id is null and k.deleted_at is null and {scope.All("customer", "a number, no rows")}", ct);
        return new(pool.Id, pool.Name, pool.Everyone, members, Pools.Ids(pool.Departments), Pools.List(pool.Regions), Pools.List(pool.Types), open);
    }
}

/// <summary>Sets members and matching rules of a pool.</summary>
[Action("设置公海成员与匹配规则", "customers.pools.update", Route = "pools/{poolId}/setting", Help = "设置一个公海的成员、管理员，以及哪些客户解锁后进入它。",
    Example = "{\"members\":[],\"departments\":[],\"regions\":[],\"types\":[]}")]
public sealed record SetPoolSetting(long PoolId, IReadOnlyList<PoolMember> Members, IReadOnlyList<long> Departments, IReadOnlyList<string> Regions, IReadOnlyList<string> Types) : ICommand<Done>;

internal sealed class SetPoolSettingHandler(IDb db, IDocuments<PoolRecord> pools, IOrganization organization, IDictionaries dictionaries, IHistory history) : ICommandHandler<SetPoolSetting, Done>
{
    public async Task<Done> Handle(SetPoolSetting command, CancellationToken ct)
    {
        var pool = await pools.Get(command.PoolId, ct);
        if (command.Members.Count > 500) throw new Invalid("members", "成员最多 500 个；人数多时请按部门添加。");
        foreach (var m in command.Members)
            if (m is null || m.UserId is null == m.DepartmentId is null || m.UserId is { } u && organization.Person(u) is null || m.DepartmentId is { } d && organization.Department(d) is null)
                throw new Invalid("members", "成员须是一位用户或一个部门。");
        if (command.Departments.Count > 100 || command.Departments.Any(d => organization.Department(d) is null)) throw new Invalid("departments", "部门不存在，或超过 100 个。");
        Known("region", "regions", command.Regions, 150);
        Known("customer.type", "types", command.Types, 50);
        (pool.Departments, pool.Regions, pool.Types) = (Text(command.Departments), Text(command.Regions), Text(command.Types));
        await pools.Update(pool, ct: ct);
        await db.Execute($"delete from customers.pool_member where pool_id = {pool.Id} and (user_id is not null or department_id is not null)", ct);
        await db.Insert("customers.pool_member", ["pool_id", "user_id", "department_id", "manager"],
            command.Members.GroupBy(m => (m.UserId, m.DepartmentId)).Select(g => new object?[] { pool.Id, g.Key.UserId, g.Key.DepartmentId, g.Any(m => m.Manager) }), ct);
        string Names(bool managers) => string.Join("、", command.Members.Where(m => m.Manager == managers).Select(m => m.UserId is { } u ? organization.Person(u)!.Name : organization.Department(m.DepartmentId!.Value)!.Name));
        await history.Write(pool.Id, "members", [("成员", null, Names(false)), ("管理员", null, Names(true))], ct);
        return default;
    }

    private void Known(string dictionary, string field, IReadOnlyList<string> codes, int most)
    {
        var entries = dictionaries.Find(dictionary)?.Entries.Select(e => e.Code).ToHashSet() ?? [];
        if (codes.Count > most || codes.Any(c => !entries.Contains(c))) throw new Invalid(field, $"有的值不在字典中，或超过 {most} 个。");
    }

    private static string? Text<T>(IReadOnlyList<T> values) => values.Count == 0 ? null : string.Join(',', values.Distinct());
}
