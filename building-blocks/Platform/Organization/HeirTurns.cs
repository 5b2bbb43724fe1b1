using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Organization;

/// <summary>Who takes over the next document of a type: by the first rule that fits, else by turns among the heirs of the type.</summary>
internal sealed class HeirTurns
{
    private readonly IReadOnlyList<long> heirs;
    private readonly List<(FieldDefinition Field, HashSet<string> Values, IReadOnlyList<long> Heirs)> rules = [];
    private readonly Dictionary<IReadOnlyList<long>, int> turns = new(ReferenceEqualityComparer.Instance);

    public HeirTurns(DocumentDefinition d, IReadOnlyList<long> heirs, IReadOnlyList<HeirRule> rules, DictionarySnapshot dictionaries)
    {
        this.heirs = heirs;
        foreach (var rule in rules)
        {
            var field = d.Field(rule.Field);
            if (field.Kind != FieldKind.Choice) throw new Invalid("rules", $"不能按{field.Label}分配接手人。");
            this.rules.Add((field, [.. rule.Values.SelectMany(v => WithBelow(dictionaries, field.Dictionary!, v))], rule.Heirs));
        }
    }

    /// <summary>What the rules ask for.</summary>
    public IReadOnlyList<FieldDefinition> Fields => [.. rules.Select(r => r.Field).Distinct()];

    /// <returns>Null where nobody takes it over.</returns>
    public long? Next(Func<FieldDefinition, string?> value)
    {
        foreach (var rule in rules)
            if (rule.Heirs.Count > 0 && value(rule.Field) is { } v && rule.Values.Contains(v)) return Turn(rule.Heirs);
        return heirs.Count == 0 ? null : Turn(heirs);
    }

    private long Turn(IReadOnlyList<long> among)
    {
        var turn = turns.GetValueOrDefault(among);
        turns[among] = turn + 1;
        return among[turn % among.Count];
    }

    private static IEnumerable<string> WithBelow(DictionarySnapshot dictionaries, string dictionary, string code) =>
        [code, .. (dictionaries.Find(dictionary)?.Entries ?? []).Where(e => e.Parent == code).SelectMany(e => WithBelow(dictionaries, dictionary, e.Code))];
}
