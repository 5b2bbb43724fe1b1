using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Contacts;

/// <summary>A person customer is its own first contact (CUS-3): made with it, tied to it, one and the same person.</summary>
internal sealed class PersonContacts(IDb db, IScope scope, IDocuments<Contact> contacts, ContactTies ties)
{
    public async Task Keep(IReadOnlyList<Change<Customer>> created, CancellationToken ct)
    {
        if (created.Count == 0) return;
        var made = new List<(Customer Customer, Contact Contact)>();
        foreach (var change in created)
        {
            var customer = change.Now;
            made.Add((customer, new Contact
            {
                Name = customer.Name.Length > 40 ? customer.Name[..40] : customer.Name,
                EmployerId = customer.ParentId,
                Mobile = Sdk.Text.Phone.IsMobile(customer.Phone ?? "") ? Sdk.Text.Phone.Normalize(customer.Phone!) : null,
                Phone = Sdk.Text.Phone.IsMobile(customer.Phone ?? "") ? null : customer.Phone,
                Email = customer.Email,
                OwnerId = customer.OwnerId,
                DepartmentId = customer.DepartmentId,
                Mark = await MarkFor(customer, ct)
            }));
        }
        await contacts.CreateMany([.. made.Select(m => m.Contact)], ct);
        foreach (var (customer, contact) in made)
        {
            customer.PersonContactId = contact.Id;
            await db.Execute($"update customers.customer set person_contact_id = {contact.Id} where id = {customer.Id} and {scope.All("customer", "just created here")}", ct);
        }
        await ties.Tie([.. made.Select(m => (m.Customer.Id, m.Contact.Id))], ct);
    }

    private async Task<string?> MarkFor(Customer customer, CancellationToken ct) =>
        await db.First<long>($"select count(*) from customers.contact k where k.name = {customer.Name} and k.deleted_at is null and {scope.All("contact", "a mark tells people of one name apart")}", ct) > 0 ? customer.Number : null;
}
