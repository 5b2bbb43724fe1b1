using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing;

/// <summary>The campaign declared (MKT-1, MKT-2).</summary>
internal sealed class CampaignDocument : IDocument<Campaign>
{
    public void Declare(DocumentBuilder<Campaign> d)
    {
        d.Named("campaign", "campaigns", "市场活动", "marketing.campaign", "HD").Title(x => x.Name);
        d.Text(x => x.Name, "活动名称", 100).Required().Listed(220).Indexed("initials").Aliases("名称", "活动", "市场活动", "主题");
        d.Choice(x => x.Type, "活动类型", "campaign.type").Listed(96).Batch().Aliases("类型");
        d.OneOf(x => x.Status, "状态", Campaign.States).ReadOnly().Listed(84);
        d.Date(x => x.StartDate, "开始日期").Listed(96).Walked("start").Aliases("活动开始", "开始时间");
        d.Date(x => x.EndDate, "结束日期").Listed(96).Aliases("活动结束", "结束时间");
        d.Text(x => x.Place, "活动地点", 200).Wide().Aliases("地点", "地址");
        d.LongText(x => x.Purpose, "活动目的", 2000).Aliases("目的", "说明");
        d.Section("预期效果");
        d.Number(x => x.ExpectedLeads, "预计线索数").Range(0, 100_000_000).Aliases("预计线索");
        d.Number(x => x.ExpectedOpportunities, "预计商机数").Range(0, 100_000_000).Aliases("预计商机");
        d.Money(x => x.ExpectedAmount, "预计成交金额").Range(0, 1_000_000_000_000).Listed(120);
        d.Section("预算与费用");
        d.Money(x => x.Budget, "预算合计").Kept().Listed(110);
        d.Money(x => x.Cost, "实际费用").Kept().Listed(110);
        d.Money(x => x.PlannedSales, "产品计划销售额").Kept().Total(false);
        d.Section("过程");
        d.Instant(x => x.StartedAt, "活动开始时间").ReadOnly();
        d.Instant(x => x.EndedAt, "活动结束时间").ReadOnly();
        d.LongText(x => x.Summary, "活动总结", 2000).ReadOnly();
        d.Text(x => x.CancelReason, "取消原因", 500).ReadOnly();
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly().Hidden();
        d.With(x =>
        {
            (x.Importable, x.Comments, x.Attachments, x.Approvals, x.Mail, x.Reminders, x.Timeline, x.Tasks) = (true, true, true, true, true, true, true, true);
            (x.Icon, x.Status, x.Subtitle, x.MenuText) = ("bullhorn", x.Field("status"), x.Field("place"), "全部活动");
            x.Team = Parts.Hub.Team;
            x.Final = [Campaign.Completed, Campaign.Cancelled];
            Filter mine = new("ownerId", FilterOp.Is, "@me"), living = new("status", FilterOp.In, [Campaign.Draft, Campaign.Approved, Campaign.Running]);
            x.Views =
            [
                new("mine", "我的活动", [mine, living]),
                new("joined", "我参与的活动", [living]) { Where = (a, me) => $"{Sql.Trusted(a)}.id in (select p.campaign_id from marketing.participant p where p.user_id = {me.UserId})" },
                new("running", "进行中的活动", [new Filter("status", FilterOp.Is, Campaign.Running)]) { Sort = "startDate" },
                new("coming", "一周内开始的活动", [new Filter("status", FilterOp.In, [Campaign.Draft, Campaign.Approved]), new Filter("startDate", FilterOp.Within, "next7Days")]) { Sort = "startDate" },
                new("drafts", "待审核的活动", [new Filter("status", FilterOp.Is, Campaign.Draft)]),
                new("done", "已完成的活动", [new Filter("status", FilterOp.Is, Campaign.Completed)]),
                new("cancelled", "已取消的活动", [new Filter("status", FilterOp.Is, Campaign.Cancelled)]),
                new("subordinates", "下属的活动", []) { Where = (a, me) => me.Dialect.In(Sql.Trusted($"{a}.owner_id"), me.Subordinates) },
            ];
        });
    }
}
