using KuaipuCrm.Sdk;

[assembly: CrmModule("opportunities", "商机管理", Order = 60, Icon = "handshake")]

namespace KuaipuCrm.Opportunities;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class OpportunitiesModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
