using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Stages;

/// <summary>The stages every account set begins with, for ordinary deals and for bids.</summary>
internal sealed class StageDefaults(IDb db, IScope scope, IDocuments<Stage> stages) : ISeed
{
    public int Order => 60;

    private static readonly (string Kind, string Name, int Probability, int Days, string Duties, string Standard)[] Usual =
    [
        (Opportunity.Ordinary, "初步接洽", 10, 15, "销售", "确认客户的需求方向、预算范围和决策人。"),
        (Opportunity.Ordinary, "需求确认", 25, 20, "销售、售前", "完成需求调研，形成需求分析。"),
        (Opportunity.Ordinary, "方案报价", 50, 20, "销售、售前", "提交方案与报价，与决策人沟通。"),
        (Opportunity.Ordinary, "商务谈判", 75, 15, "销售、经理", "确认价格、付款方式和交付周期。"),
        (Opportunity.Ordinary, "签约准备", 90, 10, "销售、法务", "合同文本定稿，安排签字盖章。"),
        (Opportunity.Bid, "获取招标信息", 10, 15, "销售", "核实招标项目、资金来源和时间安排。"),
        (Opportunity.Bid, "资格预审", 20, 15, "销售、商务", "准备资质文件，参加资格预审。"),
        (Opportunity.Bid, "投标准备", 40, 20, "售前、商务", "购买标书，编制投标文件，缴纳投标保证金。"),
        (Opportunity.Bid, "开标评标", 60, 10, "销售、经理", "参加开标，答疑。"),
        (Opportunity.Bid, "中标谈判", 90, 15, "销售、法务", "领取中标通知书，商定合同。"),
    ];

    public async Task Defaults(CancellationToken ct)
    {
        if (await db.First<long>($"select count(*) from opportunities.stage s where {scope.All("stage", "are there any yet")}", ct) > 0) return;
        foreach (var kind in Usual.GroupBy(s => s.Kind))
            foreach (var (s, i) in kind.Select((s, i) => (s, i)))
                await stages.Create(new Stage { Kind = s.Kind, Name = s.Name, Sort = (i + 1) * 10, Probability = s.Probability, ExpectedDays = s.Days, Duties = s.Duties, Standard = s.Standard }, ct: ct);
    }
}
