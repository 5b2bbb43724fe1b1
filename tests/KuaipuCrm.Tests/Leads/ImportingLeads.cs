using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Opportunities;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Leads;

/// <summary>Leads come in from a sheet by someone who may only import their own (LEA-1, DOC-4).</summary>
public class ImportingLeads
{
    private const string All = "/api/leads/leads";

    private static readonly string[] Rights = [.. Dealer.Rights, .. from right in new[] { "read", "create", "update", "delete", "export", "import", "restore" } select $"leads.leads.{right}"];

    [Theory, OnEveryEngine, Trait("req", "LEA-1"), Trait("req", "LEA-5"), Trait("req", "DOC-4"), Trait("req", "DOC-14")]
    public async Task Wrong_rows_are_told_right_ones_come_in_open_and_one_undo_takes_them_back(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var (known, foreign, name) = (Crm.Name("已有客户"), Crm.Name("别人的客户"), Crm.Name("导入线索"));
        var customer = await li.Customer(known);
        await wu.Customer(foreign);
        var mobile = $"138{Random.Shared.Next(10_000_000, 99_999_999)}";
        await li.Create(All, new { subject = Crm.Name("先来的"), mobile });
        var report = await li.Import(All, ImportMode.GoodRows, "主题,线索来源,客户情况,客户,公司名称,手机,负责人,状态,时间",
            $"{name}一,电话咨询,已有客户,{known},,,,已转化,2026-01-05 10:00",
            $"{name}二,没有这个来源,,,{Crm.Name("公司")},,,,",
            $"{name}三,电话咨询,已有客户,{foreign},,,,,",
            $"{name}四,电话咨询,,,{Crm.Name("公司")},12345,,,",
            $"{name}五,电话咨询,,,{Crm.Name("公司")},,{wu.Login},,",
            $"{name}六,电话咨询,,,{Crm.Name("公司")},{mobile},,,",
            $"{name}七,电话咨询,没有这种,,{Crm.Name("公司")},,,,",
            $"{name}八,电话咨询,新客户,,{Crm.Name("公司")},,{li.Name},无效,不是日期",
            $"{name}九,电话咨询,新客户,,{Crm.Name("公司")},,{li.Name},无效,");
        Assert.Equal(Enumerable.Range(3, 7), report.Faults().Select(f => f.Line).Distinct());
        Assert.Equal(2, report.GetProperty("created").GetInt32());
        Assert.All(report.GetProperty("findings").EnumerateArray(), f => Assert.Contains(f.GetProperty("message").GetString()!, c => c is >= '\u4e00' and <= '\u9fff'));
        var made = (await li.Get($"{All}?text={name}&columns=subject,status,customerId,ownerId,at&sort=at")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["open", "open"], made.Select(m => m.Text("status")));
        Assert.All(made, m => Assert.Equal(li.Id.ToString(), m.Text("ownerId")));
        Assert.Equal(customer.ToString(), made.Single(m => m.Text("subject") == name + "一").Text("customerId"));
        Assert.Equal(new DateTime(2026, 1, 5, 2, 0, 0, DateTimeKind.Utc), made.Single(m => m.Text("subject") == name + "一").GetProperty("at").GetDateTime());
        // One that was worked on since stays, the other goes.
        var kept = made[1].GetProperty("id").GetInt64();
        (await li.Post($"{All}/{kept}/follow", new { })).Ok();
        var undone = (await li.Post($"/api/platform/operations/{report.Operation()}/undo", new { })).Ok().Json;
        Assert.Contains(undone.GetProperty("problems").EnumerateArray(), p => p.GetProperty("id").GetInt64() == kept);
        Assert.Equal([kept], await li.List($"{All}?text={name}"));
        (await (await crm.Hire(Dealer.Rights)).Send(HttpMethod.Post, $"{All}/import/files?name=a.csv", new ByteArrayContent("主题"u8.ToArray()))).Refused(403);
    }
}
