using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Customers.Duplicates;
using KuaipuCrm.Customers.Relations;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("customers", "客户管理", Order = 50, Icon = "address-book")]

namespace KuaipuCrm.Customers;

/// <summary>Customers and the people one talks to there.</summary>
public sealed class CustomersModule : IModule
{
    public const string PrivacyPermission = "customers.contacts.privacy";
    public const string MergePermission = "customers.customers.merge";

    /// <summary>The lists people work from, each under its name in the menu (CUS-14).</summary>
    private static readonly (string Text, string View, string Icon, int Order)[] Lists =
    [
        ("我的客户", "mine", "user-tie", 10), ("我的重点客户", "key", "star", 11), ("我关注的客户", "watched", "eye", 12), ("共享给我的客户", "shared", "share-nodes", 13),
        ("下属的客户", "subordinates", "people-group", 14), ("下属关注的客户", "subwatched", "binoculars", 15), ("竞争对手", "competitors", "chess-knight", 16),
    ];

    private static bool NotCompetitor(IReadOnlyDictionary<string, object?> values) => values.GetValueOrDefault("customerType") as string != Customer.Competitor;

    public void Define(ModuleDefinition module)
    {
        module.Permissions[MergePermission] = "客户：合并";
        module.Permissions[PrivacyPermission] = "联系人：导出和删除个人信息";
        module.Services.AddScoped<Merge.MergeRules>().AddScoped<Privacy.SamePerson>();
        module.Components.Add(new ComponentTab("contact", "privacy", "个人信息保护", typeof(Privacy.PrivacyTab), PrivacyPermission, 50));
        module.Services.AddScoped<DuplicateFinder>().AddScoped<ContactTies>().AddScoped<PersonContacts>();
        module.Cards.Add(new DesktopCard("customers", "我的客户", typeof(Desktop.CustomerCards), "customers.customers.read", 10, Columns: 2));
        Pool.Owning.Define(module);
        module.Ties.Add(new DocumentTie("customer", "contact", "customers.contact_tie", "customer_id", "contact_id", OpensWithOwner: true));
        module.Ties.Add(new DocumentTie("contact", "customer", "customers.contact_tie", "contact_id", "customer_id"));
        module.Ties.Add(new DocumentTie("customer", "customer", "customers.relation", "customer_id", "other_id"));
        module.Ties.Add(new DocumentTie("customer", "customer", "customers.relation", "other_id", "customer_id"));
        module.Ties.Add(new DocumentTie("customer", "user", "customers.watch", "customer_id", "user_id"));
        foreach (var (text, view, icon, order) in Lists) module.Menu.Add(new MenuEntry(text, $"/customers/customers?view={view}", "customers.customers.read", icon, order));
        module.RowsPages.Add(new RowsPage("customer", "合并", "/customers/merge", MergePermission, "code-merge", 2));
        module.RowsPages.Add(new RowsPage("customer", "群发邮件", "/customers/mail", OutgoingRights.Send, "envelopes-bulk", 500));
        module.RowsPages.Add(new RowsPage("contact", "群发邮件", "/customers/contacts-mail", OutgoingRights.Send, "envelopes-bulk", 500));
        module.Menu.Add(new MenuEntry("合并客户", "/customers/merge", MergePermission, "code-merge", 40));
        module.Tabs.Add(new RelatedTab("customer", "contacts", "联系人", "contact",
            (alias, id) => $"{Sql.Trusted(alias)}.id in (select t.contact_id from customers.contact_tie t where t.customer_id = {id})", 10)
        {
            NewValues = id => new Dictionary<string, object?> { ["employerId"] = id },
            Link = (customer, contact) => new TieContact(customer, contact),
            Unlink = (customer, contact) => new UntieContact(customer, contact),
        });
        module.Tabs.Add(new RelatedTab("customer", "competitors", "竞争对手", "customer",
            (alias, id) => $"{Sql.Trusted(alias)}.id in (select r.other_id from customers.relation r where r.customer_id = {id} and r.relation = {RelationHandlers.Competitor})", 30)
        {
            When = NotCompetitor,
            NewValues = _ => new Dictionary<string, object?> { ["customerType"] = Customer.Competitor },
            Link = (customer, competitor) => new SetRelation(customer, competitor, RelationHandlers.Competitor),
            Unlink = (customer, competitor) => new RemoveRelation(customer, competitor),
        });
        module.Tabs.Add(new RelatedTab("customer", "contested", "争夺客户", "customer",
            (alias, id) => $"{Sql.Trusted(alias)}.id in (select r.customer_id from customers.relation r where r.other_id = {id} and r.relation = {RelationHandlers.Competitor})", 5)
        {
            When = values => !NotCompetitor(values),
            Link = (competitor, customer) => new SetRelation(customer, competitor, RelationHandlers.Competitor),
            Unlink = (competitor, customer) => new RemoveRelation(customer, competitor),
        });
        module.Tabs.Add(new RelatedTab("customer", "children", "下级客户", "customer", (alias, id) => $"{Sql.Trusted(alias)}.parent_id = {id}", 20)
        {
            NewValues = id => new Dictionary<string, object?> { ["parentId"] = id },
        });
        module.Components.Add(new ComponentTab("customer", "relations", "关联客户", typeof(RelationsTab), "customers.customers.read", 30));
        module.Components.Add(new ComponentTab("customer", "tree", "上下级", typeof(TreeTab), "customers.customers.read", 40));
        module.Tabs.Add(new RelatedTab("contact", "customers", "相关客户", "customer",
            (alias, id) => $"{Sql.Trusted(alias)}.id in (select t.customer_id from customers.contact_tie t where t.contact_id = {id})", 10)
        {
            Link = (contact, customer) => new TieContact(customer, contact),
            Unlink = (contact, customer) => new UntieContact(customer, contact),
        });
    }
}
