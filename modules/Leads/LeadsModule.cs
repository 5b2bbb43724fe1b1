using KuaipuCrm.Leads.Assign;
using KuaipuCrm.Leads.Convert;
using KuaipuCrm.Leads.Duplicates;
using KuaipuCrm.Leads.Products;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("leads", "线索管理", Order = 20, Icon = "filter")]

namespace KuaipuCrm.Leads;

/// <summary>Those who may want to buy: taken in, given out in turn, followed, made opportunities of or given up.</summary>
public sealed class LeadsModule : IModule
{
    private const string Read = "leads.leads.read", Update = "leads.leads.update";

    public void Define(ModuleDefinition module)
    {
        module.Services.AddScoped<LeadDuplicates>().AddScoped<Turns>().AddScoped<Conversion>();
        module.MessageKinds["lead"] = "线索：分配";
        module.Ties.Add(new DocumentTie("lead", "product", "leads.lead_product", "lead_id", "product_id"));
        module.Ties.Add(new DocumentTie("customer", "lead", "leads.lead_customer", "customer_id", "lead_id"));
        module.RowsPages.Add(new RowsPage("lead", "生成商机", "/leads/convert", Update, "handshake", 1) { Prominent = true, When = v => v.GetValueOrDefault("status") as string is Lead.Open or Lead.Following });
        module.Tabs.Add(new RelatedTab("lead", "products", "意向产品", "product", (alias, id) => $"{Sql.Trusted(alias)}.id in (select p.product_id from leads.lead_product p where p.lead_id = {id})", 10)
        {
            Link = (lead, product) => new AddLeadProduct(lead, product),
            Unlink = (lead, product) => new RemoveLeadProduct(lead, product),
        });
        module.Tabs.Add(new RelatedTab("lead", "targets", "目标客户", "customer", (alias, id) => $"{Sql.Trusted(alias)}.id in (select p.customer_id from leads.lead_customer p where p.lead_id = {id})", 12)
        {
            Link = (lead, customer) => new AddLeadCustomer(lead, customer),
            Unlink = (lead, customer) => new RemoveLeadCustomer(lead, customer),
        });
        module.Tabs.Add(new RelatedTab("customer", "leads", "线索", "lead", (alias, id) => $"({Sql.Trusted(alias)}.customer_id = {id} or {Sql.Trusted(alias)}.id in (select p.lead_id from leads.lead_customer p where p.customer_id = {id}))", 16)
        {
            NewValues = id => new Dictionary<string, object?> { ["customerId"] = id, ["withCustomer"] = Lead.Found },
            When = v => v.GetValueOrDefault("customerType") as string != "competitor",
        });
        module.Tabs.Add(new RelatedTab("campaign", "campaign-leads", "线索", "lead", (alias, id) => $"{Sql.Trusted(alias)}.campaign_id = {id}", 14) { NewValues = id => new Dictionary<string, object?> { ["campaignId"] = id } });
        module.Tabs.Add(new RelatedTab("leadrule", "members", "分配给", "user", (alias, id) => $"{Sql.Trusted(alias)}.id in (select m.user_id from leads.rule_member m where m.rule_id = {id})", 10)
        {
            Link = (rule, user) => new AddRuleMember(rule, user),
            Unlink = (rule, user) => new RemoveRuleMember(rule, user),
        });
        void Add(string text, string url, string icon) => module.Menu.Add(new(text, url, Read, icon, 10 + module.Menu.Count));
        Add("我的线索", "/leads/leads?view=mine", "user-tie");
        Add("待跟进的线索", "/leads/leads?view=open", "inbox");
        Add("未分配的线索", "/leads/leads?view=unassigned", "user-slash");
        Add("下属的线索", "/leads/leads?view=subordinates", "people-group");
        Add("线索分析", "/leads/analysis", "chart-simple");
    }
}
