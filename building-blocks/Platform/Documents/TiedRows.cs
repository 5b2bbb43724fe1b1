using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>Which documents are tied to one, by fields declared as references and by declared tables of pairs.</summary>
internal static class TiedRows
{
    /// <summary>The condition that a row of the type, aliased <c>t</c>, is tied to the document; null where the types have nothing to do with each other.</summary>
    public static Sql? Of(ModuleCatalog catalog, DocumentDefinition type, DocumentDefinition on, long id)
    {
        // Figures of documents are no documents of their own.
        if (type.FiguresOf is not null) return null;
        var columns = type.Declared.Where(f => f is { Kind: FieldKind.Reference, System: false } && (f.RefersTo == on.Type || f.RefersTo == FieldDefinition.AnyType)).Select(f => Sql.Trusted(f.Column)).ToList();
        var pairs = catalog.Modules.SelectMany(m => m.Definition.Ties).Where(x => x.On == on.Type && x.Type == type.Type).ToList();
        if (pairs.Count == 0 && columns is [var only]) return $"t.{only} = {id}";
        // One way or another: each by its own index. Joined by "or" no engine can go along an index, and would walk the whole table.
        var ways = columns.Select(c => (Sql)$"select s.id from {Sql.Trusted(type.Table)} s where s.{c} = {id}")
            .Concat(pairs.Select(x => (Sql)$"select p.{Sql.Trusted(x.Column)} from {Sql.Trusted(x.Table)} p where p.{Sql.Trusted(x.OnColumn)} = {id}")).ToList();
        return ways.Count == 0 ? null : (Sql)$"t.id in ({Sql.Join(" union all ", ways)})";
    }
}
