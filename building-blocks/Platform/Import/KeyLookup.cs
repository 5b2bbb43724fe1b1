using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Import;

/// <summary>Finds the records an import may update by a text field. Those the user may not see are not found: the duplicate check tells of them.</summary>
internal sealed class KeyLookup(Db db, IScope scope, DocumentDefinition d)
{
    public async Task<Dictionary<string, List<long>>> FindBy(FieldDefinition f, IReadOnlyCollection<string> values, CancellationToken ct)
    {
        var column = Sql.Trusted("t." + f.Column);
        var found = await db.Read($"select t.id, {column} from {Sql.Trusted(d.Table)} t where {db.Dialect.In(column, values)} and t.deleted_at is null and {scope.Of(d.Type, "t")}",
            r => (Id: r.GetInt64(0), Value: r.GetString(1)), ct);
        return found.GroupBy(x => x.Value).ToDictionary(g => g.Key, g => g.Select(x => x.Id).ToList());
    }

    public async Task<Dictionary<long, (long Id, long? OwnerId, long? DepartmentId)>> Owners(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        (await db.Read($"select t.id, t.owner_id, t.department_id from {Sql.Trusted(d.Table)} t where {db.Dialect.In(Sql.Trusted("t.id"), ids)} and {scope.Of(d.Type, "t")}",
            r => (Id: r.GetInt64(0), Owner: r.IsDBNull(1) ? (long?)null : r.GetInt64(1), Department: r.IsDBNull(2) ? (long?)null : r.GetInt64(2)), ct)).ToDictionary(x => x.Id);
}
