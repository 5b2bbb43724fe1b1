using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Marketing.Parts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.Team;

/// <summary>Who takes part in a campaign (参与人, MKT-1).</summary>
[Action("活动参与人", "marketing.campaigns.read", Route = "campaigns/{campaignId}/participants", Help = "市场活动的参与人：他们看得到并可补充这个活动，也可由提醒通知。")]
public sealed record ListParticipants([Label("市场活动的编号")] long CampaignId) : IQuery<ParticipantList>;

/// <param name="People">By name.</param>
/// <param name="MayChoose">Whether the user may say who takes part: the owner, and whoever may assign.</param>
public sealed record ParticipantList(IReadOnlyList<Participant> People, bool MayChoose);

public sealed record Participant(long UserId, string Name, string? Department);

/// <summary>Lets a colleague take part: the colleague sees the campaign with all that belongs to it, and is told.</summary>
[Action("添加参与人", "marketing.campaigns.update", Route = "campaigns/{campaignId}/participants", Help = "让一位同事参与：能看到并补充这个市场活动，并收到消息。由负责人或有分配权限的人添加。", Example = "{\"userId\":1}")]
public sealed record AddCampaigner([Label("市场活动的编号")] long CampaignId, [Label("参与人", Of = "user"), Required] long UserId) : ICommand<Done>;

/// <summary>Lets a colleague take part no more.</summary>
[Action("移除参与人", "marketing.campaigns.update", Route = "campaigns/{campaignId}/participants/{userId}/remove", Help = "不再参与；之后看不到这个市场活动。")]
public sealed record RemoveCampaigner([Label("市场活动的编号")] long CampaignId, [Label("参与人的编号")] long UserId) : ICommand<Done>;

internal sealed class ParticipantHandlers(IDocuments<Campaign> campaigns, ITeams teams, IHistory history, IMessages messages, IOrganization organization, ICurrentUser me)
    : IQueryHandler<ListParticipants, ParticipantList>, ICommandHandler<AddCampaigner, Done>, ICommandHandler<RemoveCampaigner, Done>
{
    public async Task<ParticipantList> Handle(ListParticipants query, CancellationToken ct)
    {
        var campaign = await campaigns.Get(query.CampaignId, ct);
        var people = (await teams.Members(Hub.Team, campaign.Id, ct)).Select(organization.Person).OfType<Person>();
        return new([.. people.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => new Participant(p.Id, p.Name, p.DepartmentId is { } d ? organization.Department(d)?.Name : null))], !campaign.IsOver && Chooses(campaign));
    }

    public async Task<Done> Handle(AddCampaigner command, CancellationToken ct)
    {
        var campaign = await Mine(command.CampaignId, ct);
        if (organization.Person(command.UserId) is not { Enabled: true } person) throw new Invalid("userId", "参与人不存在或已停用。");
        if (!await teams.Join(Hub.Team, campaign.Id, person.Id, ct)) throw new Invalid("userId", $"{person.Name} 已是参与人。");
        await history.Write(campaign.Id, "participant", [("参与人", null, person.Name)], ct);
        await messages.Send([person.Id], "campaign", $"{me.Name} 请您参与市场活动“{campaign.Name}”。", campaign.Id, ct);
        return default;
    }

    public async Task<Done> Handle(RemoveCampaigner command, CancellationToken ct)
    {
        var campaign = await Mine(command.CampaignId, ct);
        if (!await teams.Leave(Hub.Team, campaign.Id, command.UserId, ct)) throw new NotFound("参与人");
        await history.Write(campaign.Id, "participant", [("参与人", organization.Person(command.UserId)?.Name, null)], ct);
        return default;
    }

    private bool Chooses(Campaign campaign) => campaign.OwnerId == me.Id || me.May("marketing.campaigns.assign");

    private async Task<Campaign> Mine(long id, CancellationToken ct)
    {
        // Held first: what it is read as stands until the end.
        await teams.Hold(Hub.Team, [id], ct);
        var campaign = await campaigns.GetToChange(id, ct);
        campaign.MustLive();
        return Chooses(campaign) ? campaign : throw new RuleBroken("只有负责人或有分配权限的人可以选择参与人。");
    }
}
