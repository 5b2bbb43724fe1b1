using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>Takes what the product lines add up to as the opportunity's amount.</summary>
[Action("金额取产品合计", "opportunities.opportunities.update", On = "opportunity", Route = "opportunities/{opportunityId}/use-lines-amount", Icon = "calculator", InMenu = true, When = "status=draft|running|paused;approval!=review", Confirm = "把商机金额改为产品合计？", Help = "把商机的金额改为产品明细的合计。")]
public sealed record UseLinesAmount([Label("商机的编号")] long OpportunityId) : ICommand<Done>;

internal sealed class UseLinesAmountHandler(IDocuments<Opportunity> opportunities) : ICommandHandler<UseLinesAmount, Done>
{
    public async Task<Done> Handle(UseLinesAmount command, CancellationToken ct)
    {
        var o = await opportunities.GetToChange(command.OpportunityId, ct);
        o.MustBe(Opportunity.Draft, Opportunity.Running, Opportunity.Paused);
        if (o.LinesAmount is not { } sum) throw new RuleBroken("还没有产品明细，或明细没有单价。");
        o.Amount = sum;
        await opportunities.Update(o, new HashSet<string> { "approved" }, ct);
        return default;
    }
}
