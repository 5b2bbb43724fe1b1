using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Sdk;

/// <summary>Marks the assembly as a module. Read without running any of its code.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class CrmModuleAttribute(string id, string name) : Attribute
{
    /// <summary>Lower case; also the schema, the API path and the beginning of its permissions.</summary>
    public string Id { get; } = id;

    /// <summary>Chinese.</summary>
    public string Name { get; } = name;

    /// <summary>Place in the main menu.</summary>
    public int Order { get; init; } = 100;

    /// <summary>FontAwesome name.</summary>
    public string Icon { get; init; } = "cube";
}

/// <summary>Says what a module brings. One class per module, public parameterless constructor.</summary>
public interface IModule
{
    void Define(ModuleDefinition module);
}

/// <summary>An entry of the quick menu. Document types get theirs by themselves.</summary>
/// <param name="Group">Heading in the quick menu; Chinese. None: under the module's name.</param>
public sealed record MenuEntry(string Text, string Url, string Permission, string Icon, int Order, string? Group = null)
{
    public string Text { get => Texts.L(field); } = Text;
    public string? Group { get => field is null ? null : Texts.L(field); } = Group;
    /// <summary>Id of another module whose menu it stands in, such as <c>settings</c>.</summary>
    public string? Module { get; init; }
}

/// <summary>A tab on another document's page that lists tied documents.</summary>
/// <param name="On">The document type whose page gets the tab.</param>
/// <param name="Name">Stable, in URLs and requests.</param>
/// <param name="Text">Chinese.</param>
/// <param name="Type">The tied document type.</param>
/// <param name="Tie">The condition that ties a row to the document, given the row's alias and the document's id; names the module's own tables only.</param>
/// <param name="Order">Place among the tabs.</param>
public sealed record RelatedTab(string On, string Name, string Text, string Type, Func<string, long, Sql> Tie, int Order)
{
    public string Text { get => Texts.L(field); } = Text;

    /// <summary>In the place of a type: the page of each type that <see cref="OnEach"/> chooses.</summary>
    public const string Each = "*";

    /// <summary>Which types' pages get the tab, where <see cref="On"/> is <see cref="Each"/>.</summary>
    public Func<DocumentDefinition, bool>? OnEach { get; init; }

    /// <summary>Values a new tied document starts with, given the document's id.</summary>
    public Func<long, IReadOnlyDictionary<string, object?>>? NewValues { get; init; }

    /// <summary>Ties an existing document: the command to send, given the document's id and the other's.</summary>
    public Func<long, long, ICommand<Done>>? Link { get; init; }

    /// <summary>Unties one: the command to send, given the document's id and the other's.</summary>
    public Func<long, long, ICommand<Done>>? Unlink { get; init; }

    /// <summary>Whether the tab makes sense for the document, given its values by field name; always where not set.</summary>
    public Func<IReadOnlyDictionary<string, object?>, bool>? When { get; init; }
}

/// <summary>A table of pairs that ties documents of two types beyond fields declared as references. Sharing, merging and the right of owners follow it as they follow references.</summary>
/// <param name="On">The document type that others gather about, e.g. <c>customer</c>.</param>
/// <param name="Type">The tied document type; <c>user</c> where people are tied, such as those who watch.</param>
/// <param name="Table">The module's own table, <c>schema.table</c>; one row a pair.</param>
/// <param name="OnColumn">Its column with the id of the former.</param>
/// <param name="Column">Its column with the id of the tied document.</param>
/// <param name="OpensWithOwner">Who owns the former sees the tied document, whoever made it (SEC-2). After changing rows the module calls <see cref="IAccess.Follow"/>.</param>
public sealed record DocumentTie(string On, string Type, string Table, string OnColumn, string Column, bool OpensWithOwner = false)
{
    /// <summary>What the people tied are called, where <see cref="Type"/> is <c>user</c> and reminders of the document may go to all of them: 参与人. Declared in Chinese, read in the reader's language.</summary>
    public string? People { get => field is null ? null : Texts.L(field); init; }
}

/// <summary>A page for rows chosen in a list, or for one on its own page: it is opened with their ids behind <c>?ids=</c>.</summary>
/// <param name="On">The document type; it also stands above lists of figures of it, whose rows have its ids.</param>
/// <param name="Text">Chinese, on the button.</param>
/// <param name="Url">The page's address.</param>
/// <param name="Most">Rows it takes at once.</param>
public sealed record RowsPage(string On, string Text, string Url, string Permission, string Icon, int Most = 1_000)
{
    /// <summary>On a document's page it stands as a button instead of in the menu 更多: what is done next.</summary>
    public bool Prominent { get; init; }

    /// <summary>Whether it makes sense for a document with these values; always where not set.</summary>
    public Func<IReadOnlyDictionary<string, object?>, bool>? When { get; init; }
}

/// <summary>A tab on a document's page drawn by a component with parameters <c>long Id</c> and <c>string Type</c>.</summary>
public sealed record ComponentTab(string On, string Name, string Text, Type Component, string Permission, int Order)
{
    /// <summary>Also beside a document that is only opened to the user (<see cref="RowOpening"/>).</summary>
    public bool WhenOpened { get; init; }

    public string Text { get => Texts.L(field); } = Text;
}

/// <summary>A card on 我的桌面, drawn by a component without parameters.</summary>
public sealed record DesktopCard(string Name, string Text, Type Component, string Permission, int Order, int Columns = 1)
{
    public string Text { get => Texts.L(field); } = Text;
}

/// <summary>Something in the status bar (UI-6), drawn by a component without parameters that keeps itself up to date.</summary>
public sealed record StatusItem(string Name, Type Component, int Order);

/// <summary>Rows that belong to nobody's data scope and are seen all the same, in a list of their own and one by one, by whoever the module says; only to be read.</summary>
/// <param name="On">The document type.</param>
/// <param name="Name">Stable: a <see cref="ListView"/> of the type names it, and so does the API's parameter <c>opening</c>.</param>
/// <param name="Permission">Needed beside the right to read the type.</param>
/// <param name="Rows">Which rows these are, given the alias.</param>
/// <param name="Seen">Which of them the user sees, given the alias; whoever has all rows of the type in scope sees all of them.</param>
public sealed record RowOpening(string On, string Name, string Permission, Func<string, Sql> Rows, Func<string, Seer, Sql> Seen);

/// <summary>Who asks for opened rows.</summary>
/// <param name="Departments">The user's own and all it lies in.</param>
public sealed record Seer(long UserId, IReadOnlyList<long> Departments, IDialect Dialect);

/// <summary>Work that runs by the clock, in the account set's time zone.</summary>
/// <param name="Command">A command, in one transaction, or an <see cref="IJob"/> that the module registers among its services.</param>
public sealed record RecurringJob(string Name, string Text, Type Command, string Cron);

/// <summary>What a module brings besides what is found in its assembly: handlers, documents, rules, pages and migrations need no registration.</summary>
public sealed class ModuleDefinition
{
    /// <summary>Permissions of the module's own, with Chinese labels; those of document types come by themselves.</summary>
    public Dictionary<string, string> Permissions { get; } = [];
    public List<MenuEntry> Menu { get; } = [];
    public List<RelatedTab> Tabs { get; } = [];
    /// <summary>Tables of pairs that tie documents.</summary>
    public List<DocumentTie> Ties { get; } = [];
    public List<ComponentTab> Components { get; } = [];
    public List<RowsPage> RowsPages { get; } = [];
    public List<RowOpening> Openings { get; } = [];
    /// <summary>What the module says of itself in records of the published language, for whoever asks <see cref="ICatalog.Declared"/>.</summary>
    public List<object> Declares { get; } = [];
    public List<DesktopCard> Cards { get; } = [];
    public List<StatusItem> Status { get; } = [];
    public List<RecurringJob> Jobs { get; } = [];
    /// <summary>Kinds of messages of the module's own (<see cref="IMessages"/>), with Chinese labels: people choose for each whether it also goes by mail or SMS.</summary>
    public Dictionary<string, string> MessageKinds { get; } = [];
    public ServiceCollection Services { get; } = new();
    /// <summary>Endpoints beyond the declared ones, below <c>/api/{module}</c>.</summary>
    public List<Action<IEndpointRouteBuilder>> Endpoints { get; } = [];
    /// <summary>Pages for people without an account, below <c>/public/{module}</c>: GET and POST of small forms, so many a minute from each address, whoever is signed in counts as nobody. They send messages that are <see cref="IOpenToAnyone"/>.</summary>
    public List<Action<IEndpointRouteBuilder>> PublicPages { get; } = [];
    /// <summary>Carried out by <c>seed</c> after the migrations, in the order of the modules; see <see cref="ISeed"/>.</summary>
    public List<Type> Seeds { get; } = [];
}

/// <summary>Makes a module's part of the demo company (<c>seed --demo</c>), or what every new account set needs (first start).</summary>
public interface ISeed
{
    /// <summary>What every account set needs; carried out at each start and must do nothing the second time.</summary>
    Task Defaults(CancellationToken ct) => Task.CompletedTask;

    /// <summary>The demo company's data.</summary>
    Task Demo(CancellationToken ct) => Task.CompletedTask;

    /// <summary>Smaller runs first.</summary>
    int Order => 100;
}
