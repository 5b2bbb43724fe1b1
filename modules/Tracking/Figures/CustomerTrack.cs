using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Figures;

/// <summary>How a customer is looked after: contacts so far, the last, the next (TRK-7). The lists one works the day from are views of it (TRK-9).</summary>
internal sealed class CustomerTrack : Document
{
    public string Name { get; set; } = "";
    public string? Initials { get; set; }
    public string? CustomerType { get; set; }
    public string? Level { get; set; }
    public string? Status { get; set; }
    public bool IsKey { get; set; }
    public long? Contacts { get; set; }
    public DateTime? LastAt { get; set; }
    public long? LastBy { get; set; }
    public DateTime? NextAt { get; set; }
    public string? NextSubject { get; set; }
    public long? NextContactId { get; set; }
    /// <summary>The appointment of <see cref="NextAt"/>.</summary>
    public long? NextId { get; set; }
}

internal sealed class CustomerTrackDocument : IDocument<CustomerTrack>
{
    public void Declare(DocumentBuilder<CustomerTrack> d)
    {
        d.Named("customertrack", "customers", "客户跟踪", "tracking.customer_track", "KH").Title(x => x.Name);
        d.Text(x => x.Name, "客户名称", 100).CopyOf("name").Listed(220).Indexed("initials");
        d.Choice(x => x.CustomerType, "客户类型", "customer.type").CopyOf("customerType").Listed(84);
        d.Choice(x => x.Level, "客户级别", "customer.level").CopyOf("level").Listed(128);
        d.Choice(x => x.Status, "客户状态", "customer.status").CopyOf("status").Listed(76);
        d.Flag(x => x.IsKey, "重点客户").CopyOf("isKey");
        d.Number(x => x.Contacts, "联系次数").ReadOnly().Listed(72).Walked("contacts");
        d.Instant(x => x.LastAt, "最近联系").ReadOnly().Listed(208).WithAge().Walked("last");
        d.Reference(x => x.LastBy, "最近联系者", "user").ReadOnly().Listed(84);
        d.Instant(x => x.NextAt, "下次联系").ReadOnly().Listed(132).Walked("next");
        d.Text(x => x.NextSubject, "下次联系主题", 100).ReadOnly().Listed(180);
        d.Reference(x => x.NextContactId, "下次联系人", "contact").ReadOnly();
        d.Text(x => x.Initials, "拼音首字母", 60).CopyOf("initials");
        d.Reference(x => x.NextId, "预约", "appointment").Hidden();
        d.With(x =>
        {
            (x.FiguresOf, x.Searchable, x.Icon, x.Order) = ("customer", false, "clipboard-check", ("lastAt", true));
            Filter owned = new("ownerId", FilterOp.NotEmpty, []), mine = new("ownerId", FilterOp.Is, "@me");
            Filter Next(string span) => new("nextAt", FilterOp.Within, span);
            x.Views =
            [
                new("today", "今天要联系", [Next("today")]) { Sort = "nextAt" },
                new("overdue", "联系已过期", [Next("beforeToday")]) { Sort = "nextAt" },
                new("week", "一周要联系", [Next("next7Days")]) { Sort = "nextAt" },
                new("never", "从未联系", [new Filter("lastAt", FilterOp.Empty, []), owned]) { Sort = "createdAt", Descending = true, Index = "never" },
                new("silent", "近期未联系", [new Filter("lastAt", FilterOp.Within, "atLeast:15"), owned]) { Sort = "lastAt", Days = FollowUp.Frequencies.Silent },
                new("adrift", "没有下一步", [new Filter("nextAt", FilterOp.Empty, []), new Filter("lastAt", FilterOp.NotEmpty, []), owned]) { Sort = "lastAt", Index = "adrift" },
                new("mine", "我的客户", [mine]),
            ];
        });
    }
}
