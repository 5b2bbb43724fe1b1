using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using KuaipuCrm.Marketing.Parts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.WebForm;

/// <summary>The campaign's public form (web-to-lead, MKT-6): its address, whether it is open, what came in.</summary>
[Action("公开表单", "marketing.campaigns.read", Route = "campaigns/{campaignId}/web-form", Help = "市场活动的公开表单：地址（还没有时为空）、是否开放、标题、收到几份。")]
public sealed record GetWebForm([Label("市场活动的编号")] long CampaignId) : IQuery<WebFormView>;

/// <param name="Path">Below the CRM's own address; null where there is none yet.</param>
/// <param name="Open">Switched on.</param>
/// <param name="Works">Open, and the campaign is running.</param>
/// <param name="LastAt">UTC.</param>
public sealed record WebFormView(string? Path, bool Open, bool Works, string Title, string? Intro, long Received, DateTime? LastAt, bool MayChange);

/// <summary>Switches the public form on or off and says what stands on it; the first time an address is drawn that nobody can guess.</summary>
[Action("设置公开表单", "marketing.campaigns.update", Route = "campaigns/{campaignId}/web-form", Help = "打开或关闭市场活动的公开表单，设置标题和说明。只在活动进行中接受提交。", Example = "{\"open\":true,\"title\":\"秋季新品体验会报名\"}")]
public sealed record SetWebForm([Label("市场活动的编号")] long CampaignId, [Label("开放")] bool Open, [Label("标题"), MaxLength(100)] string? Title = null, [Label("说明"), MaxLength(500)] string? Intro = null) : ICommand<Done>;

/// <summary>Draws another address; the former one leads nowhere from now on.</summary>
[Action("更换表单地址", "marketing.campaigns.update", Route = "campaigns/{campaignId}/web-form/renew", Help = "为公开表单换一个新地址，原来的立即失效。")]
public sealed record RenewWebForm([Label("市场活动的编号")] long CampaignId) : ICommand<Done>;

internal sealed class WebFormHandlers(IDocuments<Campaign> campaigns, IDb db, IScope scope, ITeams teams, IHistory history, ICurrentUser me) : IQueryHandler<GetWebForm, WebFormView>, ICommandHandler<SetWebForm, Done>, ICommandHandler<RenewWebForm, Done>
{
    public async Task<WebFormView> Handle(GetWebForm query, CancellationToken ct)
    {
        var campaign = await campaigns.Get(query.CampaignId, ct);
        var mine = await db.First<long?>($"select c.id from marketing.campaign c where c.id = {campaign.Id} and {scope.ToChange("campaign", "c")}", ct) is not null;
        var form = await Find(campaign.Id, ct);
        return new(form is null ? null : PublicForm.Path(form.FormKey), form?.IsOpen == true, form?.IsOpen == true && campaign.Status == Campaign.Running, form?.Title ?? campaign.Name, form?.Intro, form?.Received ?? 0, form?.LastAt, mine && !campaign.IsOver && me.May("marketing.campaigns.update"));
    }

    public async Task<Done> Handle(SetWebForm command, CancellationToken ct)
    {
        var campaign = await Mine(command.CampaignId, ct);
        var (title, intro) = (string.IsNullOrWhiteSpace(command.Title) ? campaign.Name : command.Title.Trim(), string.IsNullOrWhiteSpace(command.Intro) ? null : command.Intro.Trim());
        var before = await Find(campaign.Id, ct);
        if (before is null) await db.Insert("marketing.web_form", ["campaign_id", "form_key", "is_open", "title", "intro", "received"], [[campaign.Id, Key(), command.Open, title, intro, 0L]], ct);
        else await db.Execute($"update marketing.web_form set is_open = {command.Open}, title = {title}, intro = {intro} where campaign_id = {campaign.Id}", ct);
        if (before?.IsOpen != command.Open) await history.Write(campaign.Id, "web-form", [("公开表单", before is null ? null : before.IsOpen ? "开放" : "未开放", command.Open ? "开放" : "未开放")], ct);
        return default;
    }

    public async Task<Done> Handle(RenewWebForm command, CancellationToken ct)
    {
        var campaign = await Mine(command.CampaignId, ct);
        if (await db.Execute($"update marketing.web_form set form_key = {Key()} where campaign_id = {campaign.Id}", ct) == 0) throw new RuleBroken("还没有公开表单。");
        await history.Write(campaign.Id, "web-form", [("公开表单的地址", "原地址", "新地址")], ct);
        return default;
    }

    private async Task<Campaign> Mine(long id, CancellationToken ct)
    {
        // Held first: two who open the form at once draw one address.
        await teams.Hold(Hub.Team, [id], ct);
        var campaign = await campaigns.GetToChange(id, ct);
        campaign.MustLive();
        return campaign;
    }

    private Task<Row?> Find(long campaign, CancellationToken ct) => db.First<Row>($"select f.form_key, f.is_open, f.title, f.intro, f.received, f.last_at from marketing.web_form f where f.campaign_id = {campaign}", ct);

    /// <summary>128 bits, fit for an address.</summary>
    private static string Key() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private sealed record Row(string FormKey, bool IsOpen, string Title, string? Intro, long Received, DateTime? LastAt);
}
