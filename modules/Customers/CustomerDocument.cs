using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers;

/// <summary>The customer declared: list, form, page, API, import and export come from here (CUS-1, CUS-7, CUS-8).</summary>
internal sealed class CustomerDocument : IDocument<Customer>
{
    public void Declare(DocumentBuilder<Customer> d)
    {
        d.Named("customer", "customers", "客户", "customers.customer", "KH").Title(x => x.Name);
        d.Text(x => x.Name, "客户名称", 100).Required().Listed(220).Indexed("initials").Aliases("名称", "公司名称", "单位名称", "企业名称", "公司");
        d.OneOf(x => x.Nature, "客户性质", new(Customer.Company, "单位客户", "Company"), new(Customer.Person, "个人客户", "Person")).Required().Default(_ => Customer.Company).Fixed().Aliases("性质");
        d.Text(x => x.ShortName, "简称", 60);
        d.Choice(x => x.CustomerType, "客户类型", "customer.type").Listed(84).Batch().Default(_ => "direct").Aliases("类型");
        d.Choice(x => x.Level, "客户级别", "customer.level").Listed(124).Batch().Aliases("级别", "等级", "客户等级");
        d.Choice(x => x.Status, "客户状态", "customer.status").Listed(76).Batch().Default(_ => "potential").Aliases("状态");
        d.Choice(x => x.Industry, "行业", "industry").Listed(84).Batch().Aliases("所属行业", "行业类别");
        d.Choice(x => x.Source, "客户来源", "customer.source").Batch().Aliases("来源");
        d.Choice(x => x.TradeRole, "往来类别", "customer.trade").Batch().Default(_ => "customer");
        d.Text(x => x.CreditCode, "信用代码", 18).Help("统一社会信用代码，18 位").Aliases("统一社会信用代码", "税号", "纳税人识别号").Normalize(CreditCode.Normalize).Check(CreditCode.Problem)
            .VisibleWhen(v => v.GetValueOrDefault("nature") as string != Customer.Person);
        d.Choice(x => x.PriceKind, "默认售价", "price.kind").Batch();
        d.Reference(x => x.ParentId, "上级客户", "customer").Help("个人客户填写其所在单位");
        d.Reference(x => x.PersonContactId, "本人联系人", "contact").Fixed().Help("联系人库中已有这个人时选择；不选则自动建立").VisibleWhen(v => v.GetValueOrDefault("nature") as string == Customer.Person);
        d.Section("联系方式");
        d.Phone(x => x.Phone, "电话").Listed(112).Masked().Aliases("联系电话", "公司电话", "座机", "固定电话");
        d.Choice(x => x.Region, "地区", "region").Cascading().Listed(104).Batch().Aliases("省份", "城市", "省", "市", "所在地区", "所在城市");
        d.Text(x => x.Address, "地址", 200).Wide().Aliases("详细地址", "公司地址");
        d.Url(x => x.Website, "网址").Aliases("网站", "公司网址", "主页");
        d.Email(x => x.Email, "公司邮箱").Masked();
        d.Section("其他");
        d.LongText(x => x.Remarks, "备注").Aliases("说明");
        d.Flag(x => x.IsKey, "重点客户").ReadOnly();
        d.Section("归属与跟踪");
        d.Reference(x => x.PoolId, "公海", "pool").Help("新建时选择公海，客户就没有负责人，直接进入公海");
        d.Instant(x => x.LockedAt, "锁定时间").ReadOnly();
        d.Instant(x => x.OpenedAt, "开放时间").ReadOnly();
        d.Date(x => x.ProtectedUntil, "保护至").ReadOnly();
        d.Text(x => x.ProtectReason, "保护理由", 200).ReadOnly();
        d.Instant(x => x.LastContactAt, "最近联系").Kept().Indexed();
        d.Instant(x => x.NextContactAt, "下次联系").Kept().Indexed();
        d.Number(x => x.ContactCount, "联系次数").Kept();
        d.Instant(x => x.IdleSince, "闲置起始").Kept().Hidden();
        d.Section("其他");
        d.Text(x => x.Initials, "拼音首字母", 60).ReadOnly();
        d.Text(x => x.NameKey, "名称比对", 100).Hidden();
        d.Text(x => x.NameSound, "名称读音", 100).Hidden();
        d.Text(x => x.Domain, "域名", 100).Hidden();
        d.With(x =>
        {
            (x.Comments, x.Attachments, x.Approvals, x.Mail, x.Reminders, x.Shareable, x.Timeline, x.Tasks) = (true, true, true, true, true, true, true, true);
            (x.Importable, x.Icon, x.Status, x.Subtitle) = (true, "building", x.Field("status"), x.Field("ownerId"));
            x.Phones = [x.Field("phone")];
            x.Likely = (v, id) => new Duplicates.DescribeDuplicates(v.GetValueOrDefault("name") as string, v.GetValueOrDefault("creditCode") as string, v.GetValueOrDefault("phone") as string, v.GetValueOrDefault("website") as string, v.GetValueOrDefault("email") as string, id);
            x.ImportWith = new ImportCompanion("contact", "employerId");
            x.UpdateKeys = ["number", "creditCode", "name"];
            x.MenuText = "全部客户";
            x.Views =
            [
                new("mine", "我的客户", [new Filter("ownerId", FilterOp.Is, "@me")]),
                new("open", "开放的客户", []) { Opening = "open" },
                new("protected", "我保护的客户", [new Filter("ownerId", FilterOp.Is, "@me"), new Filter("protectedUntil", FilterOp.NotEmpty, [])]),
                new("key", "我的重点客户", [new Filter("ownerId", FilterOp.Is, "@me"), new Filter("isKey", FilterOp.Is, "true")]),
                new("watched", "我关注的客户", []) { Where = (a, me) => $"{Sql.Trusted(a)}.id in (select w.customer_id from customers.watch w where w.user_id = {me.UserId})", WithOpened = true },
                new("shared", "共享给我的客户", []) { Where = (a, me) => me.Shared(a) },
                new("subordinates", "下属的客户", []) { Where = (a, me) => me.Dialect.In(Sql.Trusted($"{a}.owner_id"), me.Subordinates) },
                new("subwatched", "下属关注的客户", []) { Where = (a, me) => $"{Sql.Trusted(a)}.id in (select w.customer_id from customers.watch w where {me.Dialect.In(Sql.Trusted("w.user_id"), me.Subordinates)})", WithOpened = true },
                new("competitors", "竞争对手", [new Filter("customerType", FilterOp.Is, Customer.Competitor)]),
                new("new", "近30天新增", [new Filter("createdAt", FilterOp.Within, "last30Days")]),
                new("persons", "个人客户", [new Filter("nature", FilterOp.Is, Customer.Person)]),
            ];
        });
    }
}
