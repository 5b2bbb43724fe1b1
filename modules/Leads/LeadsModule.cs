using KuaipuCrm.Sdk;

[assembly: CrmModule("leads", "线索管理", Order = 20, Icon = "filter")]

namespace KuaipuCrm.Leads;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class LeadsModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
