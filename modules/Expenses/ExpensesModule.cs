using KuaipuCrm.Sdk;

[assembly: CrmModule("expenses", "费用管理", Order = 85, Icon = "receipt")]

namespace KuaipuCrm.Expenses;

/// <summary>Has no content yet and therefore shows no menu; loaded like every module.</summary>
public sealed class ExpensesModule : IModule
{
    public void Define(ModuleDefinition module)
    {
    }
}
