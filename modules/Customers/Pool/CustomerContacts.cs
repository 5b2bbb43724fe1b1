using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>The contacts of a customer belong to whom the customer belongs: whoever gives it away gives its people away, and nobody keeps the phone numbers of a released customer.</summary>
internal sealed class CustomerContacts(IDb db, IDocuments<Contact> contacts)
{
    /// <summary>Those employed by the customers, and the persons the customers are, get the new owners where the former ones owned them; nobody's go along with a customer that was nobody's.</summary>
    public async Task Follow(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        var moved = changes.Where(c => c.Before!.OwnerId != c.Now.OwnerId).ToDictionary(c => c.Now.Id);
        if (moved.Count == 0) return;
        var persons = moved.Values.Where(c => c.Now.PersonContactId is not null).ToDictionary(c => c.Now.PersonContactId!.Value);
        var from = moved.Values.Select(c => c.Before!.OwnerId).OfType<long>().Distinct().ToList();
        Sql whose = $"({db.Dialect.In(Sql.Trusted("t.owner_id"), from)} or t.owner_id is null)";
        await contacts.ChangeWhere($"({db.Dialect.In(Sql.Trusted("t.employer_id"), [.. moved.Keys])} or {db.Dialect.In(Sql.Trusted("t.id"), [.. persons.Keys])}) and {whose}", "they go where their customer goes, which was allowed", c =>
        {
            var customer = persons.GetValueOrDefault(c.Now.Id) ?? moved[c.Now.EmployerId!.Value];
            if (c.Now.OwnerId == customer.Before!.OwnerId) c.Now.OwnerId = customer.Now.OwnerId;
        }, ct);
    }
}
