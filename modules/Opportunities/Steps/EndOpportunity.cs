using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>The deal is won: final (OPP-2).</summary>
[Action("商机成功", "opportunities.opportunities.update", On = "opportunity", Route = "opportunities/{opportunityId}/win", Icon = "trophy", When = "status=running;approval!=review", Help = "商机成功，之后不能再改。可同时更正成交金额。", Example = "{\"amount\":120000,\"note\":\"已签约\"}")]
public sealed record WinOpportunity([Label("商机的编号")] long OpportunityId, [Label("成交金额（不填则不变）"), Range(0, 1_000_000_000_000)] decimal? Amount = null, [Label("说明"), MaxLength(500)] string? Note = null) : ICommand<Done>;

/// <summary>The deal is lost, or was none: final (OPP-2).</summary>
[Action("商机无效", "opportunities.opportunities.update", On = "opportunity", Route = "opportunities/{opportunityId}/lose", Icon = "ban", When = "status=draft|running|paused;approval!=review", Help = "商机无效（丢单、取消等），之后不能再改。须给出原因；输给竞争对手时可记下是谁。", Example = "{\"reason\":\"price\",\"note\":\"低价中标\"}")]
public sealed record LoseOpportunity([Label("商机的编号")] long OpportunityId, [Label("丢单原因", Dictionary = "loss.reason"), Required] string Reason, [Label("赢单的竞争对手", Of = "customer")] long? WinnerId = null, [Label("说明"), MaxLength(500)] string? Note = null) : ICommand<Done>;

internal sealed class EndOpportunityHandler(IDocuments<Opportunity> opportunities, IDictionaries dictionaries, IMediator mediator, StageTrail trail, TimeProvider clock) : ICommandHandler<WinOpportunity, Done>, ICommandHandler<LoseOpportunity, Done>
{
    public Task<Done> Handle(WinOpportunity command, CancellationToken ct) => End(command.OpportunityId, [Opportunity.Running], o =>
    {
        if (command.Amount is { } amount) o.Amount = amount;
        (o.Status, o.Probability, o.CloseNote) = (Opportunity.Won, 100, Clean(command.Note));
        return Task.CompletedTask;
    }, ct);

    public Task<Done> Handle(LoseOpportunity command, CancellationToken ct) => End(command.OpportunityId, [Opportunity.Draft, Opportunity.Running, Opportunity.Paused], async o =>
    {
        Chosen(dictionaries, "loss.reason", command.Reason, "reason", "丢单原因");
        // One the user may see: the opportunity shows its name from then on.
        if (command.WinnerId is { } winner && (await mediator.Send(new ListDocuments("customer", new ListRequest { Ids = [winner], Take = 1, Columns = ["name"] }), ct)).Rows.Count == 0) throw new Invalid("winnerId", "赢单的竞争对手不存在。");
        (o.Status, o.Probability, o.LossReason, o.WinnerId, o.CloseNote, o.WakeOn) = (Opportunity.Invalid, 0, command.Reason, command.WinnerId, Clean(command.Note), null);
    }, ct);

    private async Task<Done> End(long id, string[] from, Func<Opportunity, Task> change, CancellationToken ct)
    {
        var o = await opportunities.GetToChange(id, ct);
        o.MustBe(from);
        await change(o);
        o.ClosedAt = clock.GetUtcNow().UtcDateTime;
        await opportunities.Keep([o], "the user may change it, and it may end so", ct);
        await trail.Follow(o.Id, ct);
        return default;
    }

    /// <summary>An entry of a dictionary that is in use.</summary>
    internal static void Chosen(IDictionaries dictionaries, string dictionary, string code, string field, string label)
    {
        if (dictionaries.Find(dictionary)?.Entries.FirstOrDefault(e => e.Code == code) is not { Disabled: false }) throw new Invalid(field, $"{label}“{(code.Length > 30 ? code[..30] : code)}”不在字典中。");
    }

    internal static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
