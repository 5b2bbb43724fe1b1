using KuaipuCrm.Marketing.Parts;
using KuaipuCrm.Marketing.WebForm;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("marketing", "市场活动", Order = 10, Icon = "bullhorn")]

namespace KuaipuCrm.Marketing;

/// <summary>Market campaigns: planned, approved, run; whom they are for, what they cost and what came of them.</summary>
public sealed class MarketingModule : IModule
{
    private const string Read = "marketing.campaigns.read";

    public void Define(ModuleDefinition module)
    {
        module.Services.AddScoped<Hub>().AddScoped<FormSeal>();
        module.MessageKinds["campaign"] = "市场活动：参与和公开表单";
        module.Ties.Add(new DocumentTie("campaign", "user", "marketing.participant", "campaign_id", "user_id") { People = "参与人" });
        module.PublicPages.Add(PublicForm.Map);
        module.RowsPages.Add(new RowsPage("campaign", "活动群发", "/marketing/mail", OutgoingRights.Send, "envelopes-bulk", 1) { When = v => v.GetValueOrDefault("status") as string is Campaign.Approved or Campaign.Running });
        Tabs(module);
        void Add(string text, string view, string icon) => module.Menu.Add(new(text, $"/marketing/campaigns?view={view}", Read, icon, 10 + module.Menu.Count));
        Add("我的活动", "mine", "user-tie");
        Add("我参与的活动", "joined", "people-carry-box");
        Add("进行中的活动", "running", "play");
        Add("一周内开始", "coming", "calendar-week");
        Add("已完成的活动", "done", "flag-checkered");
        Add("下属的活动", "subordinates", "people-group");
    }

    private static void Tabs(ModuleDefinition module)
    {
        void Part(string name, string text, string type, int order) => module.Tabs.Add(new RelatedTab("campaign", name, text, type, (alias, id) => $"{Sql.Trusted(alias)}.campaign_id = {id}", order) { NewValues = id => new Dictionary<string, object?> { ["campaignId"] = id } });
        Part("targets", "目标客户", "campaigntarget", 1);
        Part("budgets", "活动预算", "campaignbudget", 2);
        Part("products", "活动产品", "campaignproduct", 3);
        module.Components.Add(new ComponentTab("campaign", "result", "活动效果", typeof(Effect.ResultTab), Read, 4));
        module.Components.Add(new ComponentTab("campaign", "participants", "参与人", typeof(Team.ParticipantsTab), Read, 6));
        module.Components.Add(new ComponentTab("campaign", "web-form", "公开表单", typeof(WebFormTab), Read, 20));
        module.Tabs.Add(new RelatedTab("customer", "campaigns", "市场活动", "campaigntarget", (alias, id) => $"{Sql.Trusted(alias)}.customer_id = {id}", 36) { NewValues = id => new Dictionary<string, object?> { ["customerId"] = id } });
    }
}
