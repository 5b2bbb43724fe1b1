using KuaipuCrm.Sdk;

[assembly: CrmModule("contracts", "合同订单", Order = 80, Icon = "file-signature")]

namespace KuaipuCrm.Contracts;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class ContractsModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
