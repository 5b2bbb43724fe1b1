using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;

namespace KuaipuCrm.Platform.Documents;

/// <summary>The small number each document type has in this database.</summary>
public sealed class DocumentTypes(ModuleCatalog catalog, Engine engine)
{
    private Dictionary<string, long> ids = [];
    private Dictionary<long, string> names = [];

    public long Id(string type) => ids[type];

    /// <summary>Null for types of a module that is no longer there.</summary>
    public string? Name(long id) => names.GetValueOrDefault(id);

    /// <summary>The type of a document; null where there is none, or none of a module that is there.</summary>
    public async Task<string?> Of(Db db, long documentId, CancellationToken ct) =>
        await db.First<long?>($"select type_id from platform.document where id = {documentId}", ct) is { } type && Name(type) is { } name && catalog.FindDocument(name) is not null ? name : null;

    /// <summary>Gives numbers to new types; once, after the migrations.</summary>
    public async Task Load(CancellationToken ct)
    {
        var db = new Db(engine);
        await db.Unit(async () =>
        {
            ids = (await db.Query<Row>($"select id, name from platform.document_type", ct)).ToDictionary(r => r.Name, r => r.Id);
            var next = ids.Values.DefaultIfEmpty(0).Max();
            foreach (var type in catalog.Documents.Select(d => d.Type).Order(StringComparer.Ordinal).Where(t => !ids.ContainsKey(t)).ToList())
            {
                await db.Execute($"insert into platform.document_type (id, name) values ({++next}, {type})", ct);
                ids[type] = next;
            }
            return 0;
        }, ct);
        names = ids.ToDictionary(p => p.Value, p => p.Key);
    }

    private sealed record Row(long Id, string Name);
}
