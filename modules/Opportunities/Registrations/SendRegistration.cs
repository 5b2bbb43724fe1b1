using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Registrations;

/// <summary>Sends a registration by mail from a template to the vendor's people (OPP-6), once for each state of it that someone has seen.</summary>
/// <param name="Version">The registration's as it was seen: of two clicks the second finds another one.</param>
/// <returns>How many letters.</returns>
[Action("发送报备", "opportunities.registrations.update", Route = "registrations/{registrationId}/send", Help = "按邮件模板把报备发给上游的联系人，每人一封；version 为所见的版本，同一版本只发一次。还须有发送邮件的权限。返回发送了几封。", Example = "{\"templateId\":1,\"contactIds\":[1024],\"version\":1}")]
public sealed record SendRegistration([Label("报备的编号")] long RegistrationId, [Label("邮件模板")] long TemplateId, [Label("收件的联系人")] IReadOnlyList<long> ContactIds, [Label("所见的版本"), Required] long Version) : ICommand<int>;

internal sealed class SendRegistrationHandler(IDocuments<Registration> registrations, RegistrationDesk desk, IOutgoing outgoing, IMediator mediator, IHistory history, ICurrentUser me, IWorkCalendar calendar, TimeProvider clock) : ICommandHandler<SendRegistration, int>
{
    private const int Most = 20;

    public async Task<int> Handle(SendRegistration command, CancellationToken ct)
    {
        if (!me.May(OutgoingRights.Send)) throw new NotAllowed("邮件与短信：就单据发送");
        var r = await desk.ToChange(command.RegistrationId, ct);
        if (r.Version != command.Version) throw new RuleBroken("这份报备刚被修改或发送过，请刷新后再试。");
        if (r.Status == Registration.Accepted) throw new RuleBroken("报备已通过，不用再发送。");
        var wanted = command.ContactIds.Distinct().ToList();
        if (wanted.Count is 0 or > Most) throw new Invalid("contactIds", $"请选择 1 到 {Most} 位联系人。");
        var people = await Receivers(r.VendorId!.Value, wanted, ct);
        foreach (var (id, to) in people) await outgoing.Mail(to, command.TemplateId, r.Id, $"opportunities.registration.{r.Id}.{r.Version}.{id}", ct);
        (r.Status, r.SentAt, r.ProtectedUntil) = (Registration.Sent, clock.GetUtcNow().UtcDateTime, null);
        r.RegisteredOn ??= calendar.Today;
        r.ContactId ??= wanted[0];
        await registrations.Keep([r], "the user may change it; of two who send at once the version lets one", ct);
        await history.Write(r.Id, "mail", [("发送报备", null, string.Join("、", people.Select(p => p.To.Name)))], ct);
        return people.Count;
    }

    /// <summary>Only people the user sees, only the vendor's, and only addresses the user may read; that a masked one was read is written down.</summary>
    private async Task<IReadOnlyList<(long Id, Receiver To)>> Receivers(long vendor, IReadOnlyList<long> wanted, CancellationToken ct)
    {
        if ((await mediator.Send(new ListDocuments("contact", new ListRequest { TiedTo = vendor, TiedBy = "contacts", Ids = [.. wanted], Take = Most, Columns = ["name"] }), ct)).Rows.Count != wanted.Count)
            throw new Invalid("contactIds", "联系人不存在，或不是这个上游的联系人。");
        var people = new List<(long, Receiver)>(wanted.Count);
        foreach (var id in wanted)
        {
            var contact = await mediator.Send(new GetDocument("contact", id), ct);
            if (contact.Masked.Contains("email") && me.May("customers.contacts.unmask")) contact = await mediator.Send(new GetDocument("contact", id, Unmask: true), ct);
            if (contact.Values.GetValueOrDefault("email") is not string { Length: > 0 } address) throw new Invalid("contactIds", $"联系人“{contact.Title}”没有邮箱。");
            if (contact.Masked.Contains("email")) throw new Invalid("contactIds", $"联系人“{contact.Title}”的邮箱您不能查看，请让其负责人发送。");
            people.Add((id, new Receiver(address, contact.Title)));
        }
        return people;
    }
}

/// <summary>Registrations of opportunities that are not over.</summary>
internal sealed class RegistrationDesk(IDocuments<Registration> registrations, IDocuments<Opportunity> opportunities)
{
    /// <exception cref="RuleBroken">The opportunity has ended, or is not the user's to change.</exception>
    public async Task<Registration> ToChange(long id, CancellationToken ct)
    {
        var r = await registrations.GetToChange(id, ct);
        var o = await opportunities.GetToChange(r.OpportunityId!.Value, ct);
        return o.IsOver ? throw new RuleBroken($"商机已是“{o.StatusText}”，不能再修改。") : r;
    }
}
