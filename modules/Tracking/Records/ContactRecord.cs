using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Records;

/// <summary>What was done: a contact with a customer, or another action of the day (TRK-1, TRK-5).</summary>
internal sealed class ContactRecord : Document
{
    public const string WithCustomer = "contact", OtherAction = "action";

    /// <summary>Methods by which people stood face to face.</summary>
    public static readonly string[] Meetings = ["visit", "reception", "meeting"];

    public string Kind { get; set; } = WithCustomer;
    public long? CustomerId { get; set; }
    /// <summary>The main contact; all who took part stand in tracking.participant.</summary>
    public long? ContactId { get; set; }
    public DateTime? At { get; set; }
    public string? Method { get; set; }
    public string Subject { get; set; } = "";
    public string? Content { get; set; }
    public string? Result { get; set; }
    public DateTime? NextAt { get; set; }
    public string? NextSubject { get; set; }
    /// <summary>Who made the contact: whose it was when it was written. A hand-over changes the owner, not the past.</summary>
    public long? ById { get; set; }
    public long? LeadId { get; set; }
    public long? OpportunityId { get; set; }
    public long? CampaignId { get; set; }
    public long? TaskId { get; set; }
}

internal sealed class ContactRecordDocument : IDocument<ContactRecord>
{
    private static bool OfCustomer(IReadOnlyDictionary<string, object?> v) => v.GetValueOrDefault("kind") as string != ContactRecord.OtherAction;

    public void Declare(DocumentBuilder<ContactRecord> d)
    {
        d.Named("contactrecord", "records", "联系记录", "tracking.contact_record", "LJ").Title(x => x.Subject);
        d.Reference(x => x.CustomerId, "客户", "customer").Required().OpensWithOwner().Listed(200).Aliases("客户名称", "公司名称", "单位").VisibleWhen(OfCustomer);
        d.Reference(x => x.ContactId, "联系人", "contact").Among("customerId", "contacts").Listed(84).Aliases("客户联系人", "联系人姓名").VisibleWhen(OfCustomer);
        d.Instant(x => x.At, "联系时间").Required().StartsNow().Listed(132).Walked("at").Aliases("跟进时间", "联系日期", "拜访时间", "跟进日期");
        d.Choice(x => x.Method, "联系方式", "contact.method").Default(_ => "call").Listed(84).Aliases("跟进方式", "方式");
        d.Text(x => x.Subject, "主题", 100).Listed(200).Help("不填则取内容的开头").Aliases("标题", "跟进主题");
        d.LongText(x => x.Content, "内容", 4000).Aliases("跟进内容", "联系内容", "沟通内容");
        d.Text(x => x.Result, "结果", 200).Wide().Listed(160).Aliases("联系结果", "跟进结果");
        d.OneOf(x => x.Kind, "类别", new(ContactRecord.WithCustomer, "客户联系", "Customer contact"), new(ContactRecord.OtherAction, "其他行动", "Other action")).Required().Fixed().Default(_ => ContactRecord.WithCustomer);
        d.Section("下次联系");
        d.Instant(x => x.NextAt, "下次联系时间").Listed(132).Aliases("下次跟进时间", "下次联系日期").VisibleWhen(OfCustomer);
        d.Text(x => x.NextSubject, "下次联系主题", 100).Aliases("下次跟进内容").VisibleWhen(OfCustomer);
        d.Reference(x => x.ById, "联系者", "user").ReadOnly();
        d.Section("相关");
        d.OptionalReference(x => x.LeadId, "线索", "lead");
        d.OptionalReference(x => x.OpportunityId, "商机", "opportunity");
        d.OptionalReference(x => x.CampaignId, "市场活动", "campaign");
        d.OptionalReference(x => x.TaskId, "任务", "task");
        d.With(x =>
        {
            (x.Comments, x.Attachments, x.Importable, x.Searchable, x.Icon) = (true, true, true, false, "comments");
            x.HappenedAt = x.Field("at");
            x.Participants = [x.Field("byId")];
            x.Subtitle = x.Field("customerId");
            x.Order = ("at", true);
            x.Propose = v => !OfCustomer(v) ? null
                : v.GetValueOrDefault("customerId") is long customer ? new FollowUp.ProposeForForm(customer, null, v.GetValueOrDefault("at") as DateTime?)
                : v.GetValueOrDefault("contactId") is long contact ? new FollowUp.ProposeForForm(null, contact, null)
                : v.GetValueOrDefault("opportunityId") is long opportunity ? new FollowUp.ProposeCustomer(opportunity) : null;
            Filter mine = new("ownerId", FilterOp.Is, "@me");
            x.Views =
            [
                new("mine", "我的联系记录", [mine]),
                new("today", "今天的", [new Filter("at", FilterOp.Within, "today")]),
                new("week", "本周的", [new Filter("at", FilterOp.Within, "thisWeek")]),
                new("actions", "我的实际行动", [mine, new Filter("at", FilterOp.Within, "last30Days")]),
                new("visits", "拜访与会议", [new Filter("method", FilterOp.In, ContactRecord.Meetings)]),
            ];
        });
    }
}
