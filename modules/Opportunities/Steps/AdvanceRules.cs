using System.Globalization;
using KuaipuCrm.Opportunities.Parts;
using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>A step takes the opportunity with it (OPP-4), however it was entered: by the button, on the board, in the form, by the API or an import.</summary>
/// <param name="opportunities">Late: their rules write steps.</param>
internal sealed class AdvanceRules(Lazy<IDocuments<Opportunity>> opportunities, Hub hub, StageBook stages, Gates gates, StageTrail trail, IWorkCalendar calendar, TimeProvider clock) : IDocumentRule<Advance>
{
    /// <summary>Clocks of phones and servers differ a little.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    public string? SameAs(Advance record) => record is { OpportunityId: { } o, At: { } at } ? $"{o}/{at.Ticks}/{record.StageId}" : null;

    public async Task Before(IReadOnlyList<Change<Advance>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c is { Kind: ChangeKind.Create, Now.Kind: not Advance.Start })) await Step(c, ct);
        await hub.Check([.. changes.Where(c => c.Kind is ChangeKind.Update or ChangeKind.Delete or ChangeKind.Restore)], ct);
        foreach (var c in changes.Where(c => c is { Kind: ChangeKind.Delete, Now.Kind: Advance.Start })) c.Refuse("", "商机的开始不能删除。");
    }

    public async Task After(IReadOnlyList<Change<Advance>> changes, CancellationToken ct)
    {
        await hub.Written("advance", changes, null, ct);
        var moved = changes.Where(c => c.Now.Kind != Advance.Start && c.Kind != ChangeKind.Update).ToList();
        await hub.Hold(moved.Select(c => c.Now.OpportunityId!.Value), ct);
        // Someone was faster since this one was checked: it was meant from another stage.
        foreach (var c in moved.Where(c => c is { Kind: ChangeKind.Create, Imported: false }))
            if (await opportunities.Value.FindAny(c.Now.OpportunityId!.Value, "that the user may change it was asked before", ct) is not { Status: Opportunity.Running } o || o.StageId != c.Now.FromStageId)
                throw new RuleBroken("商机刚被他人推进或结束，请刷新后再试。");
        foreach (var id in moved.Select(c => c.Now.OpportunityId!.Value).Distinct()) await trail.Follow(id, ct);
    }

    private async Task Step(Change<Advance> c, CancellationToken ct)
    {
        var a = c.Now;
        if (a.OpportunityId is not { } id) return;
        var now = clock.GetUtcNow().UtcDateTime;
        a.At ??= now;
        // The steps of another system's past come with people and days of their own.
        var o = c.Imported ? await opportunities.Value.FindAny(id, "that the user sees it was asked before", ct) : await opportunities.Value.GetToChange(id, ct);
        if (o is null) return;
        if (c.Drafted && o.Approval == ApprovalState.Review) c.Refuse("opportunityId", "审核中，内容已冻结。撤回审核后才能修改。");
        else if (o.Status != Opportunity.Running && !(c.Imported && !o.IsOver)) c.Refuse("opportunityId", o.Status == Opportunity.Draft ? "商机还是草稿。启动或报备审核通过之后才能推进。" : $"商机现在是“{o.StatusText}”，不能推进。");
        if (await stages.Find(a.StageId, ct) is not { } stage || stage.Kind != o.Kind)
        {
            c.Refuse("stageId", "这个阶段不属于商机的类型。");
            return;
        }
        if (stage.Disabled && stage.Id != o.StageId) c.Refuse("stageId", $"阶段“{stage.Name}”已停用。");
        if (a.At > now + Ahead) c.Refuse("at", "推进日期不能晚于现在。");
        if (!c.Imported && await trail.Last(id, ct) is { } last && a.At < last.AddMinutes(-1)) c.Refuse("at", $"推进日期不能早于上一次推进（{TimeZoneInfo.ConvertTimeFromUtc(last, calendar.Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}）。");
        if (stage.Id == o.StageId && string.IsNullOrWhiteSpace(a.Progress) && string.IsNullOrWhiteSpace(a.NextStep) && !c.Imported) c.Refuse("stageId", $"商机已在“{stage.Name}”阶段。只记进展时，请填写进展或下一步。");
        if (stage.Id != o.StageId && !c.Imported)
        {
            if (stage.NeedsApproval && c.Drafted) c.Refuse("stageId", $"进入“{stage.Name}”阶段需要审核，请在商机上用“阶段推进”提交。");
            if (await gates.Lacks(o, stage, ct) is { } lack) c.Refuse("stageId", lack.Why);
        }
        var from = await stages.Find(o.StageId, ct);
        (a.FromStageId, a.Kind) = (o.StageId, stage.Id == o.StageId ? Advance.Progressed : from is not null && stage.Sort < from.Sort ? Advance.Back : Advance.Forward);
        a.Probability ??= stage.Id == o.StageId ? o.Probability : stage.Probability;
        a.Subject = $"{o.Name}：{stage.Name}" is var subject && subject.Length > 100 ? subject[..100] : subject;
        if (a.OwnerId is null) (a.OwnerId, a.DepartmentId) = (o.OwnerId, o.DepartmentId);
    }
}
