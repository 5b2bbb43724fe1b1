using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Import;

/// <summary>Which fields an import may fill, and which column goes to which by its heading.</summary>
internal sealed class ImportColumns(ModuleCatalog catalog, ICurrentUser me)
{
    /// <summary>A field a column may go to.</summary>
    /// <param name="Companion">Belongs to the other record of the row.</param>
    public sealed record Target(string Name, FieldDefinition Field, bool Companion);

    public IReadOnlyList<Target> Targets(DocumentDefinition d)
    {
        var own = Fields(d).Select(f => new Target(f.Name, f, false));
        if (d.ImportWith is not { } with || catalog.FindDocument(with.Type) is not { } other || !me.May(other.Permission(DocumentRight.Create))) return [.. own];
        return [.. own, .. Fields(other).Where(f => !f.System && f.Name != with.TieField).Select(f => new Target($"{other.Type}.{f.Name}", f, true))];
    }

    /// <summary>The label with which type it belongs to, where two types are mixed.</summary>
    public string Label(DocumentDefinition d, Target t) => t.Companion ? L($"{catalog.Document(d.ImportWith!.Type).Label}：{t.Field.Label}") : t.Field.Label;

    /// <summary>The field for each heading: by label, then by other names; the type's own before its companion's, each once (regions may take several columns).</summary>
    public IReadOnlyList<string?> Guess(DocumentDefinition d, IReadOnlyList<string> headings, IReadOnlyDictionary<string, string>? remembered)
    {
        var targets = Targets(d);
        var taken = new HashSet<string>();
        var guess = new string?[headings.Count];
        bool Take(int i, Target? t)
        {
            if (t is null || (!taken.Add(t.Name) && !t.Field.Cascading)) return false;
            guess[i] = t.Name;
            return true;
        }
        for (var i = 0; i < headings.Count; i++)
            if (remembered?.GetValueOrDefault(headings[i]) is { } name) Take(i, targets.FirstOrDefault(t => t.Name == name));
        // Best matches first over all columns, so that a lesser name doesn't take a field another column names exactly.
        foreach (var match in new Func<Target, string, bool>[]
                 {
                     (t, h) => !t.Companion && t.Field.Headings.Any(l => Key(l) == h),
                     (t, h) => t.Companion && t.Field.Headings.Any(l => Key(l) == h || catalog.Document(d.ImportWith!.Type).Headings.Any(type => Key(type + l) == h)),
                     (t, h) => !t.Companion && t.Field.Aliases.Any(a => Key(a) == h),
                     (t, h) => t.Companion && t.Field.Aliases.Any(a => Key(a) == h),
                 })
            for (var i = 0; i < headings.Count; i++)
                if (guess[i] is null && Key(headings[i]) is { Length: > 0 } heading) Take(i, targets.FirstOrDefault(t => match(t, heading) && (!taken.Contains(t.Name) || t.Field.Cascading)));
        return guess;
    }

    private IEnumerable<FieldDefinition> Fields(DocumentDefinition d) => d.Fields.Where(f => !f.Hidden && (!f.ReadOnly || me.May(Permissions.Everything) && (f.ImportedByAdministrators || f.Name == "number") || f.Name == "number"));

    private static string Key(string heading) => new([.. TextNorm.Fold(heading).Where(char.IsLetterOrDigit)]);
}
