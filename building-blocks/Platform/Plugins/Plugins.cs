using System.Reflection;
using System.Text.Json;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.Logging;

namespace KuaipuCrm.Platform.Plugins;

/// <summary>A plug-in that was found, and what became of it.</summary>
public sealed class Plugin(string folder)
{
    /// <summary>Its folder, with its files for browsers below <c>wwwroot</c>.</summary>
    public string Folder { get; } = folder;
    public PluginManifest? Manifest { get; internal set; }
    public ModuleState State { get; internal set; } = ModuleState.Running;
    /// <summary>For the administrator: why it doesn't run, or not wholly.</summary>
    public string? Why { get; internal set; }
    internal Assembly? Assembly { get; set; }

    public string Id => Manifest?.Id ?? Path.GetFileName(Folder);
    public bool Runs => State is ModuleState.Running or ModuleState.Impaired;
}

/// <summary>Partners' modules in the plug-in folder (PLG-1). One that is broken is left out whole and told of; the host and all others run on (PLG-3).</summary>
public sealed class Plugins
{
    private readonly string switches;
    private readonly List<Plugin> found = [];

    private Plugins(string switches) => this.switches = switches;

    public IReadOnlyList<Plugin> Found => found;

    /// <summary>Whether an assembly came from a plug-in that runs.</summary>
    public Plugin? Of(Assembly assembly) => found.FirstOrDefault(p => p.Assembly == assembly);

    /// <summary>Takes every plug-in of the folder into the catalog, but those that are broken or switched off.</summary>
    /// <param name="switches">The file with the ids of plug-ins that are switched off.</param>
    public static Plugins Load(ModuleCatalog catalog, string folder, string switches)
    {
        var plugins = new Plugins(switches);
        if (!Directory.Exists(folder)) return plugins;
        var off = plugins.Off();
        foreach (var home in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            var plugin = new Plugin(home);
            plugins.found.Add(plugin);
            try
            {
                plugin.Manifest = PluginManifest.Read(home);
                plugin.Manifest.MustFit(SdkVersion);
                if (off.Contains(plugin.Id)) (plugin.State, plugin.Why) = (ModuleState.Off, "已由管理员停用。");
                else plugin.Assembly = Take(catalog, plugin);
            }
            catch (Exception e)
            {
                plugins.Fail(plugin, e);
            }
        }
        return plugins;
    }

    public static Version SdkVersion => typeof(IModule).Assembly.GetName().Version!;

    /// <summary>Migrates each plug-in's tables; one that fails is taken out of the catalog.</summary>
    public void Migrate(ModuleCatalog catalog, Action<string, Assembly> run)
    {
        foreach (var plugin in found.Where(p => p.Runs).ToList())
            try
            {
                run(plugin.Id, plugin.Assembly!);
            }
            catch (Exception e)
            {
                catalog.Remove(plugin.Id);
                Fail(plugin, new PluginRefused($"数据表升级失败：{Innermost(e).Message}"));
            }
    }

    /// <summary>Something of a plug-in that already runs failed; the rest goes on.</summary>
    public void Impair(Plugin plugin, string what, Exception e) => (plugin.State, plugin.Why) = (ModuleState.Impaired, $"{what}：{Innermost(e).Message}");

    /// <summary>Takes effect at the next start.</summary>
    public void Switch(string id, bool on)
    {
        var off = Off();
        if (on) off.Remove(id);
        else off.Add(id);
        Directory.CreateDirectory(Path.GetDirectoryName(switches)!);
        // Written beside and put in place: a start in the midst reads the old or the new, never half of it.
        File.WriteAllText(switches + ".new", JsonSerializer.Serialize(off.Order(StringComparer.Ordinal)));
        File.Move(switches + ".new", switches, overwrite: true);
    }

    public bool IsOff(string id) => Off().Contains(id);

    public void Log(ILogger log)
    {
        foreach (var p in found)
            if (p.Runs) log.LogInformation("插件 {Plugin} {Version} 已加载", p.Id, p.Manifest!.Version);
            else log.LogWarning("插件 {Plugin} 未加载：{Why}", p.Id, p.Why);
    }

    private static Assembly Take(ModuleCatalog catalog, Plugin plugin)
    {
        var manifest = plugin.Manifest!;
        var path = Path.GetFullPath(Path.Combine(plugin.Folder, manifest.Assembly));
        if (!File.Exists(path)) throw new PluginRefused($"清单中的程序集 {manifest.Assembly} 不存在。");
        var assembly = new PluginContext(path).LoadFromAssemblyPath(path);
        var mark = assembly.GetCustomAttribute<CrmModuleAttribute>() ?? throw new PluginRefused($"{manifest.Assembly} 中没有模块标记 CrmModule。");
        if (mark.Id != manifest.Id) throw new PluginRefused($"模块标记的 id“{mark.Id}”与清单的“{manifest.Id}”不同。");
        catalog.Add(assembly);
        return assembly;
    }

    private void Fail(Plugin plugin, Exception e) => (plugin.State, plugin.Assembly, plugin.Why) = (ModuleState.Refused, null, e switch
    {
        PluginRefused => e.Message,
        BadImageFormatException => "文件不是有效的 .NET 程序集，可能已损坏。",
        ReflectionTypeLoadException t when t.LoaderExceptions.OfType<Exception>().FirstOrDefault() is { } missing => $"缺少所依赖的程序集，或版本不符：{missing.Message}",
        FileNotFoundException or FileLoadException => $"缺少所依赖的程序集，或版本不符：{e.Message}",
        _ => $"启动时出错：{Innermost(e).Message}",
    });

    private HashSet<string> Off()
    {
        try
        {
            return File.Exists(switches) ? JsonSerializer.Deserialize<HashSet<string>>(File.ReadAllText(switches)) ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner && e is TargetInvocationException or TypeInitializationException or AggregateException ? Innermost(inner!) : e;
}
