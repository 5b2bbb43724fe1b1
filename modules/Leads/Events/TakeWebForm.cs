using System.Globalization;
using KuaipuCrm.Leads.Assign;
using KuaipuCrm.Published.Leads;
using KuaipuCrm.Published.Marketing;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Leads.Events;

/// <summary>What someone filled in from outside becomes a lead with the campaign as its source (MKT-6); whoever asks again within a day, by the same number or address, is heard in the same lead.</summary>
internal sealed class TakeWebForm(IDb db, IScope scope, IDocuments<Lead> leads, Turns turns, IOrganization organization, IDictionaries dictionaries, IMessages messages, IMediator mediator, IEvents events, IWorkCalendar calendar) : IEventHandler<WebFormFilled>
{
    private const string Why = "anybody may fill the form in, whoever is going to own the lead", Source = "register";
    private const int MostContent = 4000;

    public async Task Handle(WebFormFilled e, CancellationToken ct)
    {
        // Taken in before.
        if (await mediator.Send(new WebFormAnswer(e.AnswerId), ct) is not { } said) return;
        events.Publish(new WebFormTaken(e.DocumentId, e.AnswerId, await Take(e, said, ct)));
    }

    private async Task<long> Take(WebFormFilled e, WebFormWords said, CancellationToken ct)
    {
        if (await Earlier(e, said, ct) is { } earlier && $"{earlier.Content}\n\n{Said(e, said)}".Trim() is { Length: <= MostContent } more)
        {
            earlier.Content = more;
            await leads.Keep([earlier], Why, ct);
            if (earlier.OwnerId is { } told) await messages.Send([told], "lead", $"线索“{earlier.Subject}”又填写了公开表单。", earlier.Id, ct);
            return earlier.Id;
        }
        var lead = new Lead
        {
            CampaignId = e.DocumentId,
            At = e.At,
            Company = said.Company,
            ContactName = said.Name,
            Mobile = said.Mobile,
            Email = said.Email,
            Content = said.Content,
            Source = dictionaries.Find("lead.source")?.Entries.Any(s => s.Code == Source && !s.Disabled) == true ? Source : null,
        };
        // By rule, in turn; where no rule fits it is the campaign's owner's.
        if ((await turns.Give([lead], null, automatic: true, ct)).Count > 0 && e.OwnerId is { } owner && organization.Person(owner) is { Enabled: true } person)
            (lead.OwnerId, lead.DepartmentId) = (owner, person.DepartmentId);
        await leads.Keep([lead], Why, ct);
        if (lead.OwnerId is { } to) await messages.Send([to], "lead", $"公开表单收到新线索“{lead.Subject}”。", lead.Id, ct);
        return lead.Id;
    }

    private async Task<Lead?> Earlier(WebFormFilled e, WebFormWords said, CancellationToken ct)
    {
        // The same person, not the same company: a colleague is a lead of their own.
        var since = e.At.AddDays(-1);
        var same = new List<Sql>();
        if (said.Mobile is { } mobile) same.Add($"l.mobile = {mobile}");
        if (said.Email is { } email) same.Add($"l.email = {email}");
        var id = await db.First<long?>($"""
            select l.id from leads.lead l where l.campaign_id = {e.DocumentId} and l.at > {since} and l.deleted_at is null and l.status in ({Lead.Open}, {Lead.Following}) and ({Sql.Join(" or ", same)})
            and {scope.All("lead", Why)} order by l.id desc {db.Dialect.Page(1)}
            """, ct);
        return id is { } found ? await leads.FindAny(found, Why, ct) : null;
    }

    /// <summary>What came later, without numbers and addresses: those stand in fields of their own.</summary>
    private string Said(WebFormFilled e, WebFormWords said) =>
        $"[{TimeZoneInfo.ConvertTimeFromUtc(e.At, calendar.Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}] {string.Join(' ', new[] { said.Name, said.Company }.OfType<string>())}\n{said.Content}".Trim();
}
