using KuaipuCrm.Sdk;

namespace AfterSales;

/// <summary>A repair for a customer (维修服务).</summary>
public sealed class Repair : Document
{
    public const string Waiting = "waiting", Working = "working", Closed = "closed", Suspended = "suspended";

    public string Subject { get; set; } = "";
    public long? CustomerId { get; set; }
    public string? Product { get; set; }
    public string? Fault { get; set; }
    public string? State { get; set; }
    public DateOnly? Due { get; set; }
    public decimal? Fee { get; set; }
}

internal sealed class RepairDocument : IDocument<Repair>
{
    public void Declare(DocumentBuilder<Repair> d)
    {
        d.Named("repair", "repairs", "维修单", "aftersales.repair", "WX").Title(x => x.Subject);
        d.Text(x => x.Subject, "主题", 100).Required().Listed(220);
        d.Reference(x => x.CustomerId, "客户", "customer").Required().Listed(200);
        d.Text(x => x.Product, "货品", 100).Listed(140);
        d.LongText(x => x.Fault, "故障现象");
        d.OneOf(x => x.State, "维修状态", new(Repair.Waiting, "待维修", "Waiting"), new(Repair.Working, "维修中", "Working"), new(Repair.Closed, "已完成", "Closed"), new(Repair.Suspended, "已暂停", "Suspended"))
            .Required().Listed(84).Batch().Default(_ => Repair.Waiting);
        d.Date(x => x.Due, "约定日期").Listed(100);
        d.Money(x => x.Fee, "维修费").Range(0, 10_000_000).Listed(100);
        d.With(x => (x.Importable, x.Comments, x.Attachments, x.Approvals, x.Mail, x.Reminders, x.Icon, x.Status) = (true, true, true, true, true, true, "screwdriver-wrench", x.Field("state")));
    }
}
