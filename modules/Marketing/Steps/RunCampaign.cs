using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Steps;

/// <summary>The campaign begins (活动开始, MKT-2).</summary>
[Action("活动开始", "marketing.campaigns.update", On = "campaign", Route = "campaigns/{campaignId}/start", Icon = "play", When = "status=draft|approved;approval!=review", Confirm = "开始这个市场活动？", Help = "审核通过的活动变为进行中。没有适用的审核流程时，草稿也可以直接开始。")]
public sealed record StartCampaign([Label("市场活动的编号")] long CampaignId) : ICommand<Done>;

/// <summary>The campaign is done: final (活动完成, MKT-2).</summary>
[Action("活动完成", "marketing.campaigns.update", On = "campaign", Route = "campaigns/{campaignId}/finish", Icon = "flag-checkered", When = "status=running;approval!=review", Help = "活动完成，之后不能再改；请先填好实际费用。", Example = "{\"summary\":\"到场 80 人，收集线索 35 条。\"}")]
public sealed record FinishCampaign([Label("市场活动的编号")] long CampaignId, [Label("活动总结"), MaxLength(2000)] string? Summary = null) : ICommand<Done>;

/// <summary>The campaign is called off while it runs: final (已取消, MKT-2).</summary>
[Action("取消活动", "marketing.campaigns.update", On = "campaign", Route = "campaigns/{campaignId}/cancel", Icon = "ban", InMenu = true, When = "status=running;approval!=review", Help = "取消进行中的活动，之后不能再改。须说明原因。", Example = "{\"reason\":\"场地取消\"}")]
public sealed record CancelCampaign([Label("市场活动的编号")] long CampaignId, [Label("取消原因"), Required, MaxLength(500)] string Reason) : ICommand<Done>;

internal sealed class RunCampaignHandlers(IDocuments<Campaign> campaigns, IMediator mediator, TimeProvider clock) : ICommandHandler<StartCampaign, Done>, ICommandHandler<FinishCampaign, Done>, ICommandHandler<CancelCampaign, Done>
{
    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public Task<Done> Handle(StartCampaign command, CancellationToken ct) => Step(command.CampaignId, [Campaign.Draft, Campaign.Approved], async c =>
    {
        if (c.Status == Campaign.Draft && await mediator.Send(new NeedsApproval("campaign", c.Id), ct)) throw new RuleBroken("这个市场活动需要审核。请点“提交审核”，审核通过后再开始。");
        (c.Status, c.StartedAt) = (Campaign.Running, Now);
    }, ct);

    public Task<Done> Handle(FinishCampaign command, CancellationToken ct) => Step(command.CampaignId, [Campaign.Running], c =>
    {
        (c.Status, c.EndedAt, c.Summary) = (Campaign.Completed, Now, string.IsNullOrWhiteSpace(command.Summary) ? null : command.Summary.Trim());
        return Task.CompletedTask;
    }, ct);

    public Task<Done> Handle(CancelCampaign command, CancellationToken ct) => Step(command.CampaignId, [Campaign.Running], c =>
    {
        (c.Status, c.EndedAt, c.CancelReason) = (Campaign.Cancelled, Now, command.Reason.Trim());
        return Task.CompletedTask;
    }, ct);

    private async Task<Done> Step(long id, string[] from, Func<Campaign, Task> step, CancellationToken ct)
    {
        var campaign = await campaigns.GetToChange(id, ct);
        campaign.MustBe(from);
        await step(campaign);
        await campaigns.Keep([campaign], "the user may change it, and it may go on so", ct);
        return default;
    }
}

/// <summary>A draft that was approved is approved (审核通过, MKT-2).</summary>
internal sealed class FollowApproval(IDocuments<Campaign> campaigns) : IEventHandler<ApprovalEnded>
{
    private const string Why = "what was approved is noted, whoever approved it";

    public async Task Handle(ApprovalEnded e, CancellationToken ct)
    {
        if (e is not { Type: "campaign", State: ApprovalState.Approved } || await campaigns.FindAny(e.DocumentId, Why, ct) is not { Status: Campaign.Draft, Approval: ApprovalState.Approved } campaign) return;
        campaign.Status = Campaign.Approved;
        await campaigns.Keep([campaign], Why, ct);
    }
}
