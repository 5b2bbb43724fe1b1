using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Marketing.Mailing;

/// <summary>Whom a bulk mail or text message to the target customers (MKT-6) would reach, and what the first one would read. Nothing is sent.</summary>
[Action("活动群发预览", OutgoingRights.Send, Route = "campaigns/{campaignId}/mailing-preview", Help = "给目标客户的联系人群发邮件或短信之前：会发给多少人，多少人没有地址、拒收或重复，以及第一位会收到的内容。不会发送。", Example = "{\"templateId\":1}")]
public sealed record PreviewCampaignMail([Label("市场活动的编号")] long CampaignId, [Label("模板")] long TemplateId, [Label("mail 邮件或 sms 短信")] string Channel = OutgoingChannel.Mail) : ICommand<CampaignMailPreview>;

/// <param name="Targets">Target customers the user may see.</param>
/// <param name="Receivers">Contacts that are written to, each address once.</param>
/// <param name="Unreachable">Contacts without an address.</param>
/// <param name="Refusing">Contacts that want no bulk mail.</param>
/// <param name="Repeated">Contacts whose address another has, too.</param>
/// <param name="Without">Targets none of whose contacts can be written to, by name, the first ones.</param>
/// <param name="Sample">As the first one would read it.</param>
public sealed record CampaignMailPreview(int Targets, int Receivers, int Unreachable, int Refusing, int Repeated, IReadOnlyList<string> Without, string? SampleTo, Rendered? Sample);

/// <summary>Sends a template about the campaign to the contacts of the target customers: each address once, however often it is sent; it stands in the campaign's 邮件记录.</summary>
/// <param name="Receivers">How many the preview told: if they are others by now, nothing is sent.</param>
[Action("活动群发", OutgoingRights.Send, Route = "campaigns/{campaignId}/mailing", Help = "按市场活动的模板给目标客户的联系人群发邮件或短信，每个地址一份：同样的内容再次群发时，只发给新增的人。拒收和退订的不发。receivers 为预览给出的人数，不符则不发。", Example = "{\"templateId\":1,\"receivers\":1}")]
public sealed record MailCampaign([Label("市场活动的编号")] long CampaignId, [Label("模板")] long TemplateId, [Label("预览时的人数")] int Receivers, [Label("mail 邮件或 sms 短信")] string Channel = OutgoingChannel.Mail, [Label("名称"), MaxLength(60)] string? Label = null) : ICommand<MailingResult>;

internal sealed class MailCampaignHandlers(IDb db, IScope scope, IDocuments<Campaign> campaigns, IMediator mediator, IOutgoing outgoing, ITemplates templates, IHistory history, ICurrentUser me)
    : ICommandHandler<PreviewCampaignMail, CampaignMailPreview>, ICommandHandler<MailCampaign, MailingResult>
{
    private const int Most = 10_000;

    public async Task<CampaignMailPreview> Handle(PreviewCampaignMail command, CancellationToken ct)
    {
        var campaign = await Sending(command.CampaignId, command.Channel, ct);
        var (targets, people) = await People(campaign, ct);
        var (to, repeated) = Receivers(people, command.Channel);
        var reached = to.Select(p => p.Id).ToHashSet();
        var byCustomer = people.ToLookup(p => p.CustomerId);
        var known = people.DistinctBy(p => p.Id).ToList();
        await Said(command.TemplateId, campaign, command.Channel, ct);
        var sample = to.Count == 0 ? null : await templates.Fill(command.TemplateId, command.Channel == OutgoingChannel.Sms ? TemplateKind.Sms : TemplateKind.Mail, "campaign", campaign.Id, To(to[0], command.Channel), ct);
        return new(targets.Count, to.Count, known.Count(p => Address(p, command.Channel) is null), known.Count(p => Address(p, command.Channel) is not null && p.Refuses), repeated,
            [.. targets.Where(t => !(t.ContactId is { } k ? reached.Contains(k) : byCustomer[t.CustomerId].Any(p => reached.Contains(p.Id)))).Select(t => t.Subject).Take(20)], to.FirstOrDefault()?.Name, sample);
    }

    public async Task<MailingResult> Handle(MailCampaign command, CancellationToken ct)
    {
        var campaign = await Sending(command.CampaignId, command.Channel, ct);
        var (_, people) = await People(campaign, ct);
        var (to, _) = Receivers(people, command.Channel);
        if (to.Count == 0) throw new RuleBroken("目标客户的联系人都没有可以发送的地址。");
        if (to.Count != command.Receivers) throw new RuleBroken($"收件人已有变化：预览时 {command.Receivers} 人，现在 {to.Count} 人。请重新预览后再发送。");
        // The same content goes to nobody twice: the key is what the template says of this campaign, to nobody in particular and whoever sends it.
        var said = await Said(command.TemplateId, campaign, command.Channel, ct);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{said.Subject}\n{said.Body}")))[..24];
        var label = string.IsNullOrWhiteSpace(command.Label) ? campaign.Name : command.Label.Trim();
        var result = await outgoing.SendMany(new Sdk.Mailing
        {
            Channel = command.Channel,
            Label = label,
            TemplateId = command.TemplateId,
            DocumentType = "campaign",
            Targets = [.. to.Select(p => new MailingTarget(To(p, command.Channel), campaign.Id, Address(p, command.Channel)))],
            OnceKey = $"marketing.mail.{campaign.Id}.{command.Channel}.{command.TemplateId}.{hash}",
            Promotional = true,
        }, ct);
        if (result.Rows > 0) await history.Write(campaign.Id, "mail", [(command.Channel == OutgoingChannel.Sms ? "群发短信" : "群发邮件", null, $"{label}：{result.Rows} 人")], ct);
        return result;
    }

    /// <summary>What the template says of the campaign; one of another kind is none.</summary>
    private Task<Rendered> Said(long template, Campaign campaign, string channel, CancellationToken ct) =>
        templates.Said(template, channel == OutgoingChannel.Sms ? TemplateKind.Sms : TemplateKind.Mail, "campaign", campaign.Id, ct);

    private async Task<Campaign> Sending(long id, string channel, CancellationToken ct)
    {
        if (channel is not (OutgoingChannel.Mail or OutgoingChannel.Sms)) throw new Invalid("channel", "只能用 mail（邮件）或 sms（短信）。");
        if (!me.May("marketing.campaigns.update")) throw new NotAllowed("市场活动：修改");
        var campaign = await campaigns.GetToChange(id, ct);
        campaign.MustBe(Campaign.Approved, Campaign.Running);
        return campaign;
    }

    /// <summary>The targets the user may see, and the contacts they mean: the one that was named, else all of the customer's.</summary>
    private async Task<(IReadOnlyList<Row> Targets, IReadOnlyList<ContactOf> People)> People(Campaign campaign, CancellationToken ct)
    {
        var targets = await db.Query<Row>($"select t.id, t.subject, t.customer_id, t.contact_id from marketing.target t where t.campaign_id = {campaign.Id} and t.deleted_at is null and {scope.Of("campaigntarget", "t")} order by t.id {db.Dialect.Page(Most + 1)}", ct);
        if (targets.Count > Most) throw new RuleBroken($"目标客户超过 {Most:N0} 个，请分成几个市场活动。");
        var people = await mediator.Send(new ContactsOf([.. targets.Select(t => t.CustomerId).Distinct()]), ct);
        var whole = targets.Where(t => t.ContactId is null).Select(t => t.CustomerId).ToHashSet();
        var named = targets.Select(t => t.ContactId).OfType<long>().ToHashSet();
        return (targets, [.. people.Where(p => whole.Contains(p.CustomerId) || named.Contains(p.Id))]);
    }

    /// <summary>One of each address, the first contact's; none of those who refuse.</summary>
    private static (List<ContactOf> To, int Repeated) Receivers(IReadOnlyList<ContactOf> people, string channel)
    {
        var willing = people.DistinctBy(p => p.Id).Where(p => Address(p, channel) is not null && !p.Refuses).ToList();
        var to = willing.DistinctBy(p => Address(p, channel)).ToList();
        return (to, willing.Count - to.Count);
    }

    private static string? Address(ContactOf p, string channel) => channel == OutgoingChannel.Sms ? string.IsNullOrEmpty(p.Mobile) ? null : p.Mobile : string.IsNullOrEmpty(p.Email) ? null : p.Email.ToLowerInvariant();

    private static Receiver To(ContactOf p, string channel) => new(channel == OutgoingChannel.Sms ? p.Mobile! : p.Email!, p.Name);

    private sealed record Row(long Id, string Subject, long CustomerId, long? ContactId);
}
