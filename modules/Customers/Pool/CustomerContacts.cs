using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>The contacts of a customer belong to whom the customer belongs: whoever gives it away gives its people away, and nobody keeps the phone numbers of a released customer.</summary>
internal sealed class CustomerContacts(IDb db, IDocuments<Contact> contacts)
{
    /// <summary>Those employed by the customers and owned by their former owners get the new ones.</summary>
    public async Task Follow(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        var moved = changes.Where(c => c.Before!.OwnerId is not null && c.Before.OwnerId != c.Now.OwnerId).ToDictionary(c => c.Now.Id);
        if (moved.Count == 0) return;
        var from = moved.Values.Select(c => c.Before!.OwnerId!.Value).Distinct().ToList();
        await contacts.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.employer_id"), [.. moved.Keys])} and {db.Dialect.In(Sql.Trusted("t.owner_id"), from)}", "they go where their customer goes, which was allowed", c =>
        {
            var customer = moved[c.Now.EmployerId!.Value];
            if (c.Now.OwnerId == customer.Before!.OwnerId) c.Now.OwnerId = customer.Now.OwnerId;
        }, ct);
    }
}
