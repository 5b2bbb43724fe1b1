using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Opportunities.Parts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Team;

/// <summary>Who assists with an opportunity (协助人, OPP-1), and what the team advises (团队建议, OPP-5).</summary>
[Action("商机团队", "opportunities.opportunities.read", Route = "opportunities/{opportunityId}/team", Help = "商机的协助人，和团队建议，新的在前。")]
public sealed record GetTeam([Label("商机的编号")] long OpportunityId) : IQuery<TeamView>;

/// <param name="Assistants">By name.</param>
/// <param name="Advice">Newest first, at most 200.</param>
/// <param name="MayChoose">Whether the user may say who assists: the owner, and whoever may assign.</param>
public sealed record TeamView(IReadOnlyList<Assistant> Assistants, IReadOnlyList<Advice> Advice, bool MayChoose);

public sealed record Assistant(long UserId, string Name, string? Department);

/// <param name="At">UTC.</param>
public sealed record Advice(long Id, DateTime At, string Who, string Text);

internal sealed class GetTeamHandler(IDocuments<Opportunity> opportunities, ITeams teams, IDb db, IOrganization organization, ICurrentUser me) : IQueryHandler<GetTeam, TeamView>
{
    public async Task<TeamView> Handle(GetTeam query, CancellationToken ct)
    {
        var o = await opportunities.Get(query.OpportunityId, ct);
        var people = (await teams.Members(Hub.Team, o.Id, ct)).Select(organization.Person).OfType<Person>();
        var advice = await db.Query<Row>($"select a.id, a.at, a.user_id, a.text from opportunities.advice a where a.opportunity_id = {o.Id} order by a.id desc {db.Dialect.Page(200)}", ct);
        return new([.. people.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => new Assistant(p.Id, p.Name, p.DepartmentId is { } d ? organization.Department(d)?.Name : null))],
            [.. advice.Select(a => new Advice(a.Id, a.At, organization.Person(a.UserId)?.Name ?? "", a.Text))], !o.IsOver && Chooses(o, me));
    }

    public static bool Chooses(Opportunity o, ICurrentUser me) => o.OwnerId == me.Id || me.May("opportunities.opportunities.assign");

    private sealed record Row(long Id, DateTime At, long UserId, string Text);
}

/// <summary>Lets a colleague assist: the colleague sees the opportunity with all that belongs to it, and is told.</summary>
[Action("添加协助人", "opportunities.opportunities.update", Route = "opportunities/{opportunityId}/assistants", Help = "让一位同事协助：能看到并补充这个商机，并收到消息。由跟单人或有分配权限的人添加。", Example = "{\"userId\":1}")]
public sealed record AddAssistant([Label("商机的编号")] long OpportunityId, [Label("协助人", Of = "user"), Required] long UserId) : ICommand<Done>;

/// <summary>Lets a colleague assist no more.</summary>
[Action("移除协助人", "opportunities.opportunities.update", Route = "opportunities/{opportunityId}/assistants/{userId}/remove", Help = "不再协助；之后看不到这个商机。")]
public sealed record RemoveAssistant([Label("商机的编号")] long OpportunityId, [Label("协助人的编号")] long UserId) : ICommand<Done>;

/// <summary>Advises how to go on. The owner and the others of the team are told.</summary>
[Action("团队建议", "opportunities.opportunities.read", Route = "opportunities/{opportunityId}/advice", Help = "跟单人、协助人和看得到商机的上级提出建议，团队成员收到消息。返回建议的编号。", Example = "{\"text\":\"先约技术负责人\"}")]
public sealed record GiveAdvice([Label("商机的编号")] long OpportunityId, [Label("建议"), Required, MaxLength(2000)] string Text) : ICommand<long>;

internal sealed class AssistantHandlers(IDocuments<Opportunity> opportunities, IDb db, ITeams teams, IIds ids, IHistory history, IMessages messages, IOrganization organization, ICurrentUser me, TimeProvider clock)
    : ICommandHandler<AddAssistant, Done>, ICommandHandler<RemoveAssistant, Done>, ICommandHandler<GiveAdvice, long>
{
    public async Task<Done> Handle(AddAssistant command, CancellationToken ct)
    {
        var o = await Mine(command.OpportunityId, ct);
        if (organization.Person(command.UserId) is not { Enabled: true } person) throw new Invalid("userId", "协助人不存在或已停用。");
        if (person.Id == o.OwnerId) throw new Invalid("userId", "跟单人自己不用再作协助人。");
        if (!await teams.Join(Hub.Team, o.Id, person.Id, ct)) throw new Invalid("userId", $"{person.Name} 已是协助人。");
        await history.Write(o.Id, "assistant", [("协助人", null, person.Name)], ct);
        await messages.Send([person.Id], "opportunity", $"{me.Name} 请您协助商机“{o.Name}”。", o.Id, ct);
        return default;
    }

    public async Task<Done> Handle(RemoveAssistant command, CancellationToken ct)
    {
        var o = await Mine(command.OpportunityId, ct);
        if (!await teams.Leave(Hub.Team, o.Id, command.UserId, ct)) throw new NotFound("协助人");
        await history.Write(o.Id, "assistant", [("协助人", organization.Person(command.UserId)?.Name, null)], ct);
        return default;
    }

    public async Task<long> Handle(GiveAdvice command, CancellationToken ct)
    {
        var o = await opportunities.Get(command.OpportunityId, ct);
        if (o.IsOver) throw new RuleBroken($"商机已是“{o.StatusText}”，不能再修改。");
        var id = ids.Next();
        await db.Insert("opportunities.advice", ["id", "opportunity_id", "user_id", "at", "text"], [[id, o.Id, me.Id, clock.GetUtcNow().UtcDateTime, command.Text.Trim()]], ct);
        var team = (await teams.Members(Hub.Team, o.Id, ct)).Append(o.OwnerId ?? 0).Where(p => p != 0 && p != me.Id);
        await messages.Send(team, "opportunity", $"{me.Name} 对商机“{o.Name}”提出建议：{(command.Text.Length > 60 ? command.Text[..60] + "…" : command.Text)}", o.Id, ct);
        return id;
    }

    private async Task<Opportunity> Mine(long id, CancellationToken ct)
    {
        await teams.Hold(Hub.Team, [id], ct);
        var o = await opportunities.GetToChange(id, ct);
        if (o.IsOver) throw new RuleBroken($"商机已是“{o.StatusText}”，不能再修改。");
        return GetTeamHandler.Chooses(o, me) ? o : throw new RuleBroken("只有跟单人或有分配权限的人可以选择协助人。");
    }
}
