using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Mailing;

internal sealed class ContactsOfHandler(IDb db, IScope scope, ICurrentUser me) : IQueryHandler<ContactsOf, IReadOnlyList<ContactOf>>
{
    public async Task<IReadOnlyList<ContactOf>> Handle(ContactsOf query, CancellationToken ct)
    {
        if (query.Customers.Count == 0 || !me.May("customers.customers.read") || !me.May("customers.contacts.read")) return [];
        var rows = await db.Query<Row>($"""
            select k.id, t.customer_id, k.name, k.email, k.mobile, k.refuses_mail from customers.contact_tie t join customers.contact k on k.id = t.contact_id join customers.customer c on c.id = t.customer_id
            where {db.Dialect.In(Sql.Trusted("t.customer_id"), [.. query.Customers.Take(10_000)])} and c.deleted_at is null and k.deleted_at is null and k.erased_at is null and {scope.Of("contact", "k")} and {scope.Of("customer", "c")} order by k.id, t.customer_id
            """, ct);
        var refused = rows.Where(r => r.RefusesMail == true).SelectMany(r => new[] { r.Email?.ToLowerInvariant(), r.Mobile }).OfType<string>().ToHashSet();
        return [.. rows.Select(r => new ContactOf(r.Id, r.CustomerId, r.Name, r.Email, r.Mobile, r.RefusesMail == true || r.Email is { } e && refused.Contains(e.ToLowerInvariant()) || r.Mobile is { } m && refused.Contains(m)))];
    }

    private sealed record Row(long Id, long CustomerId, string Name, string? Email, string? Mobile, bool? RefusesMail);
}
