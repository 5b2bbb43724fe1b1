using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tracking.Figures;

/// <summary>How a contact is looked after, so that important people are not forgotten (TRK-8, TRK-12).</summary>
internal sealed class ContactTrack : Document
{
    public string Name { get; set; } = "";
    public string? Initials { get; set; }
    public long? EmployerId { get; set; }
    public string? Post { get; set; }
    public string? Role { get; set; }
    public long? Contacts { get; set; }
    public DateTime? LastAt { get; set; }
    public long? LastBy { get; set; }
    /// <summary>The last time face to face.</summary>
    public DateTime? MetAt { get; set; }
    public DateTime? NextAt { get; set; }
    public string? NextSubject { get; set; }
}

internal sealed class ContactTrackDocument : IDocument<ContactTrack>
{
    public void Declare(DocumentBuilder<ContactTrack> d)
    {
        d.Named("contacttrack", "contacts", "联系人跟踪", "tracking.contact_track", "LX").Title(x => x.Name);
        d.Text(x => x.Name, "姓名", 40).CopyOf("name").Listed(100).Indexed("initials");
        d.Reference(x => x.EmployerId, "所在单位", "customer").CopyOf("employerId").Listed(220);
        d.Text(x => x.Post, "职务", 60).CopyOf("post").Listed(100);
        d.Choice(x => x.Role, "决策角色", "contact.role").CopyOf("role").Listed(84);
        d.Number(x => x.Contacts, "联系次数").ReadOnly().Listed(72).Walked("contacts");
        d.Instant(x => x.LastAt, "最近联系").ReadOnly().Listed(208).WithAge().Walked("last");
        d.Reference(x => x.LastBy, "最近联系者", "user").ReadOnly().Listed(84);
        d.Instant(x => x.MetAt, "最近见面").ReadOnly().Listed(208).WithAge();
        d.Instant(x => x.NextAt, "下次联系").ReadOnly().Listed(132).Walked("next");
        d.Text(x => x.NextSubject, "下次联系主题", 100).ReadOnly();
        d.Text(x => x.Initials, "拼音首字母", 60).CopyOf("initials");
        d.With(x =>
        {
            (x.FiguresOf, x.Searchable, x.Icon, x.Subtitle, x.Order) = ("contact", false, "address-card", x.Field("employerId"), ("lastAt", true));
            Filter decider = new("role", FilterOp.Is, "decider");
            x.Views =
            [
                new("silent", "近期未联系的联系人", [new Filter("lastAt", FilterOp.Within, "atLeast:15")]) { Sort = "lastAt", Days = FollowUp.Frequencies.Silent },
                new("never", "从未联系的联系人", [new Filter("lastAt", FilterOp.Empty, [])]) { Sort = "createdAt", Descending = true, Index = "never" },
                new("unmet", "久未见面的决策人", [decider, new Filter("metAt", FilterOp.Within, "atLeast:30")]) { Sort = "metAt", Days = FollowUp.Frequencies.Decider, Index = "role" },
                new("strangers", "从未见面的决策人", [decider, new Filter("metAt", FilterOp.Empty, [])]) { Sort = "createdAt", Descending = true, Index = "unmet" },
                new("week", "一周要联系的联系人", [new Filter("nextAt", FilterOp.Within, "next7Days")]) { Sort = "nextAt" },
            ];
        });
    }
}
