namespace KuaipuCrm.Sdk;

/// <summary>What all modules of this process have declared; screens are drawn from it.</summary>
public interface ICatalog
{
    IReadOnlyList<ModuleInfo> AllModules { get; }
    DocumentDefinition? FindDocument(string type);
    DocumentDefinition? ByPath(string module, string plural);
    /// <summary>Tabs that list documents tied to a type's documents.</summary>
    IEnumerable<RelatedTab> TabsOn(string type);
    IEnumerable<ComponentTab> ComponentsOn(string type);
    /// <summary>The table of people who are tied to documents of the type and may be reminded of them; null where there is none.</summary>
    DocumentTie? PeopleOf(string type);
    IEnumerable<ActionInfo> ActionsOn(string type);
    /// <summary>Pages for chosen rows of a type.</summary>
    IEnumerable<RowsPage> RowsPagesOn(string type);
    /// <summary>Use cases for chosen rows of a list.</summary>
    IEnumerable<ActionInfo> ActionsOnMany(string type);
    IEnumerable<DesktopCard> Cards { get; }
    IEnumerable<StatusItem> StatusItems { get; }
    /// <summary>What the modules of this process declare of that type (<see cref="ModuleDefinition.Declares"/>).</summary>
    IEnumerable<T> Declared<T>();
    /// <summary>Every permission with its label in the reader's language, in the order of the modules.</summary>
    IReadOnlyDictionary<string, string> Permissions { get; }
}

/// <summary>A module as the menus show it.</summary>
public sealed record ModuleInfo(string Id, string Name, string Icon, IReadOnlyList<DocumentDefinition> Documents, IReadOnlyList<MenuEntry> Menu)
{
    public string Name { get => Texts.L(field); } = Name;
}

/// <summary>A use case that stands on a document's page or in its list.</summary>
public sealed record ActionInfo(Type Message, ActionAttribute Action)
{
    /// <summary>Where its button stands.</summary>
    public IActionWhere Where { get; } = Action.Where is { } where ? (IActionWhere)Activator.CreateInstance(where)! : new Everywhere();

    private sealed class Everywhere : IActionWhere;
}

/// <summary>Values as people read them.</summary>
public interface IFormat
{
    TimeZoneInfo Zone { get; }
    /// <summary>What amounts are in, as it stands beside an input: 元, or the code of another currency (SET-17).</summary>
    string Currency { get; }
    /// <summary>An amount within a sentence or a figure, with what it is in: ¥1,250.5, or USD 1,250.5 (SET-17).</summary>
    /// <param name="brief">In Chinese by ten thousands, from there on.</param>
    string Amount(decimal amount, bool brief = false);
    /// <summary>The text of a value of a field's plain kind.</summary>
    /// <param name="names">Titles of the documents referred to.</param>
    string? Text(FieldDefinition field, object? value, IReadOnlyDictionary<long, string> names);
}

/// <summary>Failures in the user's words.</summary>
public interface IProblems
{
    /// <summary>A Chinese sentence; what is none of the user's business is logged and told as such.</summary>
    string Message(Exception e);
}
