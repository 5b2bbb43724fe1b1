using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Counts what refers to a document, over all types that are declared to.</summary>
internal sealed class ReferrerCounts(Db db, ModuleCatalog catalog, IScope scope) : IReferrers
{
    public async Task<IReadOnlyList<Referrers>> Of(string documentType, long id, CancellationToken ct = default)
    {
        var (on, found) = (catalog.Document(documentType), new List<Referrers>());
        foreach (var d in catalog.Documents)
            // A task or a message about it is no use of it.
            if (d.Declared.Any(f => f.Kind == FieldKind.Reference && f.RefersTo == on.Type) && TiedRows.Of(catalog, d, on, id) is { } way && await db.First<long>($"select count(*) from {Sql.Trusted(d.Table)} t where {way} and {scope.All(d.Type, "a number, no rows: what holds a document")}", ct) is > 0 and var n)
                found.Add(new(d.Label, n));
        return found;
    }
}
