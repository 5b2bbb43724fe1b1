using KuaipuCrm.Sdk;

[assembly: CrmModule("targets", "目标管理", Order = 90, Icon = "bullseye")]

namespace KuaipuCrm.Targets;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class TargetsModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
