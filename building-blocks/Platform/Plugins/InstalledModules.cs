using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Plugins;

/// <summary>Tells administrators which modules there are and how they fare (SET-14).</summary>
internal sealed class InstalledModules(ModuleCatalog catalog, Plugins plugins) : IQueryHandler<ListModules, IReadOnlyList<InstalledModule>>, ICommandHandler<SwitchModule, Done>
{
    public Task<IReadOnlyList<InstalledModule>> Handle(ListModules query, CancellationToken ct) => Task.FromResult<IReadOnlyList<InstalledModule>>(
    [
        .. plugins.Found.Select(p => new InstalledModule(p.Id, p.Manifest?.Name ?? p.Id, p.Manifest?.Version ?? "", p.Manifest?.Sdk, true, p.State, p.Why, catalog.Modules.FirstOrDefault(m => m.Id == p.Id && p.Runs)?.Documents.Count ?? 0, plugins.IsOff(p.Id))),
        .. catalog.Modules.Where(m => plugins.Of(m.Assembly) is null).Select(m => new InstalledModule(m.Id, m.Name, m.Assembly.GetName().Version?.ToString(3) ?? "", null, false, ModuleState.Running, null, m.Documents.Count, false)),
    ]);

    public Task<Done> Handle(SwitchModule command, CancellationToken ct)
    {
        if (plugins.Found.All(p => p.Id != command.Id)) throw catalog.Modules.Any(m => m.Id == command.Id) ? new RuleBroken("系统自带的模块不能停用。") : new NotFound("插件");
        plugins.Switch(command.Id, command.On);
        return Task.FromResult(default(Done));
    }
}
