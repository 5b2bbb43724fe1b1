using KuaipuCrm.Sdk;

[assembly: CrmModule("tracking", "客户跟踪", Order = 30, Icon = "comments")]

namespace KuaipuCrm.Tracking;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class TrackingModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
