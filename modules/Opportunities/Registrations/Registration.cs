using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Registrations;

/// <summary>An opportunity made known to a vendor, so that the vendor protects it for us (上游报备, OPP-6).</summary>
internal sealed class Registration : Document, IOfOpportunity
{
    public const string ToSend = "tosend", Sent = "sent", Accepted = "accepted", Refused = "refused", Expired = "expired";

    /// <summary>In the order in which one outweighs another: an opportunity stands as its best registration does.</summary>
    public static readonly FixedValue[] States = [new(Accepted, "已通过", "Accepted"), new(Sent, "已发送", "Sent"), new(ToSend, "待报备", "To send"), new(Refused, "已拒绝", "Refused"), new(Expired, "已过期", "Expired")];

    public string Subject { get; set; } = "";
    public long? OpportunityId { get; set; }
    /// <summary>The opportunity's.</summary>
    public long? CustomerId { get; set; }
    public long? VendorId { get; set; }
    /// <summary>Whom it was sent to first.</summary>
    public long? ContactId { get; set; }
    public string Status { get; set; } = ToSend;
    /// <summary>What the vendor is told.</summary>
    public string? Content { get; set; }
    public DateOnly? RegisteredOn { get; set; }
    /// <summary>UTC.</summary>
    public DateTime? SentAt { get; set; }
    public DateOnly? AnsweredOn { get; set; }
    public string? Answer { get; set; }
    /// <summary>The last day of the protection.</summary>
    public DateOnly? ProtectedUntil { get; set; }
    public string? Remarks { get; set; }

    /// <summary>Neither refused nor over: another one to the same vendor would be a double.</summary>
    public bool IsLive => Status is ToSend or Sent or Accepted;
}

internal sealed class RegistrationDocument : IDocument<Registration>
{
    public void Declare(DocumentBuilder<Registration> d)
    {
        d.Named("registration", "registrations", "上游报备", "opportunities.registration", "BB").Title(x => x.Subject);
        d.Reference(x => x.OpportunityId, "商机", "opportunity").Required().Fixed().OpensWithOwner().Listed(200).Aliases("商机名称");
        d.Reference(x => x.VendorId, "上游", "customer").Required().Listed(180).Help("客户类型为供应商、合作伙伴、代理商或经销商的客户").Aliases("厂商", "供应商");
        d.Reference(x => x.ContactId, "上游联系人", "contact").Among("vendorId", "contacts").Listed(96);
        d.OneOf(x => x.Status, "状态", Registration.States).ReadOnly().Listed(84);
        d.LongText(x => x.Content, "报备内容", 4000).Help("不填则写上客户、项目、金额和预签日期");
        d.Date(x => x.RegisteredOn, "报备日期").Listed(96).Help("不填则为发送的那天");
        d.Instant(x => x.SentAt, "发送时间").ReadOnly();
        d.Date(x => x.AnsweredOn, "答复日期").ReadOnly();
        d.LongText(x => x.Answer, "答复", 2000).ReadOnly();
        d.Date(x => x.ProtectedUntil, "保护期到").ReadOnly().Listed(96).Walked("protected");
        d.Reference(x => x.CustomerId, "客户", "customer").Kept().Listed(160);
        d.LongText(x => x.Remarks, "备注", 2000);
        d.Text(x => x.Subject, "名称", 100).ReadOnly();
        d.With(x =>
        {
            (x.Importable, x.Searchable, x.Comments, x.Attachments, x.Mail, x.Reminders) = (true, false, true, true, true, true);
            (x.Icon, x.Status, x.Subtitle, x.MenuGroup, x.HappenedAt) = ("shield-halved", x.Field("status"), x.Field("opportunityId"), "过程", x.Field("registeredOn"));
            static ListView State(string name, string label, string status) => new(name, label, [new Filter("status", FilterOp.Is, status)]);
            x.Views =
            [
                new("mine", "我的报备", [new Filter("ownerId", FilterOp.Is, "@me")]),
                State("tosend", "待发送的报备", Registration.ToSend),
                State("sent", "待答复的报备", Registration.Sent),
                State("accepted", "保护期内的报备", Registration.Accepted) with { Sort = "protectedUntil" },
                new("ending", "保护期一周内到的报备", [new Filter("status", FilterOp.Is, Registration.Accepted), new Filter("protectedUntil", FilterOp.Within, "next7Days")]) { Sort = "protectedUntil" },
                State("refused", "被拒绝的报备", Registration.Refused),
                State("expired", "已过期的报备", Registration.Expired),
            ];
        });
    }
}
