using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Targets;

/// <summary>Makes the chosen customers targets of a campaign (MKT-1): those that are not yet; undone as one act.</summary>
[Action("加入市场活动", "marketing.targets.create", Route = "targets/add", OnMany = "customer", Icon = "bullhorn", Help = "把所选客户加为一个市场活动的目标客户；已在其中的、看不到的逐条说明。", Example = "{\"ids\":[1024],\"campaignId\":1024}")]
public sealed record AddTargets([Label("客户")] IReadOnlyList<long> Ids, [Label("市场活动", Of = "campaign")] long CampaignId) : ICommand<BatchResult>;

internal sealed class AddTargetsHandler(IDocuments<Campaign> campaigns, IDocuments<Target> targets, ITeams teams, IDb db, IScope scope, IOperations operations, IMediator mediator, ICurrentUser me) : ICommandHandler<AddTargets, BatchResult>
{
    private const int Most = 2_000, Page = 500;

    public async Task<BatchResult> Handle(AddTargets command, CancellationToken ct)
    {
        var wanted = command.Ids.Distinct().ToList();
        if (wanted.Count is 0 or > Most) throw new Invalid("ids", $"请选择 1 到 {Most:N0} 个客户。");
        var campaign = await campaigns.GetToChange(command.CampaignId, ct);
        campaign.MustLive();
        var names = new Dictionary<long, string>();
        foreach (var some in wanted.Chunk(Page))
            foreach (var row in (await mediator.Send(new ListDocuments("customer", new ListRequest { Ids = some, Take = Page, Columns = ["name"] }), ct)).Rows) names[row.Id] = row.Values[0] as string ?? "";
        // Of two who add at once the second waits here, and finds them there.
        await teams.Hold(Parts.Hub.Team, [campaign.Id], ct);
        var there = (await db.Query<long>($"select t.customer_id from marketing.target t where t.campaign_id = {campaign.Id} and t.deleted_at is null and {scope.All("campaigntarget", "a customer stands once in a campaign, whoever entered it")}", ct)).ToHashSet();
        List<RowProblem> problems =
        [
            .. wanted.Where(id => !names.ContainsKey(id)).Select(id => new RowProblem(id, "", "客户不存在，或您无权操作。", "id")),
            .. wanted.Where(id => names.ContainsKey(id) && there.Contains(id)).Select(id => new RowProblem(id, names[id], "已在目标客户中。")),
        ];
        var fresh = wanted.Where(id => names.ContainsKey(id) && !there.Contains(id)).ToList();
        if (fresh.Count == 0 && wanted.Count == 1) throw names.Count == 0 ? new NotFound("客户") : new RuleBroken(problems[0].Message);
        var label = $"加入市场活动“{campaign.Name}”：{wanted.Count} 个客户";
        var operation = await operations.Begin("target", label, "campaigntarget", wanted.Count, ct);
        using (operations.Within(operation))
        {
            await targets.CreateMany([.. fresh.Select(id => new Target { CampaignId = campaign.Id, CustomerId = id, OwnerId = me.Id, DepartmentId = me.DepartmentId })], ct);
        }
        await operations.End(operation, fresh.Count, problems, null, ct);
        return new(operation, fresh.Count, problems);
    }
}
