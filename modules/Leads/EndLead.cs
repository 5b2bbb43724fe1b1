using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads;

/// <summary>Takes a lead up: someone is at it (LEA-3). A contact record written about it does the same.</summary>
[Action("开始跟进", "leads.leads.update", On = "lead", Route = "leads/{leadId}/follow", Icon = "person-walking", When = "status=open", Confirm = "开始跟进这条线索？", Help = "待跟进的线索变为跟进中；写了联系记录时自动如此。")]
public sealed record FollowLead([Label("线索的编号")] long LeadId) : ICommand<Done>;

/// <summary>Gives a lead up, with the reason.</summary>
[Action("无效", "leads.leads.update", On = "lead", Route = "leads/{leadId}/invalidate", Icon = "ban", When = "status=open|following", Help = "把线索记为无效，须给出原因。", Example = "{\"reason\":\"unreachable\",\"note\":\"空号\"}")]
public sealed record InvalidateLead([Label("线索的编号")] long LeadId, [Label("无效原因", Dictionary = "lead.invalid"), Required] string Reason, [Label("说明"), MaxLength(500)] string? Note = null) : ICommand<Done>;

/// <summary>Takes a lead up again that was given up.</summary>
[Action("重新打开", "leads.leads.update", On = "lead", Route = "leads/{leadId}/reopen", Icon = "rotate-left", InMenu = true, When = "status=invalid", Confirm = "重新打开这条线索？", Help = "无效的线索恢复为待跟进。")]
public sealed record ReopenLead([Label("线索的编号")] long LeadId) : ICommand<Done>;

internal sealed class EndLeadHandler(IDocuments<Lead> leads, IDictionaries dictionaries, TimeProvider clock) : ICommandHandler<FollowLead, Done>, ICommandHandler<InvalidateLead, Done>, ICommandHandler<ReopenLead, Done>
{
    public Task<Done> Handle(FollowLead command, CancellationToken ct) => Step(command.LeadId, l =>
    {
        l.MustBe(Lead.Open);
        l.Status = Lead.Following;
    }, ct);

    public Task<Done> Handle(InvalidateLead command, CancellationToken ct) => Step(command.LeadId, l =>
    {
        l.MustBe(Lead.Open, Lead.Following);
        if (dictionaries.Find("lead.invalid")?.Entries.FirstOrDefault(e => e.Code == command.Reason) is not { Disabled: false }) throw new Invalid("reason", $"无效原因“{(command.Reason.Length > 30 ? command.Reason[..30] : command.Reason)}”不在字典中。");
        (l.Status, l.InvalidReason, l.InvalidNote, l.EndedAt) = (Lead.Invalid, command.Reason, string.IsNullOrWhiteSpace(command.Note) ? null : command.Note.Trim(), clock.GetUtcNow().UtcDateTime);
    }, ct);

    public Task<Done> Handle(ReopenLead command, CancellationToken ct) => Step(command.LeadId, l =>
    {
        l.MustBe(Lead.Invalid);
        (l.Status, l.InvalidReason, l.InvalidNote, l.EndedAt) = (Lead.Open, null, null, null);
    }, ct);

    private async Task<Done> Step(long id, Action<Lead> step, CancellationToken ct)
    {
        var lead = await leads.GetToChange(id, ct);
        step(lead);
        await leads.Keep([lead], "the user may change it, and it may go on so", ct);
        return default;
    }
}
