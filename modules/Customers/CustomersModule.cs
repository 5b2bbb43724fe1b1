using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Customers.Duplicates;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("customers", "客户管理", Order = 50, Icon = "address-book")]

namespace KuaipuCrm.Customers;

/// <summary>Customers and the people one talks to there.</summary>
public sealed class CustomersModule : IModule
{
    public void Define(ModuleDefinition module)
    {
        module.Services.AddScoped<DuplicateFinder>().AddScoped<ContactTies>().AddScoped<PersonContacts>();
        module.Cards.Add(new DesktopCard("customers", "我的客户", typeof(Desktop.CustomerCards), "customers.customers.read", 10, Columns: 2));
        Pool.Owning.Define(module);
        module.Tabs.Add(new RelatedTab("customer", "contacts", "联系人", "contact",
            (alias, id) => $"{Sql.Trusted(alias)}.id in (select t.contact_id from customers.contact_tie t where t.customer_id = {id})", 10)
        {
            NewValues = id => new Dictionary<string, object?> { ["employerId"] = id },
            Link = (customer, contact) => new TieContact(customer, contact),
            Unlink = (customer, contact) => new UntieContact(customer, contact),
        });
        module.Tabs.Add(new RelatedTab("customer", "children", "下级客户", "customer", (alias, id) => $"{Sql.Trusted(alias)}.parent_id = {id}", 20)
        {
            NewValues = id => new Dictionary<string, object?> { ["parentId"] = id },
        });
        module.Tabs.Add(new RelatedTab("contact", "customers", "相关客户", "customer",
            (alias, id) => $"{Sql.Trusted(alias)}.id in (select t.customer_id from customers.contact_tie t where t.contact_id = {id})", 10)
        {
            Link = (contact, customer) => new TieContact(customer, contact),
            Unlink = (contact, customer) => new UntieContact(customer, contact),
        });
    }
}
