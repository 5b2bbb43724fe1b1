using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Contacts;

/// <summary>A person one talks to at one or several customers (CUS-2).</summary>
internal sealed class Contact : Document
{
    public string Name { get; set; } = "";
    public string? Initials { get; set; }
    /// <summary>Tells people of one name apart.</summary>
    public string? Mark { get; set; }
    public string? Gender { get; set; }
    public DateOnly? Birthday { get; set; }
    /// <summary>The customer the person works for (所在单位).</summary>
    public long? EmployerId { get; set; }
    public string? Post { get; set; }
    public string? Department { get; set; }
    public string? Role { get; set; }
    public string? Mobile { get; set; }
    public string? Phone { get; set; }
    public string? Email { get; set; }
    public string? Wechat { get; set; }
    public string? Preferences { get; set; }
    public string? Remarks { get; set; }
    /// <summary>An employer that is no customer yet.</summary>
    public string? EmployerName { get; set; }
    /// <summary>Whether the person agreed to the keeping of personal data (PIPL): <c>given</c>, <c>withdrawn</c>; null where nobody asked.</summary>
    public string? Consent { get; set; }
    /// <summary>Where and how consent was given, e.g. 展会登记表.</summary>
    public string? ConsentSource { get; set; }
    public DateOnly? ConsentOn { get; set; }
    /// <summary>Wants no bulk mail.</summary>
    public bool RefusesMail { get; set; }
    /// <summary>UTC; the personal data was erased on request.</summary>
    public DateTime? ErasedAt { get; set; }
}

internal sealed class ContactDocument : IDocument<Contact>
{
    public void Declare(DocumentBuilder<Contact> d)
    {
        d.Named("contact", "contacts", "联系人", "customers.contact", "LX").Title(x => x.Name);
        d.Text(x => x.Name, "姓名", 40).Required().Listed(100).Indexed("initials").Aliases("联系人", "联系人姓名");
        d.Text(x => x.Mark, "区分标识", 20).Help("同名时用来区分，如“采购部”“老张”");
        d.Reference(x => x.EmployerId, "所在单位", "customer").Listed(220).Aliases("单位", "公司", "客户名称");
        d.Text(x => x.EmployerName, "所在单位名称", 100).Help("单位还不是客户时填写，之后可由此生成潜在客户").VisibleWhen(v => v.GetValueOrDefault("employerId") is null);
        d.Text(x => x.Post, "职务", 60).Listed(110).Aliases("职位", "岗位");
        d.Text(x => x.Department, "部门", 60);
        d.Choice(x => x.Role, "决策角色", "contact.role").Listed(90).Batch();
        d.Choice(x => x.Gender, "性别", "contact.gender").Batch();
        d.Date(x => x.Birthday, "生日");
        d.Section("联系方式");
        d.Mobile(x => x.Mobile, "手机").Listed(120).Masked().Aliases("手机号", "手机号码", "移动电话");
        d.Phone(x => x.Phone, "电话").Masked().Aliases("座机", "办公电话");
        d.Email(x => x.Email, "邮箱").Listed(180).Masked().Aliases("电子邮件", "E-mail", "Email");
        d.Text(x => x.Wechat, "微信", 60).Masked();
        d.Flag(x => x.RefusesMail, "拒收群发邮件").Batch();
        d.Section("个人信息保护");
        d.OneOf(x => x.Consent, "处理同意", new("given", "已同意", "Given"), new("withdrawn", "已撤回", "Withdrawn")).Batch();
        d.Text(x => x.ConsentSource, "同意来源", 100).Help("何处、以何种方式取得同意，如“展会登记表”");
        d.Date(x => x.ConsentOn, "同意日期");
        d.Instant(x => x.ErasedAt, "信息删除时间").ReadOnly();
        d.Section("其他");
        d.Text(x => x.Preferences, "喜好", 200).Wide();
        d.LongText(x => x.Remarks, "备注");
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly();
        d.With(x =>
        {
            (x.Comments, x.Attachments, x.Approvals, x.Mail, x.Reminders, x.Tasks) = (true, true, true, true, true, true);
            (x.Importable, x.Icon, x.Subtitle) = (true, "user-tie", x.Field("employerId"));
            x.Phones = [x.Field("mobile"), x.Field("phone")];
            x.UpdateKeys = ["number", "mobile"];
            x.Views = [new("mine", "我的联系人", [new Filter("ownerId", FilterOp.Is, "@me")])];
        });
    }
}
