using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Customers.Duplicates;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Network;

/// <summary>Makes a potential company customer of the employer that a contact names (CUS-3). Where such a customer is there already, the contact is tied to it instead.</summary>
/// <returns>The customer's id.</returns>
[Action("由联系人单位生成潜在客户", "customers.customers.create", Route = "contacts/{contactId}/make-employer", On = "contact", Icon = "building-circle-arrow-right", Help = "由联系人填写的单位名称生成潜在的单位客户，作为其所在单位；已有这个客户时直接关联。返回客户的编号。", Example = "{\"anyway\":true}")]
public sealed record MakeEmployerCustomer([Label("联系人")] long ContactId, [Label("已有相似客户时仍然新建")] bool Anyway = false) : ICommand<long>;

internal sealed class MakeEmployerCustomerHandler(IDb db, IScope scope, IDocuments<Contact> contacts, IDocuments<Customer> customers, DuplicateFinder duplicates, PersonContacts persons, ICurrentUser me) : ICommandHandler<MakeEmployerCustomer, long>
{
    public async Task<long> Handle(MakeEmployerCustomer command, CancellationToken ct)
    {
        var contact = await contacts.GetToChange(command.ContactId, ct);
        if (contact.EmployerId is not null) throw new RuleBroken("联系人的所在单位已是客户。");
        if (string.IsNullOrEmpty(contact.EmployerName)) throw new RuleBroken("请先填写联系人的单位名称。");
        var name = contact.EmployerName;
        var probe = new Customer { Name = name, NameKey = CompanyName.Normalize(name) };
        var same = (await duplicates.Find([probe], withContactData: false, ct))[probe].ToList();
        var mine = same.Count == 0 ? null : (await customers.Find([.. same.Select(s => s.Id)], ct)).FirstOrDefault(c => c.Nature == Customer.Company);
        if (mine is null && same.Count > 0 && !command.Anyway)
            throw new RuleBroken($"已有客户“{same[0].Name}”（负责人：{same[0].Owner ?? "无"}），请确认不是同一单位。");
        var id = mine?.Id ?? await customers.Create(new Customer { Name = name, CustomerType = "direct", TradeRole = "customer", Status = "potential", OwnerId = me.Id }, new HashSet<string> { DuplicateFinder.WarningCode }, ct);
        // Colleagues who name the same employer work there, too.
        var colleagues = await db.Query<long>($"select k.id from customers.contact k where k.employer_name = {name} and k.employer_id is null and k.deleted_at is null and {scope.ToChange("contact", "k")} order by k.id {db.Dialect.Page(200)}", ct);
        // The new customer may belong to someone else by the rules, and be out of the user's sight: its people are tied to it all the same.
        await persons.WorkAt(id, await contacts.Find([.. colleagues.Append(contact.Id).Distinct()], ct), ct);
        return id;
    }
}
