using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>Sets a draft going where no approval flow wants to see it first (OPP-2).</summary>
[Action("启动", "opportunities.opportunities.update", On = "opportunity", Route = "opportunities/{opportunityId}/start", Icon = "play", When = "status=draft;approval!=review", Confirm = "启动这个商机？启动后进入销售过程。",
    Help = "草稿变为进行中。设有适用的审核流程时，须提交审核（报备），通过后自动启动。")]
public sealed record StartOpportunity([Label("商机的编号")] long OpportunityId) : ICommand<Done>;

internal sealed class StartOpportunityHandler(IDocuments<Opportunity> opportunities, IMediator mediator) : ICommandHandler<StartOpportunity, Done>
{
    public async Task<Done> Handle(StartOpportunity command, CancellationToken ct)
    {
        var o = await opportunities.GetToChange(command.OpportunityId, ct);
        o.MustBe(Opportunity.Draft);
        if (await mediator.Send(new NeedsApproval("opportunity", o.Id), ct)) throw new RuleBroken("这个商机需要报备。请点“提交审核”，审核通过后自动启动。");
        o.Status = Opportunity.Running;
        await opportunities.Keep([o], "the user may change it, and nothing of its content changes", ct);
        return default;
    }
}
