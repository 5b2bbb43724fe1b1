using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Targets;

/// <summary>A target customer has answered: that becomes a lead with the campaign as its source (MKT-6), once for each target.</summary>
/// <returns>The lead's id.</returns>
[Action("答复转线索", "marketing.targets.update", On = "campaigntarget", Route = "targets/{targetId}/answer", Icon = "reply", Where = typeof(WhereUnanswered), Help = "记下目标客户的答复，并生成一条线索，带上客户、联系人和市场活动；一个目标客户一次。返回线索的编号。", Example = "{\"answer\":\"想了解报价，下周来电。\"}")]
public sealed record TakeAnswer([Label("目标客户的编号")] long TargetId, [Label("答复"), Required, MaxLength(2000)] string Answer) : ICommand<long>;

/// <summary>Where no lead was made yet.</summary>
internal sealed class WhereUnanswered : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("leadId") is null;
}

internal sealed class TakeAnswerHandler(IDocuments<Target> targets, IDocuments<Campaign> campaigns, ITeams teams, IMediator mediator, IDictionaries dictionaries, ICurrentUser me, TimeProvider clock) : ICommandHandler<TakeAnswer, long>
{
    private const string Why = "the user may change it, and it is answered once";

    public async Task<long> Handle(TakeAnswer command, CancellationToken ct)
    {
        var target = await targets.GetToChange(command.TargetId, ct);
        // Held: a campaign that is ended at this moment takes no more answers.
        await teams.Hold(Parts.Hub.Team, [target.CampaignId!.Value], ct);
        var campaign = await campaigns.Get(target.CampaignId!.Value, ct);
        campaign.MustLive();
        if (target.LeadId is not null) throw new RuleBroken("这个目标客户的答复已转为线索。");
        // Claimed before anything is made: whoever comes second is told that it was changed meanwhile.
        (target.Answer, target.AnsweredAt) = (command.Answer.Trim(), clock.GetUtcNow().UtcDateTime);
        await targets.Keep([target], Why, ct);
        var subject = $"{target.Subject}：{campaign.Name}";
        var source = Source(campaign.Type);
        var lead = await mediator.Send(new SaveDocument("lead", null, 0, new Dictionary<string, object?>
        {
            ["subject"] = subject.Length > 100 ? subject[..100] : subject,
            ["customerId"] = target.CustomerId,
            ["contactId"] = target.ContactId,
            ["withCustomer"] = "found",
            ["content"] = target.Answer,
            ["campaignId"] = campaign.Id,
            ["source"] = source is not null && dictionaries.Find("lead.source")?.Entries.Any(s => s.Code == source && !s.Disabled) == true && me.EntriesOf("lead.source")?.Contains(source) != false ? source : null,
            ["ownerId"] = me.Id,
        }.Where(v => v.Value is not null).ToDictionary(), ["duplicate"]), ct);
        target.LeadId = lead.Id;
        await targets.Keep([target], Why, ct);
        return lead.Id;
    }

    /// <summary>Where the answer came from, where the kind of campaign tells; else it is left to whoever follows the lead.</summary>
    private static string? Source(string? type) => type switch
    {
        "exhibition" => "exhibition",
        "advertisement" => "advertisement",
        "mail" => "mail-inquiry",
        "online" => "online",
        _ => null,
    };
}
