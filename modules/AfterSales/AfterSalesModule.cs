using KuaipuCrm.Sdk;

[assembly: CrmModule("aftersales", "售后服务", Order = 120, Icon = "screwdriver-wrench")]

namespace AfterSales;

/// <summary>A partner's module as a plug-in: repairs for customers.</summary>
public sealed class AfterSalesModule : IModule
{
    public void Define(ModuleDefinition module)
    {
        module.Menu.Add(new("维修看板", "/aftersales/board", "aftersales.repairs.read", "table-columns", 10));
        module.Tabs.Add(new RelatedTab("customer", "repairs", "维修服务", "repair", (alias, id) => $"{Sql.Trusted(alias)}.customer_id = {id}", 100)
        {
            NewValues = id => new Dictionary<string, object?> { ["customerId"] = id },
        });
    }
}
