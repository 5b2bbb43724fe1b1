using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Documents;

/// <summary>One box over all types the user may read (UI-8): each type's own search under its own scope, best matches first.</summary>
internal sealed class GlobalSearch(ModuleCatalog catalog, ICurrentUser me, IQueryHandler<FindChoices, IReadOnlyList<Found>> choices, DocumentDirectory directory, Stores stores)
    : IQueryHandler<SearchDocuments, IReadOnlyList<Found>>, IQueryHandler<FindDocument, Found>
{
    public async Task<Found> Handle(FindDocument query, CancellationToken ct)
    {
        if ((await directory.Find([query.Id], ct)).FirstOrDefault() is { } e && catalog.FindDocument(e.Type) is { } d && me.May(d.Permission(DocumentRight.Read)) && await stores.Of(d).Find(e.Id, bin: false, ct) is not null)
            return new(e.Id, d.Type, d.Label, e.Number, e.Title, null, $"{d.Path}/{e.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        throw new NotFound("单据");
    }

    public async Task<IReadOnlyList<Found>> Handle(SearchDocuments query, CancellationToken ct)
    {
        var text = TextNorm.Clean(query.Text);
        if (text.Length == 0) return [];
        var take = Math.Clamp(query.Take, 1, 50);
        var only = query.Types?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var found = new List<Found>();
        foreach (var d in catalog.Documents.Where(d => d.Searchable && (only.Length == 0 || only.Contains(d.Type)) && me.May(d.Permission(DocumentRight.Read))))
            found.AddRange(await choices.Handle(new FindChoices(d.Type, text, take), ct));
        var folded = TextNorm.Fold(text);
        return [.. found.OrderBy(f => TextNorm.Fold(f.Title) is var t && t == folded ? 0 : t.StartsWith(folded, StringComparison.Ordinal) ? 1 : 2).Take(take)];
    }
}
