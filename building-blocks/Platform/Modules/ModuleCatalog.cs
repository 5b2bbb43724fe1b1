using System.Reflection;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Components;

namespace KuaipuCrm.Platform.Modules;

/// <summary>A module that was found and asked what it brings.</summary>
public sealed record LoadedModule(string Id, string Name, int Order, string Icon, Assembly Assembly, ModuleDefinition Definition, IReadOnlyList<DocumentDefinition> Documents);

/// <summary>The modules of this process, found by their attribute beside the host; no module is known by name.</summary>
public sealed class ModuleCatalog : ICatalog
{
    private readonly List<LoadedModule> modules = [];
    private readonly Dictionary<string, DocumentDefinition> documents = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, DocumentDefinition> byClass = [];
    private Dictionary<string, string>? chinese, english;

    /// <summary>In the order of the main menu.</summary>
    public IReadOnlyList<LoadedModule> Modules => modules;

    public IReadOnlyCollection<DocumentDefinition> Documents => documents.Values;

    /// <summary>Loads every module assembly in the folder.</summary>
    public static ModuleCatalog Find(string folder)
    {
        var catalog = new ModuleCatalog();
        foreach (var file in Directory.GetFiles(folder, "KuaipuCrm.*.dll").Order(StringComparer.Ordinal))
        {
            var assembly = Assembly.Load(AssemblyName.GetAssemblyName(file));
            if (assembly.GetCustomAttribute<CrmModuleAttribute>() is not null) catalog.Add(assembly);
        }
        return catalog;
    }

    /// <summary>Takes an assembly in: its mark, its definition, its document types. Everything is looked at first: what is refused leaves no trace.</summary>
    /// <exception cref="InvalidOperationException">It clashes with what is there, or declares what is not its own.</exception>
    public void Add(Assembly assembly)
    {
        var mark = assembly.GetCustomAttribute<CrmModuleAttribute>() ?? throw new InvalidOperationException($"{assembly} is no module.");
        if (mark.Id == "platform" || modules.Any(m => m.Id == mark.Id)) throw new InvalidOperationException($"已有 id 为“{mark.Id}”的模块。");
        var types = assembly.GetTypes();
        var definition = new ModuleDefinition();
        ((IModule)Activator.CreateInstance(types.Single(t => typeof(IModule).IsAssignableFrom(t) && t is { IsAbstract: false }))!).Define(definition);
        List<DocumentDefinition> declared = [];
        foreach (var type in types)
            foreach (var declares in type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IDocument<>)))
                declared.Add((DocumentDefinition)typeof(ModuleCatalog).GetMethod(nameof(Declare), BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(declares.GetGenericArguments()[0]).Invoke(null, [type, mark.Id])!);
        if (Clash(mark.Id, types, definition, declared) is { } clash) throw new InvalidOperationException(clash);
        foreach (var d in declared) (documents[d.Type], byClass[d.Class]) = (d, d);
        modules.Add(new(mark.Id, mark.Name, mark.Order, mark.Icon, assembly, definition, declared));
        Sort();
    }

    /// <summary>Takes a module out again before anything was made of it.</summary>
    public void Remove(string id)
    {
        foreach (var d in documents.Values.Where(d => d.Module == id).ToList())
        {
            documents.Remove(d.Type);
            byClass.Remove(d.Class);
        }
        modules.RemoveAll(m => m.Id == id);
        Sort();
    }

    /// <summary>Custom fields came or went: what was worked out from the fields is worked out anew.</summary>
    internal void FieldsChanged() => (chinese, english) = (null, null);

    private void Sort()
    {
        modules.Sort((a, b) => (a.Order, a.Id).CompareTo((b.Order, b.Id)));
        (chinese, english, infos, onTypes, onManyTypes, byFigures) = (null, null, null, null, null, null);
        foreach (var f in documents.Values.SelectMany(d => d.Fields).Where(f => f.Optional)) f.Hidden = !documents.ContainsKey(f.RefersTo!);
    }

    /// <summary>Why a module can't live beside the others; null where it can. In the administrator's words.</summary>
    private string? Clash(string id, Type[] types, ModuleDefinition definition, List<DocumentDefinition> declared)
    {
        if (definition.Permissions.Keys.FirstOrDefault(p => !p.StartsWith(id + ".", StringComparison.Ordinal)) is { } permission) return $"权限“{permission}”须以“{id}.”开头。";
        if (declared.FirstOrDefault(d => !d.Table.StartsWith(id + ".", StringComparison.Ordinal)) is { } foreign) return $"单据“{foreign.Type}”的数据表须在“{id}”之下。";
        if (declared.FirstOrDefault(d => documents.ContainsKey(d.Type)) is { } taken) return $"单据类型“{taken.Type}”已由模块“{documents[taken.Type].Module}”使用。";
        if (declared.GroupBy(d => d.Type).Concat(declared.GroupBy(d => d.Plural)).FirstOrDefault(g => g.Count() > 1) is { } twice) return $"“{twice.Key}”声明了两次。";
        foreach (var name in definition.Tabs.Select(t => (t.On, t.Name)).Concat(definition.Components.Select(t => (t.On, t.Name))))
            if (modules.Any(m => m.Definition.Tabs.Any(t => (t.On, t.Name) == name) || m.Definition.Components.Any(t => (t.On, t.Name) == name))) return $"“{name.On}”已有名为“{name.Name}”的页签。";
        if (types.FirstOrDefault(t => t.IsDefined(typeof(ActionAttribute)) && modules.Any(m => m.Assembly.GetTypes().Any(x => x.Name == t.Name && x.IsDefined(typeof(ActionAttribute))))) is { } action) return $"用例“{action.Name}”与其他模块的同名，请改名。";
        if (types.SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).FirstOrDefault(r => r.Template != $"/{id}" && !r.Template.StartsWith($"/{id}/", StringComparison.Ordinal)) is { } page) return $"页面“{page.Template}”的地址须以“/{id}/”开头。";
        // Poured into the host's container, where the last registration wins.
        if (definition.Services.FirstOrDefault(s => s.ServiceType.Assembly != types[0].Assembly && (s.ServiceType.FullName ?? "").Split('.')[0] is "KuaipuCrm" or "Microsoft" or "System" or "MediatR") is { } service) return $"不能替换系统的服务 {service.ServiceType.Name}。";
        return null;
    }

    /// <summary>The definition of a type.</summary>
    /// <exception cref="NotFound">There is none.</exception>
    public DocumentDefinition Document(string type) => documents.GetValueOrDefault(type) ?? throw new NotFound("单据类型");

    public DocumentDefinition? FindDocument(string type) => documents.GetValueOrDefault(type);

    public DocumentDefinition Document(Type @class) => byClass[@class];

    /// <summary>The related tabs of a type's page, other modules' among them.</summary>
    public IEnumerable<RelatedTab> TabsOn(string type) => modules.SelectMany(m => m.Definition.Tabs).Where(t => t.On == type || t.On == RelatedTab.Each && FindDocument(type) is { } d && t.OnEach?.Invoke(d) == true).OrderBy(t => t.Order);

    public IReadOnlyList<ModuleInfo> AllModules => infos ??= [.. modules.Select(m => new ModuleInfo(m.Id, m.Name, m.Icon, m.Documents, [.. modules.SelectMany(x => x.Definition.Menu.Where(e => (e.Module ?? x.Id) == m.Id)).OrderBy(e => e.Order)]))];

    private IReadOnlyList<ModuleInfo>? infos;

    public DocumentDefinition? ByPath(string module, string plural) => documents.Values.FirstOrDefault(d => d.Module == module && d.Plural == plural);

    /// <summary>Types that keep figures of a type's documents.</summary>
    internal IEnumerable<DocumentDefinition> FiguresOf(string type) => figures[type];

    private ILookup<string, DocumentDefinition> figures => byFigures ??= documents.Values.Where(d => d.FiguresOf is not null).ToLookup(d => d.FiguresOf!);

    private ILookup<string, DocumentDefinition>? byFigures;

    public IEnumerable<ComponentTab> ComponentsOn(string type) => modules.SelectMany(m => m.Definition.Components).Where(t => t.On == type).OrderBy(t => t.Order);

    public DocumentTie? PeopleOf(string type) => modules.SelectMany(m => m.Definition.Ties).FirstOrDefault(t => t is { Type: "user", People: not null } && t.On == type);

    public IEnumerable<RowsPage> RowsPagesOn(string type) => modules.SelectMany(m => m.Definition.RowsPages).Where(p => p.On == type);

    public IEnumerable<ActionInfo> ActionsOn(string type) => actions[type];

    public IEnumerable<ActionInfo> ActionsOnMany(string type) => manyActions[type];

    private ILookup<string, ActionInfo> actions => onTypes ??= Actions(a => a.On);

    private ILookup<string, ActionInfo> manyActions => onManyTypes ??= Actions(a => a.OnMany);

    private ILookup<string, ActionInfo>? onTypes, onManyTypes;

    private ILookup<string, ActionInfo> Actions(Func<ActionAttribute, string?> on) => modules.SelectMany(m => m.Assembly.GetTypes())
        .Select(t => (Type: t, Action: t.GetCustomAttribute<ActionAttribute>())).Where(a => a.Action is not null && on(a.Action) is not null).ToLookup(a => on(a.Action!)!, a => new ActionInfo(a.Type, a.Action!));

    /// <summary>Rows of a type that are seen beyond the scope.</summary>
    public IEnumerable<RowOpening> OpeningsOn(string type) => modules.SelectMany(m => m.Definition.Openings).Where(o => o.On == type);

    public IEnumerable<T> Declared<T>() => modules.SelectMany(m => m.Definition.Declares.OfType<T>());

    public IEnumerable<StatusItem> StatusItems => modules.SelectMany(m => m.Definition.Status).OrderBy(s => s.Order);

    public IEnumerable<DesktopCard> Cards => modules.SelectMany(m => m.Definition.Cards).OrderBy(c => c.Order);

    /// <summary>Every permission with its label in the reader's language.</summary>
    public IReadOnlyDictionary<string, string> Permissions => Texts.Chinese ? chinese ??= Labels() : english ??= Labels();

    private Dictionary<string, string> Labels() => modules
        .SelectMany(m => m.Definition.Permissions.Select(p => KeyValuePair.Create(p.Key, Texts.L(p.Value))).Concat(m.Documents.SelectMany(d => Rights(d).Select(r => KeyValuePair.Create(d.Permission(r), Texts.L($"{d.Label}：{RightLabels[r]}"))))))
        .ToDictionary(p => p.Key, p => p.Value);

    /// <summary>The rights that make sense for a type.</summary>
    public static IEnumerable<string> Rights(DocumentDefinition d)
    {
        foreach (var r in RightLabels.Keys)
            if ((d.FiguresOf is null || r is DocumentRight.Read or DocumentRight.Export) && (r != DocumentRight.Import || d.Importable) && (r != DocumentRight.Unmask || d.Fields.Any(f => f.Masked)) && (r != DocumentRight.Assign || d.Owned) && (r != DocumentRight.Share || d.Shareable)
                && (r != DocumentRight.Comment || d.Comments) && (r != DocumentRight.Batch || d.Owned || d.Fields.Any(f => f.Batch)))
                yield return r;
    }

    public static readonly IReadOnlyDictionary<string, string> RightLabels = new Dictionary<string, string>
    {
        [DocumentRight.Read] = "查看",
        [DocumentRight.Create] = "新建",
        [DocumentRight.Update] = "修改",
        [DocumentRight.Delete] = "删除",
        [DocumentRight.Restore] = "恢复",
        [DocumentRight.Purge] = "彻底删除",
        [DocumentRight.Batch] = "批量修改",
        [DocumentRight.Assign] = "分配负责人",
        [DocumentRight.Share] = "共享",
        [DocumentRight.Import] = "导入",
        [DocumentRight.Export] = "导出",
        [DocumentRight.Unmask] = "查看完整内容",
        [DocumentRight.Comment] = "点评",
    };

    private static DocumentDefinition Declare<T>(Type declaration, string module) where T : Document, new()
    {
        var builder = new DocumentBuilder<T>(module);
        ((IDocument<T>)Activator.CreateInstance(declaration)!).Declare(builder);
        return builder.Build();
    }
}
