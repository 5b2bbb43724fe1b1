using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Mailing;

/// <summary>Whom a bulk mail (群发邮件, CUS-19, TRK-8) to the contacts of these customers, or to these contacts, would reach, and what the first one would read. Nothing is sent.</summary>
[Action("群发邮件预览", OutgoingRights.Send, Route = "customers/mail-preview", Help = "给所选客户的联系人群发邮件之前：会发给多少人，多少人没有邮箱、拒收或重复，以及第一位会收到的内容。只发给个别联系人时，ids 为空数组，contactIds 为联系人。不会发送。", Example = "{\"ids\":[1024],\"templateId\":1}")]
public sealed record PreviewMailing([Label("客户")] IReadOnlyList<long> Ids, [Label("邮件模板")] long TemplateId, [Label("联系人")] IReadOnlyList<long>? ContactIds = null) : ICommand<MailingPreview>;

/// <param name="Customers">Those of the chosen that the user may see.</param>
/// <param name="Receivers">Contacts that will be written to, each address once.</param>
/// <param name="Unreachable">Contacts without an address.</param>
/// <param name="Refusing">Contacts that want no bulk mail.</param>
/// <param name="Repeated">Contacts whose address another has, too.</param>
/// <param name="Without">Customers none of whose contacts can be written to, and chosen contacts that are not, by name, the first ones.</param>
/// <param name="Sample">As the first one would read it.</param>
public sealed record MailingPreview(int Customers, int Receivers, int Unreachable, int Refusing, int Repeated, IReadOnlyList<string> Without, string? SampleTo, Rendered? Sample);

/// <summary>Sends a mail from a template to the contacts of the customers and to the chosen contacts: one delivery each, not to who refuses; each stands in the contact's 邮件记录.</summary>
/// <param name="Receivers">How many the preview told: if they are others by now, nothing is sent.</param>
/// <param name="OnceKey">Of the form: however often it is sent, one mailing is made.</param>
[Action("群发邮件", OutgoingRights.Send, Route = "customers/mail", Help = "按模板给所选客户的联系人群发邮件，每人一封；拒收和退订的不发。只发给个别联系人时，ids 为空数组，contactIds 为联系人。receivers 为预览给出的人数，不符则不发。", Example = "{\"ids\":[1024],\"templateId\":1,\"label\":\"新品通知\",\"receivers\":1,\"onceKey\":\"c0ffee\"}")]
public sealed record MailContacts([Label("客户")] IReadOnlyList<long> Ids, [Label("邮件模板")] long TemplateId, [Label("名称"), Required, MaxLength(60)] string Label, [Label("预览时的人数")] int Receivers, [Label("防重复的键"), Required, MaxLength(60)] string OnceKey, [Label("联系人")] IReadOnlyList<long>? ContactIds = null) : ICommand<MailingResult>;

internal sealed class MailingHandlers(IDb db, IScope scope, IDocuments<Customer> customers, IOutgoing outgoing, ITemplates templates, IHistory history, ICurrentUser me)
    : ICommandHandler<PreviewMailing, MailingPreview>, ICommandHandler<MailContacts, MailingResult>
{
    private const int MostContacts = 1_000;

    public async Task<MailingPreview> Handle(PreviewMailing command, CancellationToken ct)
    {
        var (chosen, contacts) = await Contacts(command.Ids, command.ContactIds, ct);
        var (to, repeated) = Receivers(contacts);
        var reached = to.Select(k => k.CustomerId).ToHashSet();
        var sample = to.Count == 0 ? null : await templates.Fill(command.TemplateId, TemplateKind.Mail, "contact", to[0].Id, Receiver(to[0]), ct);
        var people = contacts.DistinctBy(k => k.Id).ToList();
        return new(chosen.Count, to.Count, people.Count(k => string.IsNullOrEmpty(k.Email)), people.Count(k => !string.IsNullOrEmpty(k.Email) && k.RefusesMail == true), repeated,
            [.. chosen.Where(c => !reached.Contains(c.Id) && contacts.All(k => k.CustomerId != c.Id || !to.Any(t => t.Id == k.Id))).Select(c => c.Name).Concat(Unwritten(contacts, to)).Take(20)], to.FirstOrDefault()?.Name, sample);
    }

    public async Task<MailingResult> Handle(MailContacts command, CancellationToken ct)
    {
        var (chosen, contacts) = await Contacts(command.Ids, command.ContactIds, ct);
        var (to, _) = Receivers(contacts);
        if (to.Count == 0) throw new RuleBroken(chosen.Count == 0 ? "所选的联系人都没有可以发送的邮箱。" : "所选客户的联系人都没有可以发送的邮箱。");
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

    private async Task<(IReadOnlyList<Customer> Chosen, IReadOnlyList<Row> Contacts)> Contacts(IReadOnlyList<long>? ids, IReadOnlyList<long>? contactIds, CancellationToken ct)
    {
        if (!me.May("customers.contacts.read")) throw new NotAllowed("联系人：查看");
        var people = contactIds?.Distinct().ToList() ?? [];
        if (people.Count > MostContacts) throw new Invalid("contactIds", $"一次最多处理 {MostContacts:N0} 个联系人，现在选择了 {people.Count:N0} 个。");
        var chosen = people.Count > 0 && ids is not { Count: > 0 } ? [] : await customers.Find(Lists.Chosen.Of(ids ?? []), ct);
        // Only contacts the user sees: what is written to is in sight.
        var contacts = await db.Query<Row>($"""
            select k.id, t.customer_id, k.name, k.email, k.refuses_mail from customers.contact_tie t join customers.contact k on k.id = t.contact_id
            where {db.Dialect.In(Sql.Trusted("t.customer_id"), [.. chosen.Select(c => c.Id)])} and k.deleted_at is null and k.erased_at is null and {scope.Of("contact", "k")} order by k.id, t.customer_id
            """, ct);
        if (people.Count == 0) return (chosen, contacts);
        var named = await db.Query<Row>($"""
            select k.id, k.employer_id as customer_id, k.name, k.email, k.refuses_mail from customers.contact k
            where {db.Dialect.In(Sql.Trusted("k.id"), people)} and k.deleted_at is null and k.erased_at is null and {scope.Of("contact", "k")} order by k.id
            """, ct);
        return (chosen, [.. contacts, .. named.Select(k => k with { Named = true })]);
    }

    /// <summary>Contacts chosen by themselves whose address gets none.</summary>
    private static IEnumerable<string> Unwritten(IReadOnlyList<Row> contacts, IReadOnlyList<Row> to)
    {
        var addresses = to.Select(k => k.Email!.ToLowerInvariant()).ToHashSet();
        return contacts.Where(k => k.Named && !addresses.Contains(k.Email?.ToLowerInvariant() ?? "")).Select(k => k.Name);
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

    private sealed record Row(long Id, long? CustomerId, string Name, string? Email, bool? RefusesMail)
    {
        /// <summary>Chosen by itself, not through its customer.</summary>
        public bool Named { get; init; }
    }
}
