using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Writes the access rows the scope reads.</summary>
internal sealed class Access(Db db, DocumentTypes types, IChanged changed) : IAccess
{
    public async Task Replace(string documentType, string cause, IReadOnlyCollection<long> documents, IEnumerable<AccessGrant> grants, CancellationToken ct = default)
    {
        var type = types.Id(documentType);
        var rows = new List<object?[]>();
        foreach (var g in grants)
        {
            rows.Add([type, g.DocumentId, g.UserId, g.DepartmentId, cause, g.SourceId, g.Until]);
        }
        var removed = 0;
        foreach (var chunk in documents.Chunk(1000))
            removed += await db.Execute($"delete from platform.access where cause = {cause} and type_id = {type} and {db.Dialect.In(Sql.Trusted("document_id"), chunk)}", ct);
        if (rows.Count == 0 && removed == 0) return;
        await db.Insert("platform.access", ["type_id", "document_id", "user_id", "department_id", "cause", "source_id", "until"], rows, ct);
        changed.Mark(Cached.Access);
    }
}
