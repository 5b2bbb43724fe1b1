using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>What stands in a tab of an opportunity and lives with it.</summary>
internal interface IOfOpportunity
{
    long? OpportunityId { get; }
}

/// <summary>A step of an opportunity (阶段推进, OPP-4): on, back, or further within its stage; with what was achieved and what comes next.</summary>
internal sealed class Advance : Document, IOfOpportunity
{
    public const string Start = "start", Forward = "forward", Back = "back", Progressed = "note";

    public string Subject { get; set; } = "";
    public long? OpportunityId { get; set; }
    public string Kind { get; set; } = Forward;
    /// <summary>UTC.</summary>
    public DateTime? At { get; set; }
    public long? StageId { get; set; }
    public long? FromStageId { get; set; }
    /// <summary>Per cent.</summary>
    public long? Probability { get; set; }
    public string? Progress { get; set; }
    public string? NextStep { get; set; }
    /// <summary>UTC; null while the opportunity stands so.</summary>
    public DateTime? LeftAt { get; set; }
    /// <summary>Days until <see cref="LeftAt"/>.</summary>
    public decimal? Stay { get; set; }
}

internal sealed class AdvanceDocument : IDocument<Advance>
{
    public void Declare(DocumentBuilder<Advance> d)
    {
        d.Named("advance", "advances", "阶段推进", "opportunities.advance", "TJ").Title(x => x.Subject);
        d.Reference(x => x.OpportunityId, "商机", "opportunity").Required().Fixed().OpensWithOwner().Listed(200).Aliases("商机名称");
        d.Instant(x => x.At, "推进日期").Required().StartsNow().Fixed().Listed(132).Walked("at").Aliases("日期", "时间");
        d.Reference(x => x.StageId, "阶段", "stage").Required().Fixed().Listed(96).Aliases("商机阶段");
        d.Reference(x => x.FromStageId, "原阶段", "stage").ReadOnly().Listed(96);
        d.OneOf(x => x.Kind, "类别", new(Advance.Start, "开始", "Start"), new(Advance.Forward, "推进", "Forward"), new(Advance.Back, "回退", "Back"), new(Advance.Progressed, "进展", "Progress")).ReadOnly().Listed(64);
        d.Number(x => x.Probability, "成功概率（%）").Range(0, 100).Fixed().Listed(96).Help("不填则按阶段");
        d.LongText(x => x.Progress, "进展", 2000).Aliases("进展情况", "内容");
        d.Text(x => x.NextStep, "下一步", 200).Wide().Listed(180).Aliases("下一步计划");
        d.Instant(x => x.LeftAt, "离开时间").Kept();
        d.Quantity(x => x.Stay, "停留天数").Kept().Listed(80);
        d.Text(x => x.Subject, "主题", 100).ReadOnly();
        d.With(x =>
        {
            (x.Importable, x.Searchable, x.Icon, x.MenuGroup) = (true, false, "stairs", "过程");
            (x.Subtitle, x.HappenedAt, x.Order) = (x.Field("opportunityId"), x.Field("at"), ("at", true));
            x.Views = [new("mine", "我的阶段推进", [new Filter("ownerId", FilterOp.Is, "@me")]), new("week", "本周的", [new Filter("at", FilterOp.Within, "thisWeek")]), new("back", "回退", [new Filter("kind", FilterOp.Is, Advance.Back)])];
        });
    }
}
