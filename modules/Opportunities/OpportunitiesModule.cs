using KuaipuCrm.Opportunities.Events;
using KuaipuCrm.Opportunities.Parts;
using KuaipuCrm.Opportunities.Registrations;
using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("opportunities", "商机管理", Order = 60, Icon = "handshake")]

namespace KuaipuCrm.Opportunities;

/// <summary>Deals in prospect, from the first talk to won or lost: stages, what belongs to a deal, the board and the funnel.</summary>
public sealed class OpportunitiesModule : IModule
{
    internal const string Read = "opportunities.opportunities.read";

    public void Define(ModuleDefinition module)
    {
        module.Services.AddScoped<StageBook>().AddScoped<Gates>().AddScoped<StageTrail>().AddScoped<Hub>().AddScoped<CustomersActivity>().AddScoped<Changes.PipelineLedger>().AddScoped<RegistrationDesk>();
        module.Declares.Add(new CustomerActivityKind(CustomersActivity.Kind, "最近商机", Runs: true, "有进行中的商机"));
        module.Jobs.Add(new RecurringJob("wake-opportunities", "唤醒到期的暂缓商机", typeof(WakeOpportunities), "*/10 * * * *"));
        module.Jobs.Add(new RecurringJob("watch-protection", "到期的上游报备", typeof(WatchProtection), "7 * * * *"));
        module.MessageKinds["opportunity"] = "商机：协助、建议和唤醒";
        module.Ties.Add(new DocumentTie("opportunity", "user", "opportunities.assistant", "opportunity_id", "user_id") { People = "协助人" });
        module.Cards.Add(new DesktopCard("opportunities", "我的商机", typeof(Desktop.DealCard), Read, 14, Columns: 2));
        Tabs(module);
        Menu(module);
    }

    private static void Tabs(ModuleDefinition module)
    {
        void Part(string name, string text, string type, int order) => module.Tabs.Add(new RelatedTab("opportunity", name, text, type, (alias, id) => $"{Sql.Trusted(alias)}.opportunity_id = {id}", order) { NewValues = id => new Dictionary<string, object?> { ["opportunityId"] = id } });
        Part("advances", "阶段推进", "advance", 1);
        Part("requirements", "需求分析", "requirement", 2);
        Part("lines", "产品", "opportunityline", 3);
        Part("stakeholders", "商机联系人", "stakeholder", 4);
        Part("competitions", "竞争分析", "competition", 6);
        Part("registrations", "上游报备", "registration", 8);
        module.Tabs.Add(new RelatedTab("customer", "vendor-registrations", "上游报备", "registration", (alias, id) => $"{Sql.Trusted(alias)}.vendor_id = {id}", 36) { When = v => v.GetValueOrDefault("customerType") is "supplier" or "partner" or "agent" or "distributor" });
        module.Components.Add(new ComponentTab("registration", "send", "发送报备", typeof(SendTab), "opportunities.registrations.read", 1));
        module.Components.Add(new ComponentTab("opportunity", "team", "团队建议", typeof(Team.TeamTab), Read, 5));
        module.Tabs.Add(new RelatedTab("customer", "opportunities", "商机", "opportunity", (alias, id) => $"{Sql.Trusted(alias)}.customer_id = {id}", 15) { NewValues = id => new Dictionary<string, object?> { ["customerId"] = id } });
        module.Tabs.Add(new RelatedTab("contact", "contact-opportunities", "商机", "stakeholder", (alias, id) => $"{Sql.Trusted(alias)}.contact_id = {id}", 15) { NewValues = id => new Dictionary<string, object?> { ["contactId"] = id } });
        module.Tabs.Add(new RelatedTab("customer", "customer-competitions", "竞争分析", "competition", (alias, id) => $"{Sql.Trusted(alias)}.customer_id = {id}", 35) { When = v => v.GetValueOrDefault("customerType") as string != "competitor" });
        module.Tabs.Add(new RelatedTab("customer", "competitor-competitions", "竞争分析", "competition", (alias, id) => $"{Sql.Trusted(alias)}.competitor_id = {id}", 6) { When = v => v.GetValueOrDefault("customerType") as string == "competitor" });
        foreach (var (type, column) in new[] { ("lead", "lead_id"), ("campaign", "campaign_id") })
            module.Tabs.Add(new RelatedTab(type, type + "-opportunities", "商机", "opportunity", (alias, id) => $"{Sql.Trusted($"{alias}.{column}")} = {id}", 15) { NewValues = id => new Dictionary<string, object?> { [$"{type}Id"] = id } });
    }

    private static void Menu(ModuleDefinition module)
    {
        void Add(string text, string url, string icon) => module.Menu.Add(new(text, url, Read, icon, 10 + module.Menu.Count));
        Add("商机看板", "/opportunities/board", "table-columns");
        Add("销售漏斗", "/opportunities/funnel", "filter-circle-dollar");
        Add("商机预测", "/opportunities/forecast", "chart-column");
        Add("商机变化", "/opportunities/changes", "right-left");
        Add("我的商机", "/opportunities/opportunities?view=mine", "user-tie");
        Add("停留超期的商机", "/opportunities/opportunities?view=overdue", "hourglass-end");
        Add("本月预签的商机", "/opportunities/opportunities?view=signing", "calendar-check");
        Add("暂缓的商机", "/opportunities/opportunities?view=paused", "pause");
        Add("未报上游的商机", "/opportunities/opportunities?view=unregistered", "shield-halved");
        Add("联系人少的商机", "/opportunities/opportunities?view=single", "user-large");
        Add("我协助的商机", "/opportunities/opportunities?view=assisted", "people-carry-box");
        Add("下属的商机", "/opportunities/opportunities?view=subordinates", "people-group");
    }
}
