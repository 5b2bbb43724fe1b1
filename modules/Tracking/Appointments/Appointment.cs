using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Appointments;

/// <summary>A contact that is to be made (预约): the next contact of a record, or one entered by itself (TRK-3).</summary>
internal sealed class Appointment : Document
{
    public const string Open = "open", Done = "done", Replaced = "replaced", Cancelled = "cancelled";

    /// <summary>Open, but its customer lies in the recycle bin.</summary>
    public const string Resting = "resting";

    public long? CustomerId { get; set; }
    public long? ContactId { get; set; }
    public DateTime? At { get; set; }
    public string Subject { get; set; } = "";
    public string? Remarks { get; set; }
    public string State { get; set; } = Open;
    /// <summary>The contact record it came from.</summary>
    public long? RecordId { get; set; }
    /// <summary>The contact record that fulfilled it.</summary>
    public long? DoneById { get; set; }

    /// <summary>What it is one of at most: a customer and one of its contacts, or nobody in particular.</summary>
    public (long Customer, long Contact) Pair => (CustomerId ?? 0, ContactId ?? 0);
}

internal sealed class AppointmentDocument : IDocument<Appointment>
{
    public void Declare(DocumentBuilder<Appointment> d)
    {
        d.Named("appointment", "appointments", "联系预约", "tracking.appointment", "YY").Title(x => x.Subject);
        d.Text(x => x.Subject, "主题", 100).Listed(220).Help("不填则为“联系”");
        d.Reference(x => x.CustomerId, "客户", "customer").Required().OpensWithOwner().Listed(220).Aliases("客户名称");
        d.Reference(x => x.ContactId, "联系人", "contact").Among("customerId", "contacts").Listed(84);
        d.Instant(x => x.At, "预约时间").Required().Listed(132).Walked("at");
        d.LongText(x => x.Remarks, "备注");
        d.OneOf(x => x.State, "状态", new(Appointment.Open, "待联系", "Open"), new(Appointment.Done, "已联系", "Done"), new(Appointment.Replaced, "已被代替", "Replaced"),
            new(Appointment.Cancelled, "已取消", "Cancelled"), new(Appointment.Resting, "客户已删除", "Customer deleted")).ReadOnly().Listed(84);
        d.Reference(x => x.RecordId, "来自联系记录", "contactrecord").ReadOnly();
        d.Reference(x => x.DoneById, "完成于联系记录", "contactrecord").ReadOnly();
        d.With(x =>
        {
            (x.Searchable, x.Icon, x.Status, x.Subtitle, x.Order) = (false, "calendar-check", x.Field("state"), x.Field("customerId"), ("at", false));
            Filter open = new("state", FilterOp.Is, Appointment.Open), mine = new("ownerId", FilterOp.Is, "@me");
            x.Views =
            [
                new("mine", "我的待联系", [mine, open]) { Sort = "at" },
                new("open", "全部待联系", [open]) { Sort = "at" },
                new("overdue", "已过期", [open, new Filter("at", FilterOp.Within, "beforeToday")]) { Sort = "at" },
                new("week", "今天起 7 天", [open, new Filter("at", FilterOp.Within, "next7Days")]) { Sort = "at" },
            ];
        });
    }
}
