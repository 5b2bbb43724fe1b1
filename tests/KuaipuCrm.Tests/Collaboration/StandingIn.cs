using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Collaboration.ApprovalOffice;

namespace KuaipuCrm.Tests.Collaboration;

/// <summary>Approvers who are away, leave, or go away while it runs (SET-6).</summary>
public class StandingIn
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "SET-6")]
    public async Task A_running_approval_keeps_its_flow_and_who_is_away_or_gone_is_stood_in_for(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        var flow = await o.Flow([Step("上级", "Superior"), Step("总经理", "Users", o.Head.Id)]);
        var id = await o.Li.Customer(Crm.Name("换流程客户"));
        await o.Submit(o.Li, id, 1);
        (await crm.Admin.Post("/api/platform/flows", new { type = "customer", id = flow, version = 1, name = o.FlowName, definition = new { steps = new[] { Step("只要同事", "Users", o.Peer.Id) }, departments = new[] { o.Department } } })).Ok();
        (await crm.Admin.Post("/api/platform/flows", new { type = "customer", id = flow, version = 1, name = "旧版本", definition = new { steps = new[] { Step("上级", "Superior") } } })).Refused(422);
        // The boss is away: the peer stands in. Then the head leaves: whoever is above takes over.
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        (await o.Head.Post("/api/platform/stand-in", new { userId = o.Peer.Id, from = today.AddDays(-1), to = today.AddDays(2) })).Ok();
        (await o.Decide(o.Boss, new { decision = "Approve" })).Ok();
        Assert.Empty(await o.Waiting(o.Head));
        Assert.Single(await o.Waiting(o.Peer));
        var version = (await crm.Admin.Get($"/api/settings/users/{o.Peer.Id}")).Ok().Json.GetProperty("version").GetInt64();
        (await crm.Admin.Patch($"/api/settings/users/{o.Peer.Id}", new { status = "disabled", version })).Ok();
        Assert.Contains(await o.Waiting(o.Boss), t => t.DocumentId == id);
        (await o.Decide(o.Boss, new { decision = "Approve" })).Ok();
        Assert.Equal("approved", (await o.Li.View("customers", id)).GetProperty("approval").GetString());
        Assert.Contains("已停用", (await o.Li.Get($"{Customers}/{id}/approvals")).Ok().Text);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-6")]
    public async Task Who_goes_away_while_it_runs_is_stood_in_for_and_no_submitter_takes_over_from_who_is_gone(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        // One after the other: the second goes away while the first has it. What waits already goes over on request.
        await o.Flow([Step("会签", "Users", "Sequence", o.Boss.Id, o.Peer.Id)]);
        var id = await o.Li.Customer(Crm.Name("依次客户"));
        await o.Submit(o.Li, id, 1);
        (await o.Peer.Post("/api/platform/stand-in", new { userId = o.Head.Id, from = today.AddDays(-1) })).Ok();
        (await o.Decide(o.Boss, new { decision = "Approve" })).Ok();
        Assert.Empty(await o.Waiting(o.Peer));
        Assert.Single(await o.Waiting(o.Head));
        (await o.Head.Post("/api/platform/stand-in", new { userId = o.Boss.Id, from = today.AddDays(-1), waiting = true })).Ok();
        Assert.Empty(await o.Waiting(o.Head));
        (await o.Decide(o.Boss, new { decision = "Approve" })).Ok();
        Assert.Equal("approved", (await o.Li.View("customers", id)).GetProperty("approval").GetString());

        // The boss hands in; the assistant who is asked leaves. The assistant's superior is the boss: one further up decides.
        var top = await crm.Hire(o.Department, null);
        (await crm.Admin.Patch($"/api/settings/users/{o.Boss.Id}", new { superiorId = top.Id, version = (await crm.Admin.Get($"/api/settings/users/{o.Boss.Id}")).Ok().Json.GetProperty("version").GetInt64() })).Ok();
        var assistant = await crm.Hire(o.Department, null, o.Boss.Id);
        await o.Flow([Step("财务", "Users", assistant.Id)]);
        var own = await o.Boss.Customer(Crm.Name("自提客户"));
        await o.Submit(o.Boss, own, 1);
        (await crm.Admin.Patch($"/api/settings/users/{assistant.Id}", new { status = "disabled", version = (await crm.Admin.Get($"/api/settings/users/{assistant.Id}")).Ok().Json.GetProperty("version").GetInt64() })).Ok();
        Assert.DoesNotContain(await o.Waiting(o.Boss), w => w.DocumentId == own);
        Assert.Contains(await o.Waiting(top), w => w.DocumentId == own);
    }
}
