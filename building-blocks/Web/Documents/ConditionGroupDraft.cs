using KuaipuCrm.Sdk;

namespace KuaipuCrm.Web.Documents;

/// <summary>A group of conditions while someone puts it together.</summary>
public sealed class ConditionGroupDraft
{
    public bool Any { get; set; }
    public List<ConditionDraft> Conditions { get; } = [];
    public List<ConditionGroupDraft> Groups { get; } = [];

    public static ConditionGroupDraft Of(DocumentDefinition d, ICatalog catalog, ConditionGroup? group)
    {
        var draft = new ConditionGroupDraft { Any = group?.Any == true };
        foreach (var f in group?.Filters ?? [])
            if (Field(d, catalog, f.Field) is var (field, by) && field is not null) draft.Conditions.Add(new ConditionDraft(field, f.Op, f.Values, by));
        foreach (var inner in group?.Groups ?? []) draft.Groups.Add(Of(d, catalog, inner));
        return draft;
    }

    /// <summary>The field of a condition and, where it belongs to a document referred to, the field that refers to it.</summary>
    public static (FieldDefinition? Field, FieldDefinition? By) Field(DocumentDefinition d, ICatalog catalog, string name) =>
        name.Split('.', 2) is [var by, var own] && d.Find(by) is { RefersTo: { } type } reference ? (catalog.FindDocument(type)?.Find(own), reference) : (d.Find(name), null);

    /// <summary>Null where nothing is in it.</summary>
    public ConditionGroup? Group
    {
        get
        {
            var groups = Groups.Select(g => g.Group).OfType<ConditionGroup>().ToList();
            return Conditions.Count + groups.Count == 0 ? null : new ConditionGroup(Any, [.. Conditions.Select(c => c.Filter)], groups.Count == 0 ? null : groups);
        }
    }

    public IEnumerable<ConditionDraft> All => Conditions.Concat(Groups.SelectMany(g => g.All));

    /// <summary>The group in words.</summary>
    public static string Words(DocumentDefinition d, ICatalog catalog, ConditionGroup group, IDictionaries dictionaries, IFormat format)
    {
        var parts = (group.Filters ?? []).Select(f => Field(d, catalog, f.Field) is ({ } field, { } by) && catalog.FindDocument(by.RefersTo!) is { } other
                ? $"{by.Label}：{FilterText.Of(other, f with { Field = field.Name }, dictionaries, format)}" : FilterText.Of(d, f, dictionaries, format))
            .Concat((group.Groups ?? []).Select(g => $"（{Words(d, catalog, g, dictionaries, format)}）"));
        return string.Join(group.Any ? Texts.L(" 或 ") : Texts.L(" 且 "), parts);
    }
}
