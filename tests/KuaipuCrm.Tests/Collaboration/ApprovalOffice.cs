using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;

namespace KuaipuCrm.Tests.Collaboration;

/// <summary>A department with a boss, a seller, a colleague and a head of its own; its flow is for it alone.</summary>
internal sealed class ApprovalOffice
{
    private const string Customers = "/api/customers/customers", Tasks = "/api/platform/approval-tasks";
    private readonly List<long> flows = [];
    private Crm crm = null!;
    public long Department { get; private init; }
    public Employee Boss { get; private init; } = null!;
    public Employee Li { get; private init; } = null!;
    public Employee Peer { get; private init; } = null!;
    public Employee Head { get; private init; } = null!;
    public string FlowName { get; } = Crm.Name("流程");

    public static async Task<ApprovalOffice> Of(Crm crm)
    {
        var department = await crm.Department(Crm.Name("审核部"));
        var role = await crm.Role([.. Employee.Sales, "customers.customers.batch", "customers.customers.share"], ScopeKind.OwnAndSubordinates);
        var none = await crm.Role([]);
        var boss = await crm.Hire(department, role);
        return new() { crm = crm, Department = department, Boss = boss, Li = await crm.Hire(department, role, boss.Id), Peer = await crm.Hire(department, none, boss.Id), Head = await crm.Hire(department, none) };
    }

    /// <summary>Takes the place of the one before.</summary>
    public async Task<long> Flow(object[] steps, long[]? copyTo = null, bool skipRepeated = true)
    {
        foreach (var old in flows) (await crm.Admin.Post($"/api/platform/flows/{old}/delete", new { })).Ok();
        flows.Clear();
        flows.Add((await crm.Admin.Post("/api/platform/flows", new { type = "customer", name = FlowName, definition = new { steps, departments = new[] { Department }, copyTo, skipRepeated } })).Ok().Json.GetInt64());
        return flows[0];
    }

    public async Task Submit(Employee who, long id, long version) => (await who.Post($"{Customers}/{id}/submit", new { version })).Ok();

    public async Task<List<Waits>> Waiting(Employee who) =>
        [.. (await who.Get("/api/platform/approvals")).Ok().Json.EnumerateArray().Select(r => r.Deserialize<Waits>(JsonSerializerOptions.Web)!)];

    public async Task<Answer> Decide(Employee who, object decision) => await who.Post($"{Tasks}/{(await Waiting(who))[0].TaskId}/decide", decision);

    public static object Step(string name, string by, params long[] ids) => Step(name, by, "Any", ids);

    public static object Step(string name, string by, string mode, params long[] ids) => by == "Superior" ? new { name, by, mode, levels = ids is [var n] ? (int)n : 1 } : new { name, by, mode, ids };

    public sealed record Waits(long Id, long? TaskId, long DocumentId);
}
