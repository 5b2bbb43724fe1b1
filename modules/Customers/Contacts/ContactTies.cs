using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Contacts;

/// <summary>The ties between contacts and customers (CUS-3), and who sees a contact because of them: the owner of each customer it is tied to (SEC-2).</summary>
internal sealed class ContactTies(IDb db, IAccess access)
{
    /// <returns>Whether there was anything to tie.</returns>
    public async Task<bool> Tie(IReadOnlyCollection<(long Customer, long Contact)> pairs, CancellationToken ct)
    {
        var wanted = pairs.Distinct().ToList();
        var there = (await db.Query<Pair>($"select customer_id, contact_id from customers.contact_tie where {db.Dialect.In(Sql.Trusted("contact_id"), [.. wanted.Select(p => p.Contact)])}", ct)).Select(p => (p.CustomerId, p.ContactId)).ToHashSet();
        wanted.RemoveAll(p => there.Contains((p.Customer, p.Contact)));
        await db.Insert("customers.contact_tie", ["customer_id", "contact_id"], wanted.Select(p => new object?[] { p.Customer, p.Contact }), ct);
        await access.Follow("contact", [.. wanted.Select(p => p.Contact)], ct);
        return wanted.Count > 0;
    }

    /// <returns>Whether they were tied.</returns>
    public async Task<bool> Untie(long customer, long contact, CancellationToken ct)
    {
        var there = await db.Execute($"delete from customers.contact_tie where customer_id = {customer} and contact_id = {contact}", ct) > 0;
        await access.Follow("contact", [contact], ct);
        return there;
    }

    /// <summary>In both histories, by number: whoever sees the one may not see the other, and a name that is erased would stay there.</summary>
    public static async Task Note(IHistory history, Customer customer, Contact contact, bool tied, CancellationToken ct)
    {
        await history.Write(customer.Id, "tie", [tied ? ("联系人", null, contact.Number) : ("联系人", contact.Number, null)], ct);
        await history.Write(contact.Id, "tie", [tied ? ("相关客户", null, customer.Number) : ("相关客户", customer.Number, null)], ct);
    }

    private sealed record Pair(long CustomerId, long ContactId);
}

/// <summary>Ties a contact to a customer.</summary>
[Action("关联联系人", "customers.contacts.update", Route = "customers/{customerId}/contacts/{contactId}/tie", Help = "把联系人关联到客户，之后客户的负责人看得到、改得了这个联系人。只与您共享阅读的联系人不能关联。")]
public sealed record TieContact(long CustomerId, long ContactId) : ICommand<Done>;

internal sealed class TieContactHandler(IDocuments<Customer> customers, IDocuments<Contact> contacts, ContactTies ties, IHistory history) : ICommandHandler<TieContact, Done>
{
    public async Task<Done> Handle(TieContact command, CancellationToken ct)
    {
        // Whoever owns the customer may change the contact from now on: that is only for who may change it now to give.
        var (customer, contact) = (await customers.Get(command.CustomerId, ct), await contacts.GetToChange(command.ContactId, ct));
        if (await ties.Tie([(customer.Id, contact.Id)], ct)) await ContactTies.Note(history, customer, contact, tied: true, ct);
        return default;
    }
}

/// <summary>Unties a contact from a customer that is not its employer.</summary>
[Action("取消关联", "customers.contacts.update", Route = "customers/{customerId}/contacts/{contactId}/untie", Help = "取消联系人与客户的关联，两份资料都保留。")]
public sealed record UntieContact(long CustomerId, long ContactId) : ICommand<Done>;

internal sealed class UntieContactHandler(IDocuments<Customer> customers, IDocuments<Contact> contacts, ContactTies ties, IDb db, IScope scope, IHistory history) : ICommandHandler<UntieContact, Done>
{
    public async Task<Done> Handle(UntieContact command, CancellationToken ct)
    {
        var (customer, contact) = (await customers.Get(command.CustomerId, ct), await contacts.GetToChange(command.ContactId, ct));
        if (contact.EmployerId == customer.Id) throw new RuleBroken("联系人始终属于其所在单位。如已离职，请先更改联系人的所在单位。");
        if (customer.PersonContactId == contact.Id) throw new RuleBroken("个人客户本人就是其第一联系人，不能取消关联。");
        if (await db.First<string>($"select p.name from customers.customer p where p.person_contact_id = {contact.Id} and p.parent_id = {customer.Id} and p.deleted_at is null and {scope.All("customer", "the network is whole, whoever may see its parts")}", ct) is not null)
            throw new RuleBroken("联系人本人是这个单位的个人客户，始终属于该单位。如已离职，请先更改个人客户的上级客户。");
        if (await ties.Untie(customer.Id, contact.Id, ct)) await ContactTies.Note(history, customer, contact, tied: false, ct);
        return default;
    }
}
