using KuaipuCrm.Sdk;

[assembly: CrmModule("marketing", "市场活动", Order = 10, Icon = "bullhorn")]

namespace KuaipuCrm.Marketing;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class MarketingModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
