namespace KuaipuCrm.Sdk;

/// <summary>What became of a module at the start.</summary>
public enum ModuleState
{
    Running,
    /// <summary>Runs, but something of it failed at the start.</summary>
    Impaired,
    /// <summary>Switched off by an administrator.</summary>
    Off,
    /// <summary>Not taken: the reason is told.</summary>
    Refused,
}

/// <param name="Plugin">Came from the plug-in folder; the others belong to the program.</param>
/// <param name="Sdk">The SDK version it was built for.</param>
/// <param name="Why">Why it doesn't run, or not wholly; in Chinese.</param>
/// <param name="OffNext">Switched off from the next start on.</param>
public sealed record InstalledModule(string Id, string Name, string Version, string? Sdk, bool Plugin, ModuleState State, string? Why, int Documents, bool OffNext)
{
    public string Name { get => Texts.L(field); } = Name;
    public string? Why { get => field is null ? null : Texts.Retell(field); } = Why;
}

/// <summary>All modules with their state, plug-ins that were refused among them (SET-14).</summary>
[Action("已安装模块", "settings.modules.manage", Route = "modules")]
public sealed record ListModules : IQuery<IReadOnlyList<InstalledModule>>;

/// <summary>Switches a plug-in on or off, from the next start on.</summary>
[Action("启用或停用插件", "settings.modules.manage", Route = "modules/{id}/switch")]
public sealed record SwitchModule(string Id, bool On) : ICommand<Done>;
