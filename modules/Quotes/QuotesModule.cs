using KuaipuCrm.Sdk;

[assembly: CrmModule("quotes", "报价管理", Order = 70, Icon = "file-invoice")]

namespace KuaipuCrm.Quotes;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class QuotesModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
