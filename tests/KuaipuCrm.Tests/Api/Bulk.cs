using System.Diagnostics;
using System.Text.Json;
using KuaipuCrm.Platform;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Api;

/// <summary>Many documents in one request: a result for each row, one operation, undone as a whole (API-3, DOC-14).</summary>
public class Bulk
{
    private const string Customers = "/api/customers/customers";

    private static List<(string State, long? Id)> Rows(JsonElement result) =>
        [.. result.GetProperty("rows").EnumerateArray().Select(r => (r.GetProperty("state").GetString()!, r.GetProperty("id") is { ValueKind: JsonValueKind.Number } id ? id.GetInt64() : (long?)null))];

    [Theory, OnEveryEngine, Trait("req", "API-3"), Trait("req", "DOC-14")]
    public async Task Good_rows_are_saved_bad_ones_told_and_the_whole_is_undone(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (old, stale, name) = (await crm.Admin.Customer(Crm.Name("旧客户"), new { address = "原地址" }), await crm.Admin.Customer(Crm.Name("旧客户")), Crm.Name("新客户"));
        (await crm.Admin.Patch($"{Customers}/{stale}", new { address = "已改", version = 1 })).Ok();
        var result = (await crm.Admin.Post($"{Customers}/bulk", new
        {
            mode = "good",
            rows = new object[]
            {
                new { name }, new { id = old, version = 1, address = "新地址" }, new { id = stale, version = 1, address = "x" }, new { name = "", level = "没有" },
                new { id = 999_999_999, version = 1, address = "x" }, new { name }, new { id = old, version = 1, address = "又一次" }, new { id = old, address = "x" }, new { name = Crm.Name("新客户"), unbekannt = 1 },
            },
        })).Ok().Json;
        var rows = Rows(result);
        Assert.Equal(["created", "changed", "failed", "failed", "failed", "failed", "failed", "failed", "failed"], rows.Select(r => r.State));
        Assert.Equal((2, 7), (result.GetProperty("saved").GetInt32(), result.GetProperty("failed").GetInt32()));
        Assert.Contains(result.GetProperty("rows")[3].GetProperty("errors").EnumerateArray(), e => e.GetProperty("field").GetString() == "level");
        Assert.Equal("same-row", result.GetProperty("rows")[5].GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.Equal("新地址", (await crm.Admin.View("customers", old)).GetProperty("address").GetString());
        Assert.Equal("已改", (await crm.Admin.View("customers", stale)).GetProperty("address").GetString());
        var operation = result.GetProperty("operationId").GetInt64();
        Assert.Equal("bulk", (await crm.Admin.Get($"/api/platform/operations/{operation}")).Ok().Json.GetProperty("kind").GetString());
        (await crm.Admin.Post($"/api/platform/operations/{operation}/undo", new { })).Ok();
        Assert.Equal("原地址", (await crm.Admin.View("customers", old)).GetProperty("address").GetString());
        Assert.Empty(await crm.Admin.List($"{Customers}?name={Uri.EscapeDataString(name)}"));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-14")]
    public async Task Many_rows_are_changed_and_taken_back_by_few_statements(string engine)
    {
        var crm = await Crm.Shared(engine);
        var ids = new List<long>();
        for (var i = 0; i < 60; i++) ids.Add(await crm.Admin.Customer(Crm.Name("成批")));
        async Task<(BatchResult Result, int Statements)> Counted(ICommand<BatchResult> command)
        {
            using var mine = new Activity("batch").Start();
            var (statements, trace) = (0, mine.TraceId);
            using var listener = new ActivityListener
            {
                ShouldListenTo = s => s.Name == Telemetry.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = a => { if (a.OperationName == "sql" && a.TraceId == trace) Interlocked.Increment(ref statements); },
            };
            ActivitySource.AddActivityListener(listener);
            return (await crm.Send(crm.Admin, command), statements);
        }

        var (changed, some) = await Counted(new ChangeDocuments("customer", [.. ids.Select(id => new RowRef(id))], new Dictionary<string, object?> { ["level"] = "A" }));
        Assert.Equal(60, changed.Done);
        // One statement a row is left to the module and to its events; each row looked up by itself would be another.
        Assert.InRange(some, 1, 100);
        var (undone, few) = await Counted(new UndoOperation(changed.OperationId));
        Assert.Equal(60, undone.Done);
        Assert.InRange(few, 1, 100);
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task All_or_nothing_saves_nothing_when_one_row_is_bad(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("全部");
        var refused = (await crm.Admin.Post($"{Customers}/bulk", new { rows = new object[] { new { name }, new { name = "" } } })).Refused(422);
        Assert.Equal(["skipped", "failed"], Rows(refused.Json).Select(r => r.State));
        Assert.Empty(await crm.Admin.List($"{Customers}?name={Uri.EscapeDataString(name)}"));
        Assert.Equal(["created"], Rows((await crm.Admin.Post($"{Customers}/bulk", new { mode = "all", rows = new object[] { new { name } } })).Ok().Json).Select(r => r.State));
        // A possible duplicate is asked about and saved once it is confirmed.
        (await crm.Admin.Post($"{Customers}/bulk", new { rows = new object[] { new { name } } })).Refused(422);
        (await crm.Admin.Post($"{Customers}/bulk", new { rows = new object[] { new { name, confirmed = new[] { "duplicate" } } } })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "API-3")]
    public async Task A_thousand_rows_go_in_one_request_and_one_more_does_not(string engine)
    {
        var crm = await Crm.Shared(engine);
        var name = Crm.Name("千");
        var rows = Enumerable.Range(0, 1001).Select(i => new { name = $"{name}第{i}家" }).ToArray();
        (await crm.Admin.Post($"{Customers}/bulk", new { rows })).Refused(400);
        (await crm.Admin.Post($"{Customers}/bulk", new { rows = Array.Empty<object>() })).Refused(400);
        (await crm.Admin.Post($"{Customers}/bulk", new { mode = "some", rows = rows[..1] })).Refused(400);
        (await crm.Admin.Post($"{Customers}/bulk", "{\"rows\":[null]}")).Refused(400);
        var done = (await crm.Admin.Post($"{Customers}/bulk", new { rows = rows[..1000].Select(r => new { r.name, confirmed = new[] { "duplicate" } }) })).Ok().Json;
        Assert.Equal(1000, done.GetProperty("saved").GetInt32());
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task Nobody_changes_in_bulk_what_they_may_not_change_alone(string engine)
    {
        var crm = await Crm.Shared(engine);
        var foreign = await crm.Admin.Customer(Crm.Name("别人的"));
        var li = await crm.Hire(Employee.Sales);
        var own = await li.Customer(Crm.Name("自己的"));
        var result = (await li.Post($"{Customers}/bulk", new { mode = "good", rows = new object[] { new { id = foreign, version = 1, address = "x" }, new { id = own, version = 1, address = "甲" }, new { name = Crm.Name("给别人"), ownerId = crm.Admin.Id }, new { id = own, version = 1, ownerId = crm.Admin.Id } } })).Ok().Json;
        Assert.Equal(["failed", "changed", "failed", "failed"], Rows(result).Select(r => r.State));
        Assert.Equal(1, (await crm.Admin.View("customers", foreign)).GetProperty("version").GetInt64());
        var writer = await crm.Hire(["customers.customers.read", "customers.customers.create"]);
        var mine = await writer.Customer(Crm.Name("只能新建"));
        (await writer.Post($"{Customers}/bulk", new { rows = new object[] { new { name = Crm.Name("x") }, new { id = mine, version = 1, address = "x" } } })).Refused(403);
        var reader = await crm.Hire(["customers.customers.read", "customers.customers.update"]);
        (await reader.Post($"{Customers}/bulk", new { rows = new object[] { new { name = Crm.Name("x") } } })).Refused(403);
    }
}
