using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities;

/// <summary>The opportunity declared (OPP-1, OPP-2, OPP-9).</summary>
internal sealed class OpportunityDocument : IDocument<Opportunity>
{
    private static bool IsBid(IReadOnlyDictionary<string, object?> v) => v.GetValueOrDefault("kind") as string == Opportunity.Bid;

    public void Declare(DocumentBuilder<Opportunity> d)
    {
        d.Named("opportunity", "opportunities", "商机", "opportunities.opportunity", "SJ").Title(x => x.Name);
        d.Text(x => x.Name, "商机名称", 100).Required().Listed(220).Indexed("initials").Aliases("名称", "商机", "项目名称", "主题");
        d.OneOf(x => x.Kind, "商机类型", Opportunity.Kinds).Required().Fixed().Default(_ => Opportunity.Ordinary).Aliases("类型");
        d.Reference(x => x.CustomerId, "客户", "customer").Required().OpensWithOwner().Listed(180).Aliases("客户名称", "公司名称", "单位");
        d.Reference(x => x.ContactId, "联系人", "contact").Among("customerId", "contacts").Aliases("客户联系人");
        d.OneOf(x => x.Status, "状态", Opportunity.States).ReadOnly().Listed(94);
        d.Reference(x => x.StageId, "商机阶段", "stage").Fixed().Listed(96).Help("不选则从第一个阶段开始").Aliases("阶段");
        d.Number(x => x.Probability, "成功概率（%）").Range(0, 100).Listed(88).Help("不填则按阶段").Aliases("成功概率", "赢率");
        d.Money(x => x.Amount, "金额").Range(0, 1_000_000_000_000).Listed(128).Aliases("商机金额", "预计金额", "预计成交金额");
        d.Date(x => x.SignDate, "预签日期").Listed(96).Walked("sign").Batch().Aliases("预计签单日期", "预计成交日期", "预计签约日期");
        d.Choice(x => x.Source, "商机来源", "lead.source").Batch().Aliases("来源");
        d.LongText(x => x.Remarks, "备注", 4000).Aliases("说明", "描述");
        d.Section("进展");
        d.Instant(x => x.StageSince, "进入阶段时间").ReadOnly().WithAge().Listed(190);
        d.Date(x => x.StageDue, "阶段应完成").ReadOnly().Walked("due");
        d.Money(x => x.Weighted, "加权金额").ReadOnly();
        d.Money(x => x.LinesAmount, "产品合计").Kept().Total(false);
        d.Instant(x => x.LastContactAt, "最近联系").Kept();
        d.Instant(x => x.NextContactAt, "下次联系").Kept();
        d.OneOf(x => x.Registration, "报备状态", Registrations.Registration.States).Kept();
        d.Reference(x => x.PendingStageId, "待审核进入的阶段", "stage").ReadOnly();
        d.Section("投标");
        d.Money(x => x.Investment, "项目投资额").Range(0, 1_000_000_000_000).Total(false).VisibleWhen(IsBid);
        d.Text(x => x.BidPlace, "投标地点", 200).VisibleWhen(IsBid);
        d.Date(x => x.BidStart, "投标开始日期").VisibleWhen(IsBid);
        d.Date(x => x.BidEnd, "投标截止日期").VisibleWhen(IsBid);
        d.Date(x => x.ImplementOn, "实施日期").VisibleWhen(IsBid);
        d.Money(x => x.BidBond, "投标保证金").Range(0, 1_000_000_000_000).Total(false).VisibleWhen(IsBid);
        d.Section("来源与结果");
        d.OptionalReference(x => x.LeadId, "线索", "lead");
        d.OptionalReference(x => x.CampaignId, "市场活动", "campaign");
        d.OptionalReference(x => x.RecordId, "来自联系记录", "contactrecord").ReadOnly();
        d.Choice(x => x.PauseReason, "暂缓原因", "pause.reason").ReadOnly();
        d.Text(x => x.PauseNote, "暂缓说明", 500).ReadOnly();
        d.Date(x => x.WakeOn, "唤醒日期").ReadOnly();
        d.Instant(x => x.ClosedAt, "结束时间").ReadOnly();
        d.Choice(x => x.LossReason, "丢单原因", "loss.reason").ReadOnly();
        d.Reference(x => x.WinnerId, "赢单的竞争对手", "customer").ReadOnly();
        d.Text(x => x.CloseNote, "结束说明", 500).ReadOnly();
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly().Hidden();
        d.Number(x => x.Furthest, "最远阶段").Hidden();
        d.LongText(x => x.PendingProgress, "待审核的进展", 2000).Hidden();
        d.Text(x => x.PendingNext, "待审核的下一步", 200).Hidden();
        d.With(x =>
        {
            (x.Importable, x.Comments, x.Attachments, x.Approvals, x.Mail, x.Reminders, x.Timeline, x.Tasks) = (true, true, true, true, true, true, true, true);
            (x.Icon, x.Status, x.Subtitle, x.MenuText) = ("handshake", x.Field("status"), x.Field("customerId"), "全部商机");
            x.Team = Parts.Hub.Team;
            x.Final = [Opportunity.Won, Opportunity.Invalid];
            x.Likely = (v, id) => new FindLikely(v.GetValueOrDefault("name") as string, v.GetValueOrDefault("customerId") as long?, id);
            Filter mine = new("ownerId", FilterOp.Is, "@me"), running = new("status", FilterOp.Is, Opportunity.Running);
            x.Views =
            [
                new("mine", "我的商机", [mine, new Filter("status", FilterOp.In, [Opportunity.Draft, Opportunity.Running])]),
                new("running", "进行中的商机", [running]),
                new("drafts", "报备中的商机", [new Filter("status", FilterOp.Is, Opportunity.Draft)]),
                new("overdue", "停留超期的商机", [running, new Filter("stageDue", FilterOp.Within, "beforeToday")]) { Sort = "stageDue" },
                new("signing", "本月预签的商机", [running, new Filter("signDate", FilterOp.Within, "thisMonth")]) { Sort = "signDate" },
                new("late", "预签已过期的商机", [running, new Filter("signDate", FilterOp.Within, "beforeToday")]) { Sort = "signDate" },
                new("paused", "暂缓的商机", [new Filter("status", FilterOp.Is, Opportunity.Paused)]) { Sort = "wakeOn" },
                new("won", "成功的商机", [new Filter("status", FilterOp.Is, Opportunity.Won)]),
                new("invalid", "无效的商机", [new Filter("status", FilterOp.Is, Opportunity.Invalid)]),
                new("unregistered", "未报上游的商机", [new Filter("status", FilterOp.In, [Opportunity.Draft, Opportunity.Running]), new Filter("registration", FilterOp.Empty, [])]) { Usual = true },
                new("single", "联系人少的商机", [running]) { Where = (a, me) => $"(select count(*) from opportunities.stakeholder s where s.opportunity_id = {Sql.Trusted(a)}.id and s.deleted_at is null and {me.Scope.All("stakeholder", "how many there are, whoever may see them")}) <= 1" },
                new("assisted", "我协助的商机", []) { Where = (a, me) => $"{Sql.Trusted(a)}.id in (select s.opportunity_id from opportunities.assistant s where s.user_id = {me.UserId})" },
                new("subordinates", "下属的商机", []) { Where = (a, me) => me.Dialect.In(Sql.Trusted($"{a}.owner_id"), me.Subordinates) },
            ];
        });
    }
}
