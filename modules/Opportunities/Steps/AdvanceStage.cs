using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>Takes an opportunity to a stage, forward or back, or notes progress within its own (OPP-4). A stage that wants approval is entered once it is approved.</summary>
/// <returns>The step's id; null where it waits for approval.</returns>
[Action("阶段推进", "opportunities.advances.create", On = "opportunity", Route = "opportunities/{opportunityId}/advance", Icon = "stairs", When = "status=running;approval!=review", OrNothing = true,
    Help = "推进到一个阶段（也可回退），或在当前阶段记进展；更新当前阶段与成功概率，停留时间留存。阶段要求的字段、附件缺少时说明缺什么；要求审核的阶段在审核通过后自动进入，此时返回 null。",
    Example = "{\"stageId\":1024,\"progress\":\"完成演示\",\"nextStep\":\"提交报价\"}")]
public sealed record AdvanceStage([Label("商机的编号")] long OpportunityId, [Label("进入阶段", Of = "stage"), Required] long StageId, [Label("进展"), MaxLength(2000)] string? Progress = null,
    [Label("下一步"), MaxLength(200)] string? NextStep = null, [Label("成功概率（%），不填则按阶段"), Range(0, 100)] int? Probability = null, [Label("推进日期，不填则为现在")] DateTime? At = null) : ICommand<long?>;

internal sealed class AdvanceStageHandler(IDocuments<Opportunity> opportunities, IDocuments<Advance> advances, StageBook stages, Gates gates, IMediator mediator, ICurrentUser me, TimeProvider clock) : ICommandHandler<AdvanceStage, long?>
{
    public async Task<long?> Handle(AdvanceStage command, CancellationToken ct)
    {
        var o = await opportunities.GetToChange(command.OpportunityId, ct);
        o.MustBe(Opportunity.Running);
        if (await stages.Find(command.StageId, ct) is { NeedsApproval: true, Disabled: false } stage && stage.Kind == o.Kind && stage.Id != o.StageId)
        {
            if (await gates.Lacks(o, stage, ct) is { } lack) throw new Invalid("stageId", lack.Why);
            (o.PendingStageId, o.PendingProgress, o.PendingNext) = (stage.Id, Clean(command.Progress), Clean(command.NextStep));
            await opportunities.Update(o, new HashSet<string> { "approved" }, ct);
            await mediator.Send(new SubmitDocument("opportunity", o.Id, o.Version, $"进入阶段：{stage.Name}"), ct);
            return null;
        }
        return await advances.Create(new Advance
        {
            OpportunityId = o.Id,
            StageId = command.StageId,
            At = command.At?.ToUniversalTime() ?? clock.GetUtcNow().UtcDateTime,
            Progress = Clean(command.Progress),
            NextStep = Clean(command.NextStep),
            Probability = command.Probability,
            OwnerId = me.Id,
        }, ct: ct);
    }

    private static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>An approval has ended: a draft that was approved runs (报备, OPP-2); a stage that waited for it is entered, or not.</summary>
internal sealed class FollowApproval(IDocuments<Opportunity> opportunities, IDocuments<Advance> advances) : IEventHandler<ApprovalEnded>
{
    private const string Why = "what was approved is carried out, whoever approved it";

    public async Task Handle(ApprovalEnded e, CancellationToken ct)
    {
        if (e.Type != "opportunity" || await opportunities.FindAny(e.DocumentId, Why, ct) is not { IsOver: false } o) return;
        var (stage, progress, next) = (o.PendingStageId, o.PendingProgress, o.PendingNext);
        var approved = e.State == ApprovalState.Approved;
        if (stage is null && !(approved && o.Status == Opportunity.Draft)) return;
        (o.PendingStageId, o.PendingProgress, o.PendingNext) = (null, null, null);
        if (approved && o.Status == Opportunity.Draft) o.Status = Opportunity.Running;
        await opportunities.Keep([o], Why, ct);
        if (approved && stage is not null && stage != o.StageId)
            await advances.Keep([new Advance { OpportunityId = o.Id, StageId = stage, Progress = progress, NextStep = next, OwnerId = o.OwnerId, DepartmentId = o.DepartmentId }], Why, ct);
    }
}
