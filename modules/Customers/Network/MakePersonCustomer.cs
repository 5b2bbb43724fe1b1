using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Network;

/// <summary>Makes a person customer of a contact (CUS-3): one and the same person, employed where the contact is.</summary>
/// <returns>The customer's id.</returns>
[Action("由联系人生成个人客户", "customers.customers.create", Route = "contacts/{contactId}/make-person", On = "contact", Icon = "user-plus", Help = "由联系人生成潜在的个人客户，联系人即其本人；联系人的单位是其上级客户。返回客户的编号。", Example = "{\"anyway\":true}")]
public sealed record MakePersonCustomer([Label("联系人")] long ContactId, [Label("已有同名客户时仍然新建")] bool Anyway = false) : ICommand<long>;

internal sealed class MakePersonCustomerHandler(IDb db, IScope scope, IDocuments<Contact> contacts, IDocuments<Customer> customers, ICurrentUser me) : ICommandHandler<MakePersonCustomer, long>
{
    public async Task<long> Handle(MakePersonCustomer command, CancellationToken ct)
    {
        // The person's customer is the maker's, and so is the person: not of a contact that is only for reading.
        var contact = await contacts.GetToChange(command.ContactId, ct);
        if (await db.First<string>($"select p.name from customers.customer p where p.person_contact_id = {contact.Id} and p.deleted_at is null and {scope.All("customer", "a person is one customer, whoever may see it")}", ct) is { } person)
            throw new RuleBroken($"联系人“{contact.Name}”已是个人客户“{person}”本人。");
        // An employer out of sight can't be chosen, but the contact stays tied to it.
        var employer = contact.EmployerId is { } id ? (await customers.Find([id], ct)).FirstOrDefault(c => c.Nature == Customer.Company) : null;
        return await customers.Create(new Customer
        {
            Nature = Customer.Person,
            Name = contact.Name,
            Phone = contact.Mobile ?? contact.Phone,
            Email = contact.Email,
            ParentId = employer?.Id,
            PersonContactId = contact.Id,
            CustomerType = "direct",
            TradeRole = "customer",
            Status = "potential",
            OwnerId = me.Id,
        }, command.Anyway ? new HashSet<string> { Duplicates.DuplicateFinder.WarningCode } : null, ct);
    }
}
