using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Settings;

/// <summary>The log tells who did what to what (SET-13).</summary>
public class LogLines
{
    [Theory, OnEveryEngine, Trait("req", "SET-13")]
    public async Task A_line_says_what_it_was_about_as_far_as_its_reader_may_see(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(["customers.customers.read", "customers.customers.create", "customers.customers.update", "customers.customers.delete", "customers.customers.export"]);
        var name = Crm.Name("日志对象");
        var customer = await li.Customer(name);
        var number = (await li.Get($"/api/customers/customers/{customer}")).Ok().Json.GetProperty("number").GetString()!;
        (await li.Get("/api/customers/customers/export?format=csv")).Ok();
        await crm.Send(li, new DeleteDocuments("customer", [new RowRef(customer)]));

        var lines = await Lines(crm.Admin, "operation", li.Id);
        Assert.Equal("1 行", lines.Single(l => l.Label == "客户：导出").Details);
        Assert.All(new[] { "客户：新建", "客户：删除" }, label => Assert.Contains($"{number} {name}", lines.Single(l => l.Label == label).Details));

        // Whoever reads the log and not the customer, sees its number alone.
        var auditor = await crm.Hire(["settings.log.read"]);
        var read = await Lines(auditor, "operation", li.Id);
        Assert.All(read, l => Assert.DoesNotContain(name, l.Details));
        Assert.Contains(read, l => l.Label == "客户：删除" && l.Details.Contains(number, StringComparison.Ordinal));

        (await crm.Admin.Post($"/api/settings/users/{li.Id}/roles", new { roleIds = Array.Empty<long>() })).Ok();
        Assert.Contains(await Lines(crm.Admin, "audit", crm.Admin.Id), l => l.Details.Contains(li.Name, StringComparison.Ordinal));
        Assert.Contains(number, (await crm.Admin.Get($"/api/platform/log/export?Kind=operation&UserId={li.Id}")).Ok().Text);
    }

    private static async Task<List<(string Label, string Details)>> Lines(Employee reader, string kind, long of) =>
        [.. (await reader.Get($"/api/platform/log?Kind={kind}&UserId={of}&Take=200")).Ok().Json.EnumerateArray().Select(e => (e.GetProperty("label").GetString()!, e.TryGetProperty("details", out var d) ? d.GetString() ?? "" : ""))];
}
