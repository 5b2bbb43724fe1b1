using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Mailing;

/// <summary>Whom a bulk mail (群发邮件, CUS-19) to the contacts of these customers would reach, and what the first one would read. Nothing is sent.</summary>
[Action("群发邮件预览", OutgoingRights.Send, Route = "customers/mail-preview", Help = "给所选客户的联系人群发邮件之前：会发给多少人，多少人没有邮箱、拒收或重复，以及第一位会收到的内容。不会发送。", Example = "{\"ids\":[1024],\"templateId\":1}")]
public sealed record PreviewMailing([Label("客户")] IReadOnlyList<long> Ids, [Label("邮件模板")] long TemplateId) : ICommand<MailingPreview>;

/// <param name="Customers">Those of the chosen that the user may see.</param>
/// <param name="Receivers">Contacts that will be written to, each address once.</param>
/// <param name="Unreachable">Contacts without an address.</param>
/// <param name="Refusing">Contacts that want no bulk mail.</param>
/// <param name="Repeated">Contacts whose address another has, too.</param>
/// <param name="Without">Customers none of whose contacts can be written to, by name, the first ones.</param>
/// <param name="Sample">As the first one would read it.</param>
public sealed record MailingPreview(int Customers, int Receivers, int Unreachable, int Refusing, int Repeated, IReadOnlyList<string> Without, string? SampleTo, Rendered? Sample);

/// <summary>Sends a mail from a template to the contacts of the customers: one delivery each, not to who refuses; each stands in the contact's 邮件记录.</summary>
/// <param name="Receivers">How many the preview told: if they are others by now, nothing is sent.</param>
/// <param name="OnceKey">Of the form: however often it is sent, one mailing is made.</param>
[Action("群发邮件", OutgoingRights.Send, Route = "customers/mail", Help = "按模板给所选客户的联系人群发邮件，每人一封；拒收和退订的不发。receivers 为预览给出的人数，不符则不发。", Example = "{\"ids\":[1024],\"templateId\":1,\"label\":\"新品通知\",\"receivers\":1,\"onceKey\":\"c0ffee\"}")]
public sealed record MailContacts([Label("客户")] IReadOnlyList<long> Ids, [Label("邮件模板")] long TemplateId, [Label("名称"), Required, MaxLength(60)] string Label, [Label("预览时的人数")] int Receivers, [Label("防重复的键"), Required, MaxLength(60)] string OnceKey) : ICommand<MailingResult>;

internal sealed class MailingHandlers(IDb db, IScope scope, IDocuments<Customer> customers, IOutgoing outgoing, ITemplates templates, IHistory history, ICurrentUser me)
    : ICommandHandler<PreviewMailing, MailingPreview>, ICommandHandler<MailContacts, MailingResult>
{
    public async Task<MailingPreview> Handle(PreviewMailing command, CancellationToken ct)
    {
        var (chosen, contacts) = await Contacts(command.Ids, ct);
        var (to, repeated) = Receivers(contacts);
        var reached = to.Select(k => k.CustomerId).ToHashSet();
        var sample = to.Count == 0 ? null : await templates.Fill(command.TemplateId, TemplateKind.Mail, "contact", to[0].Id, Receiver(to[0]), ct);
        var people = contacts.DistinctBy(k => k.Id).ToList();
        return new(chosen.Count, to.Count, people.Count(k => string.IsNullOrEmpty(k.Email)), people.Count(k => !string.IsNullOrEmpty(k.Email) && k.RefusesMail == true), repeated,
            [.. chosen.Where(c => !reached.Contains(c.Id) && contacts.All(k => k.CustomerId != c.Id || !to.Any(t => t.Id == k.Id))).Select(c => c.Name).Take(20)], to.FirstOrDefault()?.Name, sample);
    }

    public async Task<MailingResult> Handle(MailContacts command, CancellationToken ct)
    {
        var (chosen, contacts) = await Contacts(command.Ids, ct);
        var (to, _) = Receivers(contacts);
        if (to.Count == 0) throw new RuleBroken("所选客户的联系人都没有可以发送的邮箱。");
        if (to.Count != command.Receivers) throw new RuleBroken($"收件人已有变化：预览时 {command.Receivers} 人，现在 {to.Count} 人。请重新预览后再发送。");
        var result = await outgoing.SendMany(new Sdk.Mailing
        {
            Label = command.Label.Trim(),
            TemplateId = command.TemplateId,
            DocumentType = "contact",
            Targets = [.. to.Select(k => new MailingTarget(Receiver(k), k.Id, k.Email!.ToLowerInvariant()))],
            OnceKey = $"customers.mail.{me.Id}.{command.OnceKey}",
            Promotional = true,
        }, ct);
        foreach (var customer in chosen.Where(c => contacts.Any(k => k.CustomerId == c.Id && to.Any(t => t.Id == k.Id))))
            await history.Write(customer.Id, "mail", [("群发邮件", null, command.Label.Trim())], ct);
        return result;
    }

    private async Task<(IReadOnlyList<Customer> Chosen, IReadOnlyList<Row> Contacts)> Contacts(IReadOnlyList<long> ids, CancellationToken ct)
    {
        if (!me.May("customers.contacts.read")) throw new NotAllowed("联系人：查看");
        var chosen = await customers.Find(Lists.Chosen.Of(ids), ct);
        // Only contacts the user sees: what is written to is in sight.
        var contacts = await db.Query<Row>($"""
            select k.id, t.customer_id, k.name, k.email, k.refuses_mail from customers.contact_tie t join customers.contact k on k.id = t.contact_id
            where {db.Dialect.In(Sql.Trusted("t.customer_id"), [.. chosen.Select(c => c.Id)])} and k.deleted_at is null and k.erased_at is null and {scope.Of("contact", "k")} order by k.id, t.customer_id
            """, ct);
        return (chosen, contacts);
    }

    /// <summary>One of each address, the first contact's; none of those who refuse.</summary>
    private static (List<Row> To, int Repeated) Receivers(IReadOnlyList<Row> contacts)
    {
        var willing = contacts.DistinctBy(k => k.Id).Where(k => !string.IsNullOrEmpty(k.Email) && k.RefusesMail != true).ToList();
        // An address that one of its holders refuses mail to gets none through the other.
        var refused = contacts.Where(k => k.RefusesMail == true && !string.IsNullOrEmpty(k.Email)).Select(k => k.Email!.ToLowerInvariant()).ToHashSet();
        willing.RemoveAll(k => refused.Contains(k.Email!.ToLowerInvariant()));
        var to = willing.DistinctBy(k => k.Email!.ToLowerInvariant()).ToList();
        return (to, willing.Count - to.Count);
    }

    private static Receiver Receiver(Row contact) => new(contact.Email!, contact.Name);

    private sealed record Row(long Id, long CustomerId, string Name, string? Email, bool? RefusesMail);
}
