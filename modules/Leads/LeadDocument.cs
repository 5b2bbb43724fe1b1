using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads;

/// <summary>The lead declared (LEA-1, LEA-3): nothing of a customer is required; what is asked for depends on whether there is one.</summary>
internal sealed class LeadDocument : IDocument<Lead>
{
    private static string? With(IReadOnlyDictionary<string, object?> v) => v.GetValueOrDefault("withCustomer") as string;
    private static bool IsFound(IReadOnlyDictionary<string, object?> v) => With(v) == Lead.Found;
    private static bool IsNew(IReadOnlyDictionary<string, object?> v) => With(v) is null or Lead.New;
    private static bool IsKnown(IReadOnlyDictionary<string, object?> v) => With(v) != Lead.Nobody;

    public void Declare(DocumentBuilder<Lead> d)
    {
        d.Named("lead", "leads", "线索", "leads.lead", "XS").Title(x => x.Subject);
        d.Text(x => x.Subject, "主题", 100).Listed(220).Indexed("initials").Help("不填则取公司或联系人").Aliases("线索", "线索名称", "标题", "需求");
        d.OneOf(x => x.Status, "状态", Lead.States).ReadOnly().Listed(76);
        d.Choice(x => x.Source, "线索来源", "lead.source").Listed(90).Batch().Aliases("来源", "渠道");
        d.Instant(x => x.At, "时间").StartsNow().Help("不填则为现在").Listed(132).Walked("at").Aliases("线索时间", "日期", "来电时间", "咨询时间");
        d.LongText(x => x.Content, "内容", 4000).Aliases("线索内容", "需求描述", "咨询内容", "备注");
        d.Section("客户");
        d.OneOf(x => x.WithCustomer, "客户情况", new(Lead.Nobody, "还不知道", "Not known yet"), new(Lead.Found, "已有客户", "Existing customer"), new(Lead.New, "新客户", "New customer")).Default(_ => Lead.New).Help("转为商机时，新客户和联系人一并建立");
        d.Reference(x => x.CustomerId, "客户", "customer").VisibleWhen(IsFound);
        d.Reference(x => x.ContactId, "联系人", "contact").Among("customerId", "contacts").VisibleWhen(IsFound);
        d.Text(x => x.Company, "公司名称", 100).Listed(180).VisibleWhen(IsNew).Aliases("公司", "单位", "单位名称", "客户名称", "企业名称");
        d.Text(x => x.ContactName, "联系人姓名", 40).Listed(90).VisibleWhen(IsNew).Aliases("姓名", "联系人", "称呼");
        d.Text(x => x.Post, "职务", 60).VisibleWhen(IsNew).Aliases("职位");
        d.Mobile(x => x.Mobile, "手机").Listed(112).Masked().VisibleWhen(IsKnown).Aliases("手机号", "手机号码", "移动电话");
        d.Phone(x => x.Phone, "电话").Masked().VisibleWhen(IsKnown).Aliases("座机", "联系电话");
        d.Email(x => x.Email, "邮箱").Masked().VisibleWhen(IsKnown).Aliases("电子邮件", "E-mail", "Email");
        d.Text(x => x.Wechat, "微信", 60).VisibleWhen(IsKnown);
        d.Choice(x => x.Region, "地区", "region").Cascading().VisibleWhen(IsKnown).Aliases("省份", "城市", "所在地区");
        d.Text(x => x.Address, "地址", 200).Wide().VisibleWhen(IsKnown);
        d.Section("跟进与结果");
        d.Instant(x => x.AssignedAt, "分配时间").ReadOnly();
        d.Instant(x => x.LastContactAt, "最近联系").Kept().Listed(132);
        d.Instant(x => x.NextContactAt, "下次联系").Kept();
        d.OptionalReference(x => x.CampaignId, "市场活动", "campaign");
        d.OptionalReference(x => x.RecordId, "来自联系记录", "contactrecord").ReadOnly();
        d.OptionalReference(x => x.OpportunityId, "生成的商机", "opportunity").ReadOnly();
        d.Choice(x => x.InvalidReason, "无效原因", "lead.invalid").ReadOnly();
        d.Text(x => x.InvalidNote, "无效说明", 500).ReadOnly();
        d.Instant(x => x.EndedAt, "结束时间").ReadOnly();
        d.Quantity(x => x.ConvertDays, "转化用时（天）").ReadOnly();
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly().Hidden();
        d.Text(x => x.CompanyKey, "公司比对", 100).Hidden();
        d.With(x =>
        {
            (x.Importable, x.Comments, x.Attachments, x.Mail, x.Reminders, x.Timeline, x.Tasks) = (true, true, true, true, true, true, true);
            (x.Icon, x.Status, x.Subtitle, x.MenuText, x.Order) = ("filter", x.Field("status"), x.Field("company"), "全部线索", ("at", true));
            x.Final = [Lead.Converted, Lead.Invalid];
            x.Phones = [x.Field("mobile"), x.Field("phone")];
            x.Likely = (v, id) => new Duplicates.DescribeLikely(v.GetValueOrDefault("company") as string, v.GetValueOrDefault("mobile") as string, v.GetValueOrDefault("phone") as string, v.GetValueOrDefault("email") as string, id);
            Filter mine = new("ownerId", FilterOp.Is, "@me"), active = new("status", FilterOp.In, [Lead.Open, Lead.Following]);
            x.Views =
            [
                new("mine", "我的线索", [mine, active]),
                new("open", "待跟进的线索", [new Filter("status", FilterOp.Is, Lead.Open)]),
                new("following", "跟进中的线索", [new Filter("status", FilterOp.Is, Lead.Following)]),
                new("unassigned", "未分配的线索", [new Filter("ownerId", FilterOp.Empty, []), active]),
                new("converted", "已转化的线索", [new Filter("status", FilterOp.Is, Lead.Converted)]),
                new("invalid", "无效的线索", [new Filter("status", FilterOp.Is, Lead.Invalid)]),
                new("subordinates", "下属的线索", []) { Where = (a, me) => me.Dialect.In(Sql.Trusted($"{a}.owner_id"), me.Subordinates) },
            ];
        });
    }
}
