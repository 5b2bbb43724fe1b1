using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Network;

/// <summary>Makes the contact of a person customer (CUS-3). It has one from the beginning: then that one is told, and nothing doubled.</summary>
/// <returns>The contact's id.</returns>
[Action("由个人客户生成联系人", "customers.contacts.create", Route = "customers/{customerId}/make-contact", On = "customer", Icon = "address-card", Help = "个人客户的本人联系人；没有时生成，已有时返回它的编号。", Confirm = "为这位个人客户生成本人联系人？已有时不会重复生成。", Example = "{}")]
public sealed record MakeContact([Label("个人客户")] long CustomerId) : ICommand<long>;

internal sealed class MakeContactHandler(IDocuments<Customer> customers, IDocuments<Contact> contacts, PersonContacts persons) : ICommandHandler<MakeContact, long>
{
    public async Task<long> Handle(MakeContact command, CancellationToken ct)
    {
        var customer = await customers.GetToChange(command.CustomerId, ct);
        if (customer.Nature != Customer.Person) throw new RuleBroken("只有个人客户才能生成本人联系人。");
        if (customer.PersonContactId is { } own && await contacts.FindAny(own, "the person's own contact, whoever may see it", ct) is not null) return own;
        customer.PersonContactId = null;
        await persons.Keep([customer], ct);
        return customer.PersonContactId!.Value;
    }
}
